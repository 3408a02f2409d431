"""``offliniofs history``: who changed what, and when."""

from __future__ import annotations

import pwd

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.history_lines import entry_line, step_document, step_line, step_state
from offliniofs.cli.output import emit_json, moment, printable
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.history import HistoryStep


@click.command("history")
@click.argument("step", metavar="[STEP]", type=click.IntRange(1), required=False)
@click.option("--limit", type=click.IntRange(1, 100_000), default=30, show_default=True, help="How many steps.")
@click.option("--user", help="Only what this user did, by name or number.")
@click.option("--views", is_flag=True, help="Also what was only watched or entered, or changed nothing.")
@verb
def command(invocation: Invocation, step: int | None, limit: int, user: str | None, views: bool) -> None:
    """List what was changed, the newest first, or all of one STEP."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        if step is not None:
            found = library.reader.history_step(step)
            if found is None:
                raise NotFoundError(f"There is no step {step}.")
            steps = [found]
        else:
            steps = library.reader.history(limit=limit, actor=_actor(user), views=views)
        for shown in steps:
            if invocation.as_json:
                emit_json(step_document(shown))
            else:
                _show(shown, library, in_full=step is not None)
    if not steps and not invocation.as_json:
        click.echo("Nothing was changed yet.", err=True)


def _actor(user: str | None) -> str | None:
    if user is None:
        return None
    if user.isascii() and user.isdigit():
        return f"uid:{int(user)}"
    try:
        return f"uid:{pwd.getpwnam(user).pw_uid}"
    except KeyError:
        raise UsageError(f"There is no user {user!r} on this machine.") from None


def _show(step: HistoryStep, library: OpenLibrary, *, in_full: bool) -> None:
    state = step_state(step)
    who = f"{moment(step.happened_ns)}  {step.actor} {step.program}"
    click.echo(printable(f"{who}  {step_line(step, library.reader)}{f'  ({state})' if state else ''}"))
    if in_full:
        for entry in step.entries:
            click.echo(printable(f"  {entry_line(entry)}"))
        if step.count > len(step.entries):
            click.echo(f"  … and {step.count - len(step.entries)} more")
