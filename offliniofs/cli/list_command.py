"""``offliniofs list``: titles by type, genre, year or quality."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from offliniofs.app.library import open_library
from offliniofs.catalog.reader import LibraryFilter, Reader
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.titles import print_titles
from offliniofs.detect.genres import known_genre
from offliniofs.domain.content import TITLE_KINDS, ContentKind
from offliniofs.domain.details import TitleSummary
from offliniofs.domain.errors import UsageError

_PAGE = 500
_HEIGHTS = {"4k": 2160, "uhd": 2160, "fhd": 1080, "hd": 720, "sd": 480}
_HEIGHT = re.compile(r"(\d{3,4})p?", re.IGNORECASE)


def height_of(quality: str) -> int:
    """``1080p``, ``1080`` or ``4k`` as pixels. Raises :class:`UsageError`."""
    if quality.casefold() in _HEIGHTS:
        return _HEIGHTS[quality.casefold()]
    match = _HEIGHT.fullmatch(quality)
    if match is None:
        raise UsageError(f"{quality!r} is no picture size; give one such as 1080p, 2160p or 4k.")
    return int(match[1])


def _pages(reader: Reader, wanted: LibraryFilter) -> Iterator[TitleSummary]:
    after = 0
    while page := reader.list_titles(wanted, after, _PAGE):
        yield from page
        after = page[-1].content_id


@click.command("list")
@click.option("--type", "kind", type=click.Choice(sorted(kind.value for kind in TITLE_KINDS)), help="Only this type.")
@click.option("--genre", help="Only this genre.")
@click.option("--year", type=click.IntRange(1000, 2999), help="Only this year.")
@click.option("--quality", help="Only titles with a file of this picture size, e.g. 1080p.")
@verb
def command(invocation: Invocation, kind: str | None, genre: str | None, year: int | None, quality: str | None) -> None:
    """List titles, in the order in which they were added. All conditions must hold."""
    wanted = LibraryFilter(
        kind=ContentKind(kind) if kind else None,
        genre=known_genre(genre) or genre if genre else None,
        year=year,
        height=height_of(quality) if quality else None,
    )
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        count = print_titles(_pages(library.reader, wanted), as_json=invocation.as_json)
    if not count and not invocation.as_json:
        click.echo("No title matches.", err=True)
