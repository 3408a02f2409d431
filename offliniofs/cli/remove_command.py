"""``offliniofs remove``: into the trash, back out of it, or away for good."""

from __future__ import annotations

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.app.locate import Found
from offliniofs.catalog.writer import Writer
from offliniofs.cli.caller import as_caller, located
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, moment, printable, table
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.sizes import human_size
from offliniofs.domain.trash import TrashRow

_PAGE = 500


@click.command("remove")
@click.argument("subjects", metavar="[ID|PATH]…", nargs=-1, type=click.Path(readable=False, path_type=bytes))
@click.option("--list", "listed", is_flag=True, help="List what lies in the trash.")
@click.option("--restore", "restored", metavar="ENTRY", multiple=True, help="Bring an entry of the trash back.")
@click.option("--purge", "purged", metavar="ENTRY", multiple=True, help="Remove an entry of the trash for good.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, remove nothing.")
@verb
def command(
    invocation: Invocation,
    subjects: tuple[bytes, ...],
    listed: bool,
    restored: tuple[str, ...],
    purged: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Move titles, seasons or files into the trash, from where 'undo' or --restore brings them back.

    ID is a title's number as lists print it, or file:NUMBER; ENTRY is the number or the name of an entry of the trash.
    """
    if not (subjects or listed or restored or purged):
        raise UsageError("Name what to remove, e.g.: offliniofs remove 12")
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        found = located(library, subjects)
        entries = {name: _entry(library, name) for name in (*restored, *purged)}
        if dry_run:
            _announce([name for name, _ in found], restored, purged)
            return
        with as_caller(library) as writer:
            for name, place in found:
                _tell(invocation, "removed", name, _remove(writer, place))
            for name in restored:
                path = writer.restore(entries[name].trash_id).path
                _tell(invocation, "restored", path, entries[name].trash_id)
            for name in purged:
                writer.purge(entries[name].trash_id)
                _tell(invocation, "purged", entries[name].name, entries[name].trash_id)
            if purged:
                writer.release_blobs(library.blobs.remove)
        if listed:
            _list(library, as_json=invocation.as_json)


def _announce(removed: list[str], restored: tuple[str, ...], purged: tuple[str, ...]) -> None:
    for word, names in (("remove", removed), ("restore", restored), ("remove for good", purged)):
        for name in names:
            click.echo(printable(f"Would {word} {name}"))


def _tell(invocation: Invocation, action: str, name: str, trash_id: int) -> None:
    if invocation.as_json:
        emit_json({"action": action, "name": name, "trash_id": trash_id})
    else:
        click.echo(printable(f"{action} {name} (trash {trash_id})"))


def _remove(writer: Writer, found: Found) -> int:
    if found.file_id is not None:
        return writer.trash_file(found.file_id, prune=True)
    if found.content_id is None:
        raise NotFoundError("There is nothing to remove.")
    return writer.trash_content(found.content_id)


def _entry(library: OpenLibrary, name: str) -> TrashRow:
    found = library.reader.trash_named(name)
    if found is None and name.isascii() and name.isdigit() and len(name) < 16:
        found = library.reader.trash_entry(int(name))
    if found is None:
        raise NotFoundError(f"There is no {name!r} in the trash; 'offliniofs remove --list' prints what is.")
    return found


def _list(library: OpenLibrary, *, as_json: bool) -> None:
    after = 0
    rows: list[TrashRow] = []
    while page := library.reader.trash_page(after, _PAGE):
        rows += page
        after = page[-1].trash_id
    if as_json:
        for row in rows:
            emit_json(row._asdict())
    elif rows:
        table(
            ["entry", "name", "files", "size", "deleted", "until"],
            (
                (
                    row.trash_id,
                    row.name,
                    row.files,
                    human_size(row.size),
                    moment(row.deleted_ns),
                    moment(row.expires_ns) if row.expires_ns is not None else "",
                )
                for row in rows
            ),
        )
    else:
        click.echo("The trash is empty.", err=True)
