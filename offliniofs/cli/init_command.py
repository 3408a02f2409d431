"""``offliniofs init``: a new, empty store."""

from __future__ import annotations

import click

from offliniofs.app.library import create_library
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable


@click.command("init")
@verb
def command(invocation: Invocation) -> None:
    """Make a new, empty store. One that exists already stays as it is."""
    layout = invocation.layout
    created = create_library(layout)
    if invocation.as_json:
        emit_json({"store": str(layout.root), "created": created})
    elif created:
        click.echo(f"Made a store in {printable(str(layout.root))}")
    else:
        click.echo(f"There is a store in {printable(str(layout.root))} already; nothing was changed.")
