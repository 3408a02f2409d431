"""``offliniofs fsck``: the catalogue against itself and against the store."""

from __future__ import annotations

from dataclasses import asdict

import click

from offliniofs.app.consistency import check_library
from offliniofs.app.library import open_library
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import ExitCode


@click.command("fsck")
@verb
def command(invocation: Invocation) -> int:
    """Check that every row names what is there and that all counts are right. Changes nothing.

    Exits 1 when something is wrong. Blobs that no row names are counted: a crash leaves them, they do no harm.
    """
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        report = check_library(library)
    if invocation.as_json:
        emit_json(
            {
                "sound": report.sound,
                "blobs": report.blobs,
                "findings": [asdict(finding) for finding in report.findings],
                "orphans": [digest.hex() for digest in report.orphans],
            }
        )
    else:
        for finding in report.findings:
            click.echo(f"{finding.kind}: {printable(finding.subject)}: {printable(finding.message)}")
        if report.orphans:
            click.echo(f"{len(report.orphans)} blobs are named by no row; they take room and do no harm.")
        outcome = "The library is sound" if report.sound else f"{len(report.findings)} findings"
        click.echo(f"{outcome}: {report.blobs} blobs checked.")
    return ExitCode.DONE if report.sound else ExitCode.FAILED
