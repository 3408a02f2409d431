"""``offliniofs edit``: what a user knows better than every name and tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.app.locate import Found
from offliniofs.catalog.writer import Writer
from offliniofs.cli.caller import as_caller, group_id, located, title_of
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.content import ContentKind
from offliniofs.domain.editing import EditableField, EditValue, MetadataEdit, written_number
from offliniofs.domain.errors import UsageError
from offliniofs.domain.ids import ContentId, FileId

_FIELDS = {field.value.replace("_", "-"): field for field in EditableField}
_KINDS = ("movie", "series", "other")


@dataclass(frozen=True, slots=True)
class _Change:
    """One thing to do with every subject. ``shown``: for the dry run and the answer."""

    shown: str
    run: Callable[[Writer, OpenLibrary, str, Found], object]


@click.command("edit")
@click.argument("subjects", metavar="[ID|PATH]…", nargs=-1, type=click.Path(readable=False, path_type=bytes))
@click.option("--title", help="The title, an episode's or a track's where one of those is named.")
@click.option("--original-title", help="The title in its own language.")
@click.option("--year", type=click.IntRange(1800, 2999), help="The year of the title.")
@click.option("--genre", "genres", multiple=True, help="All genres of the title; more than one with several --genre.")
@click.option("--add-genre", multiple=True, help="One genre more.")
@click.option("--remove-genre", multiple=True, help="One genre less.")
@click.option("--tag", "tags", multiple=True, help="All tags of the title; more than one with several --tag.")
@click.option("--favourite/--no-favourite", default=None, help="Whether it is among the favourites.")
@click.option("--rating", type=click.FloatRange(0, 10), help="From 0 to 10.")
@click.option("--plot", help="What it is about.")
@click.option("--edition", help='Of a file, e.g. "Director\'s Cut".')
@click.option("--quality", help="Of a file: a quality class such as Bluray-1080p.")
@click.option("--type", "kind", type=click.Choice(_KINDS), help="What the title is; its files are shelved anew.")
@click.option("--into", metavar="ID|PATH", help="Unite it with this title: its files come to stand there.")
@click.option("--name", help="Of a file: a name of your own, which nothing changes later.")
@click.option("--only-group", metavar="GROUP", help="The one group that may enter the title; '' for everybody.")
@click.option("--age", metavar="YEARS", help="From what age on the title is, for rules of ages; '' takes it back.")
@click.option("--age-rule", metavar="YEARS:GROUP", help="Titles from that age on are for one group; 'YEARS:' for all.")
@click.option("--clear", multiple=True, type=click.Choice(sorted(_FIELDS)), help="Take your edit of a field back.")
@click.option("--dry-run", is_flag=True, help="Say what would be changed, change nothing.")
@verb
def command(invocation: Invocation, /, subjects: tuple[bytes, ...], dry_run: bool, **options: object) -> None:
    """Change what is known of titles and files. Your word wins over every later import; 'undo' takes it back.

    ID is a title's number as lists print it, or file:NUMBER. All of one command is one step for 'undo'.
    """
    changes, rule = _changes(options), options["age_rule"]
    if isinstance(rule, str) and not subjects and not changes:
        _set_age_rule(invocation, rule, dry_run=dry_run)
        return
    if not subjects or not changes or rule is not None:
        raise UsageError("Name what to edit and what to set, e.g.: offliniofs edit 12 --year 1982")
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        found = located(library, subjects)
        if not dry_run:
            with as_caller(library) as writer:
                for name, place in found:
                    for change in changes:
                        change.run(writer, library, name, place)
        for name, _ in found:
            _answer(name, changes, dry_run=dry_run, as_json=invocation.as_json)


def _set_age_rule(invocation: Invocation, rule: str, *, dry_run: bool) -> None:
    """A rule for all titles at once."""
    years, _, group = rule.partition(":")
    if not (years.isascii() and years.isdigit() and len(years) < 3) or ":" not in rule:
        raise UsageError(f"{rule!r} is no rule; give one such as 16:adults, or 16: to take it back.")
    gid = group_id(group) if group else None
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        if not dry_run:
            with as_caller(library) as writer:
                writer.restrict_age(int(years), gid=gid)
        rules = library.reader.age_rules()
    if invocation.as_json:
        emit_json({"age_rules": rules, "dry_run": dry_run})
    else:
        whom = "everybody" if gid is None else f"group {group}"
        click.echo(printable(f"{'Would open' if dry_run else 'Opened'} titles from {years} on to {whom}"))


def _answer(name: str, changes: Sequence[_Change], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        emit_json({"subject": name, "changes": [change.shown for change in changes], "dry_run": dry_run})
        return
    verb_shown = "Would set" if dry_run else "Set"
    click.echo(printable(f"{name}: {verb_shown.lower()} {'; '.join(change.shown for change in changes)}"))


def _changes(options: dict[str, object]) -> list[_Change]:
    """What was asked for, in the order in which it is done: the file's name last, so that nothing changes it."""
    changes: list[_Change] = []
    for option, field in _FIELDS.items():
        value = options.get(option.replace("-", "_"))
        if value not in (None, ()) and (isinstance(value, str | int | float | bool | tuple)):
            changes.append(_field(field, value))
    changes += [_field(_FIELDS[str(name)], None) for name in _texts(options["clear"])]
    for name in _texts(options["add_genre"]):
        changes.append(_Change(f"genre + {name}", partial(_add_genre, name)))
    for name in _texts(options["remove_genre"]):
        changes.append(_Change(f"genre - {name}", partial(_remove_genre, name)))
    simple: tuple[tuple[str, str, Callable[[str, Writer, OpenLibrary, str, Found], object]], ...] = (
        ("kind", "type", _change_kind),
        ("only_group", "only group", _only_group),
        ("age", "age", _age),
        ("into", "united with", _unite),
        ("name", "name", _rename),
    )
    for option, shown, run in simple:
        text = options[option]
        if isinstance(text, str):
            changes.append(_Change(f"{shown} = {text}", partial(run, text)))
    return changes


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, tuple) else ()


