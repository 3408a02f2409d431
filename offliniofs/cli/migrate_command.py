"""``offliniofs migrate``: the catalogue's schema brought up to this version."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import click

from offliniofs.app.mounts import refuse_while_mounted
from offliniofs.catalog.migration import check, migrate
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import ExitCode


@click.command("migrate")
@click.option("--check", "only_check", is_flag=True, help="Compare the schema with what it should be; change nothing.")
@verb
def command(invocation: Invocation, only_check: bool) -> int:
    """Bring the catalogue to this version's schema, after copying it into the store's backups folder.

    Refused while the store is mounted, unless there is nothing to do.

    With --check, exits 1 when something is pending or wrong.
    """
    layout = invocation.existing_layout()
    if not only_check:
        result = migrate(layout.catalogue, layout.backups, permit=partial(refuse_while_mounted, layout))
        if invocation.as_json:
            emit_json(asdict(result))
        elif result.backup is None:
            click.echo(f"The catalogue has schema {result.after} already; nothing was changed.")
        else:
            click.echo(f"Migrated the catalogue from schema {result.before} to {result.after}.")
            click.echo(f"The catalogue of before is {printable(str(result.backup))}")
        return ExitCode.DONE
    report = check(layout.catalogue)
    if invocation.as_json:
        emit_json(asdict(report))
    else:
        click.echo(f"schema {report.version}, newest {report.newest}")
        for name in report.pending:
            click.echo(f"pending: {name}")
        for problem in report.problems:
            click.echo(f"PROBLEM: {printable(problem)}")
    return ExitCode.FAILED if report.pending or report.problems else ExitCode.DONE
