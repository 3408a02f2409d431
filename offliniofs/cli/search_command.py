"""``offliniofs search``: titles by the search language, best first."""

from __future__ import annotations

import click

from offliniofs.app.library import open_library
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import printable
from offliniofs.cli.titles import print_titles


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 100_000), help="Titles at most.  [default: as a search folder lists]")
@verb
def command(invocation: Invocation, query: tuple[str, ...], limit: int | None) -> None:
    """Search titles, best first.

    QUERY is words (all of them, the last as a prefix), "exact phrases", fields such as genre:drama year:1980..1989
    quality:>=1080p person:… lang:en added:<30d views:0 size:>4G, with OR, NOT or -, and parentheses.
    """
    text = " ".join(query)
    settings = invocation.settings()
    with open_library(invocation.existing_layout(), settings) as library:
        found = library.search(text, limit or settings.search_limit)
        count = print_titles(found, as_json=invocation.as_json)
        if count or invocation.as_json:
            return
        click.echo("No title matches.", err=True)
        better = library.did_you_mean(text)
        if better:
            click.echo(f"Did you mean: {printable(better)}", err=True)
