"""``offliniofs doctor``: what this machine needs, and the command that mends it."""

from __future__ import annotations

from dataclasses import asdict

import click

from offliniofs.app.diagnosis import Verdict, diagnose
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import ExitCode

_MARKS = {Verdict.OK: "ok     ", Verdict.WARNING: "warning", Verdict.PROBLEM: "PROBLEM"}


@click.command("doctor")
@verb
def command(invocation: Invocation) -> int:
    """Check this machine and the store, and say what to do. Exits 1 when something will not work."""
    checks = diagnose(invocation.layout)
    if invocation.as_json:
        emit_json([asdict(check) for check in checks])
    else:
        for check in checks:
            click.echo(f"{_MARKS[check.verdict]}  {check.name}: {printable(check.message)}")
            if check.remedy:
                click.echo(f"         → {printable(check.remedy)}")
    broken = any(check.verdict is Verdict.PROBLEM for check in checks)
    return ExitCode.FAILED if broken else ExitCode.DONE