def _field(field: EditableField, value: EditValue) -> _Change:
    if isinstance(value, float):
        shown = written_number(value)
    else:
        shown = "automatic" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)
    return _Change(f"{field} = {shown}", partial(_edit, MetadataEdit(field, value)))


def _edit(edit: MetadataEdit, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    if found.file_id is not None:
        writer.edit_file(found.file_id, edit)
    elif found.content_id is not None:
        writer.edit_content(found.content_id, edit)


def _add_genre(genre: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    writer.add_genre(title_of(library, name), genre)


def _remove_genre(genre: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    genre_id = library.reader.genre_id(genre)
    if genre_id is None:
        raise UsageError(f"There is no genre {genre!r}; 'offliniofs info' prints those of a title.")
    writer.remove_genre(title_of(library, name), genre_id)


def _change_kind(kind: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    writer.change_kind(title_of(library, name), ContentKind(kind))


def _only_group(group: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    title = title_of(library, name)
    age = library.reader.access_of(title).minimum_age
    writer.restrict(title, gid=group_id(group) if group else None, minimum_age=age)


def _age(years: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    if years and not (years.isascii() and years.isdigit() and len(years) < 3):
        raise UsageError(f"{years!r} is no age; give one from 0 to 99.")
    title = title_of(library, name)
    gid = library.reader.access_of(title).only_gid
    writer.restrict(title, gid=gid, minimum_age=int(years) if years else None)


def _unite(into: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    writer.unite(title_of(library, name), ContentId(title_of(library, into)))


def _rename(new_name: str, writer: Writer, library: OpenLibrary, name: str, found: Found) -> None:
    if found.file_id is None:
        raise UsageError("--name is for files; a folder's name follows from --title and --year.")
    writer.rename_file(FileId(found.file_id), new_name)
