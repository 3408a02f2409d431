"""``offliniofs undo``: the way back."""

from __future__ import annotations

import click

from offliniofs.app.library import open_library
from offliniofs.cli.caller import as_caller
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.history_lines import step_document, step_line
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.history import HistoryStep


@click.command("undo")
@click.argument("count", metavar="[N]", type=click.IntRange(1, 10_000), default=1)
@click.option("--step", type=click.IntRange(1), help="One step, by its number in 'history'; an undo too.")
@click.option("--redo", is_flag=True, help="Take the last N undos back instead.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken back, change nothing.")
@verb
def command(invocation: Invocation, count: int, step: int | None, redo: bool, dry_run: bool) -> None:
    """Take the last N steps back (one, unless you say otherwise), whoever made them.

    A step is what one command or one program did in one go: a whole 'rm -r', a whole edit of many titles. An undo can
    be taken back as well. What was removed from the trash for good cannot.
    """
    if step is not None and redo:
        raise UsageError("Give either --step or --redo.")
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        reader = library.reader
        if dry_run:
            steps = [reader.history_step(step)] if step is not None else list(reader.undoable_steps(count, redo=redo))
            shown = [found for found in steps if found is not None]
        else:
            with as_caller(library) as writer:
                if step is not None:
                    done = writer.undo_step(step)
                else:
                    done = writer.redo(count) if redo else writer.undo(count)
            shown = [found for number in done.steps if (found := reader.history_step(number)) is not None]
    if not shown:
        raise NotFoundError("There is nothing to take back.")
    for found in shown:
        _tell(invocation, found, dry_run=dry_run)


def _tell(invocation: Invocation, step: HistoryStep, *, dry_run: bool) -> None:
    if invocation.as_json:
        emit_json({**step_document(step), "dry_run": dry_run})
    else:
        click.echo(printable(f"{'Would take back' if dry_run else 'Took back'} {step_line(step)}"))
