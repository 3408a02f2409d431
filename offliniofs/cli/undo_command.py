"""``offliniofs undo``: the way back."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.cli.caller import as_caller
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.history_lines import counted, step_document, step_line
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import ExitCode, GoneForGoodError, NotFoundError, PartlyDoneError, UsageError
from offliniofs.domain.history import HistoryStep

_UNASKED = 10
"""Steps that are taken back without a question."""
_LISTED = 12


@click.command("undo")
@click.argument("count", metavar="[N]", type=click.IntRange(1, 10_000), default=1)
@click.option("--step", type=click.IntRange(1), help="One step, by its number in 'history'; an undo too.")
@click.option("--redo", is_flag=True, help="Take the last N undos back instead.")
@click.option("--yes", is_flag=True, help="Do not ask, whatever is taken back.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken back, change nothing.")
@verb
def command(
    invocation: Invocation, count: int, step: int | None, redo: bool, yes: bool, dry_run: bool
) -> ExitCode | None:
    """Take the last N steps back (one, unless you say otherwise), whoever made them.

    A step is what one command or one program did in one go: a whole 'rm -r', a whole edit of many titles. An undo can
    be taken back as well. What was removed from the trash for good cannot: steps about it are passed over.

    Taking back an import puts its files into the trash; this, and more than ten steps, is asked for first.
    """
    if step is not None and redo:
        raise UsageError("Give either --step or --redo.")
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        steps, passed = _chosen(library, count, step, redo=redo), set[int]()
        while steps:
            if not (dry_run or yes or _agreed(library, steps)):
                click.echo("Nothing more was changed." if passed else "Nothing was changed.", err=True)
                return ExitCode.FAILED
            if dry_run:
                for found in steps:
                    _tell(invocation, library, found, dry_run=True)
                return None
            gone = _take_back(invocation, library, steps, pass_over=step is None)
            passed |= gone
            steps = _further(library, len(gone), passed, redo=redo)
    return None


def _chosen(library: OpenLibrary, count: int, step: int | None, *, redo: bool) -> list[HistoryStep]:
    """What is to be taken back, the newest first. Raises ``NotFoundError``."""
    if step is None:
        found = library.reader.undoable_steps(count, redo=redo)
        if not found:
            raise NotFoundError("There is nothing to take back.")
        return found
    one = library.reader.history_step(step)
    if one is None:
        raise NotFoundError(f"There is no step {step}; 'offliniofs history' prints those there are.")
    return [one]


def _further(library: OpenLibrary, count: int, passed: set[int], *, redo: bool) -> list[HistoryStep]:
    """As many older steps, instead of those that were passed over. Raises ``NotFoundError`` if there is none."""
    if not count:
        return []
    steps = library.reader.undoable_steps(len(passed) + count, redo=redo)
    found = [step for step in steps if step.step not in passed][:count]
    if not found:
        raise NotFoundError("There is nothing else to take back.")
    return found


def _agreed(library: OpenLibrary, steps: Sequence[HistoryStep]) -> bool:
    """Whether it may be done: it is harmless, or whoever sits at the terminal says so.

    Raises ``UsageError`` when nobody can be asked.
    """
    put_away = sum(library.reader.files_put_away(step) for step in steps)
    if not put_away and len(steps) <= _UNASKED:
        return True
    what = f"This takes back {len(steps)} step{'' if len(steps) == 1 else 's'}"
    what += f" and puts {counted(put_away)} into the trash" if put_away else ""
    lines = [step_line(step, library.reader) for step in steps[:_LISTED]]
    lines += [f"… and {len(steps) - _LISTED} more"] if len(steps) > _LISTED else []
    listed = printable("\n".join(f"  {line}" for line in lines))
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{what}:\n{listed}\nGive --yes to do it, or --dry-run to see all of it.")
    click.echo(f"{what}:\n{listed}", err=True)
    return click.confirm("Take it back?", err=True)


def _take_back(
    invocation: Invocation, library: OpenLibrary, steps: Sequence[HistoryStep], *, pass_over: bool
) -> set[int]:
    """Takes back these steps and no other, should somebody have made one meanwhile.

    Returns those that cannot be taken back any more, which are passed over, or else raise ``GoneForGoodError``. Raises
    ``PartlyDoneError`` when one is refused after others were taken back.
    """
    gone, done = set(), 0
    with as_caller(library) as writer:
        for step in steps:
            try:
                writer.undo_step(step.step)
            except GoneForGoodError as error:
                if not pass_over:
                    raise
                gone.add(step.step)
                click.echo(printable(f"Passed over step {step.step}: {error}"), err=True)
            except UsageError as error:
                if not done:
                    raise
                raise PartlyDoneError(f"{error} What is listed above was taken back.") from error
            else:
                done += 1
                _tell(invocation, library, library.reader.history_step(step.step) or step, dry_run=False)
    return gone


def _tell(invocation: Invocation, library: OpenLibrary, step: HistoryStep, *, dry_run: bool) -> None:
    if invocation.as_json:
        emit_json({**step_document(step), "dry_run": dry_run})
    else:
        done = "Would take back" if dry_run else "Took back"
        click.echo(printable(f"{done} {step_line(step, library.reader)}"))
