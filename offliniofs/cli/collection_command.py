"""``offliniofs collection``: sets of titles that a user puts together."""

from __future__ import annotations

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.cli.caller import as_caller, title_of
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable, table
from offliniofs.cli.titles import print_titles
from offliniofs.domain.errors import NotFoundError
from offliniofs.domain.listing import Facet, FacetRow, FacetValue

_PAGE = 500


@click.group("collection")
def command() -> None:
    """List, make and fill collections, the folders of collections/."""


@command.command("list")
@verb
def list_collections(invocation: Invocation) -> None:
    """List the collections."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        rows = [
            (row.value.key, row.name, library.reader.selection_totals((row.value,)).titles)
            for row in library.facet_rows(Facet.COLLECTION)
        ]
    if invocation.as_json:
        for key, name, titles in rows:
            emit_json({"id": key, "name": name, "titles": titles})
    elif rows:
        table(["id", "name", "titles"], rows)
    else:
        click.echo("There is no collection yet.", err=True)


@command.command("show")
@click.argument("collection")
@verb
def show(invocation: Invocation, collection: str) -> None:
    """List the titles of COLLECTION, a name or number."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        selection = (_found(library, collection).value,)
        after, count = 0, 0
        while page := library.reader.titles_page(selection, after, _PAGE):
            titles = (library.reader.summary(row.content_id) for row in page)
            count += print_titles((title for title in titles if title is not None), as_json=invocation.as_json)
            after = page[-1].content_id
    if not count and not invocation.as_json:
        click.echo("It is empty.", err=True)


@command.command("make")
@click.argument("name")
@verb
def make(invocation: Invocation, name: str) -> None:
    """Make an empty collection."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library, as_caller(library) as writer:
        key = writer.make_collection(name)
    _tell(invocation, f"made collection {key}: {name}", {"id": key, "name": name})


@command.command("rename")
@click.argument("collection")
@click.argument("name")
@verb
def rename(invocation: Invocation, collection: str, name: str) -> None:
    """Give COLLECTION another NAME."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        found = _found(library, collection)
        with as_caller(library) as writer:
            writer.rename_collection(_key(found), name)
    _tell(invocation, f"renamed {found.name} to {name}", {"id": _key(found), "name": name})


@command.command("remove")
@click.argument("collection")
@verb
def remove(invocation: Invocation, collection: str) -> None:
    """Remove COLLECTION, which must be empty."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        found = _found(library, collection)
        with as_caller(library) as writer:
            writer.remove_empty_collection(_key(found))
    _tell(invocation, f"removed {found.name}", {"id": _key(found), "name": found.name})


@command.command("add")
@click.argument("collection")
@click.argument("subjects", metavar="ID|PATH…", nargs=-1, required=True)
@verb
def add(invocation: Invocation, collection: str, subjects: tuple[str, ...]) -> None:
    """Put titles into COLLECTION."""
    _fill(invocation, collection, subjects, into=True)


@command.command("take")
@click.argument("collection")
@click.argument("subjects", metavar="ID|PATH…", nargs=-1, required=True)
@verb
def take(invocation: Invocation, collection: str, subjects: tuple[str, ...]) -> None:
    """Take titles out of COLLECTION."""
    _fill(invocation, collection, subjects, into=False)


def _fill(invocation: Invocation, collection: str, subjects: tuple[str, ...], *, into: bool) -> None:
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        found = _found(library, collection)
        titles = [title_of(library, subject) for subject in subjects]
        with as_caller(library) as writer:
            change = writer.add_to_collection if into else writer.remove_from_collection
            for title in titles:
                change(_key(found), title)
    word = "into" if into else "out of"
    _tell(invocation, f"{len(titles)} {word} {found.name}", {"id": _key(found), "name": found.name, "titles": titles})


def _found(library: OpenLibrary, collection: str) -> FacetRow:
    found = library.reader.facet_named(Facet.COLLECTION, collection)
    key = library.reader.collection_id(collection) if found is None else None
    if key is not None:
        found = library.reader.facet_value(FacetValue(Facet.COLLECTION, key))
    if found is None and collection.isascii() and collection.isdigit() and len(collection) < 9:
        found = library.reader.facet_value(FacetValue(Facet.COLLECTION, int(collection)))
    if found is None:
        raise NotFoundError(
            f"There is no collection {collection!r}; 'offliniofs collection list' prints those there are."
        )
    return found


def _key(found: FacetRow) -> int:
    return int(found.value.key or 0)


def _tell(invocation: Invocation, text: str, document: dict[str, object]) -> None:
    if invocation.as_json:
        emit_json(document)
    else:
        click.echo(printable(text))
