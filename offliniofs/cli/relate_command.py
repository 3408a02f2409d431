"""``offliniofs relate``: sequels, remakes and the like."""

from __future__ import annotations

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.cli.caller import as_caller, title_of
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable, table
from offliniofs.domain.errors import UsageError
from offliniofs.domain.history import Relation
from offliniofs.domain.ids import ContentId


@click.command("relate")
@click.argument("first", metavar="ID|PATH")
@click.argument("relation", metavar="[TYPE]", required=False, type=click.Choice([kind.value for kind in Relation]))
@click.argument("second", metavar="[ID|PATH]", required=False)
@click.option("--remove", is_flag=True, help="Forget that relation.")
@click.option("--dry-run", is_flag=True, help="Say what would be related, change nothing.")
@verb
def command(
    invocation: Invocation, first: str, relation: str | None, second: str | None, remove: bool, dry_run: bool
) -> None:
    """Say that one title is the TYPE of another, e.g.: relate 12 sequel 7. With one title, list its relations.

    TYPE is one of sequel, prequel, remake, spin-off, adaptation, related, duplicate.
    """
    if (relation is None) is not (second is None) or (relation is None and remove):
        raise UsageError("Name two titles and how they relate, e.g.: offliniofs relate 12 sequel 7")
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        title = title_of(library, first)
        if relation is not None and second is not None:
            other = title_of(library, second)
            if not dry_run:
                with as_caller(library) as writer:
                    change = writer.unrelate if remove else writer.relate
                    change(title, Relation(relation), other)
            word = f"{'Would be' if dry_run else 'Is'}{' no longer' if remove else ''}"
            if not invocation.as_json:
                click.echo(f"{title} {word.lower()} the {relation} of {other}")
                return
        _list(library, title, as_json=invocation.as_json)


def _list(library: OpenLibrary, title: ContentId, *, as_json: bool) -> None:
    relations = library.reader.relations_of(title)
    if as_json:
        for found in relations:
            emit_json({"id": found.content_id, "name": found.name, "type": found.relation, "outgoing": found.outgoing})
    elif relations:
        table(
            ["id", "title", "relation"],
            (
                (
                    found.content_id,
                    printable(found.name),
                    f"{title} is its {found.relation}" if found.outgoing else f"is the {found.relation} of {title}",
                )
                for found in relations
            ),
        )
    else:
        click.echo("It relates to no other title.", err=True)
