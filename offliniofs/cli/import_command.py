"""``offliniofs import``: files into the store and the catalogue."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import click
import trio

from offliniofs.app.library import open_library
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.import_progress import Report, import_progress
from offliniofs.cli.import_summary import problem_lines, summary_lines, totals
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.content import PlacementMode
from offliniofs.ingest.importer import Library, run_import
from offliniofs.ingest.problem import shown
from offliniofs.ingest.report import ImportedFile, ImportReport
from offliniofs.ingest.settings import ImportSettings

_OnFile: TypeAlias = Callable[[ImportedFile], None] | None


@click.command("import")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(readable=False, path_type=bytes))
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in PlacementMode]),
    default=PlacementMode.AUTO.value,
    show_default=True,
    help="auto clones where the file system can and copies elsewhere; the others do just that, or say why not. "
    "move removes each original once its copy is durable and verified.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be filed where; change nothing.")
@verb
def command(invocation: Invocation, paths: tuple[bytes, ...], mode: str, dry_run: bool) -> int:
    """Store the files below each PATH once and file them in the library.

    What was imported before and has not changed costs nothing. Ctrl-C loses nothing: the same command goes on.
    """
    settings = invocation.settings()
    with open_library(invocation.existing_layout(), settings) as library, import_progress() as report:
        sources = Library(
            folder=library.layout.root,
            store=library.blobs,
            catalogue=library.writer,
            is_known=library.knows_source,
            naming=library.naming,
        )
        on_file = _print_json if invocation.as_json else _print_plan if dry_run else None
        limits = ImportSettings(stagers=settings.import_workers)
        result = trio.run(_import, paths, sources, PlacementMode(mode), dry_run, limits, report, on_file)
    for line in problem_lines(result):
        click.echo(line, err=True)
    if invocation.as_json:
        emit_json(totals(result))
    else:
        click.echo("\n".join(summary_lines(result)))
    return result.exit_code


async def _import(
    paths: Sequence[bytes],
    library: Library,
    mode: PlacementMode,
    dry_run: bool,
    limits: ImportSettings,
    report: Report | None,
    on_file: _OnFile,
) -> ImportReport:
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stop_on_signal, stop)
        run = partial(run_import, mode=mode, dry_run=dry_run, settings=limits)
        result = await run(paths, library, report=report, on_file=on_file, stop=stop)
        nursery.cancel_scope.cancel()
    return result


async def _stop_on_signal(stop: trio.Event) -> None:
    """The first Ctrl-C ends the import in order; the next one is Python's own."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            click.echo("stopping; what is under way is finished first", err=True)
            stop.set()
            return


def _print_json(file: ImportedFile) -> None:
    emit_json(
        {
            "source": shown(file.source.path),
            "path": file.path,
            "role": file.role,
            "outcome": file.outcome,
            "existed": file.existed,
            "type": file.identification.kind,
            "title": file.identification.title,
            "year": file.identification.year,
            "quality": file.identification.quality,
            "id": file.title_id,
            "file_id": file.file_id,
            "hash": file.digest.hex() if file.digest else None,
        }
    )


def _print_plan(file: ImportedFile) -> None:
    click.echo(f"{shown(file.source.path)}\n  → {printable(file.path)}")
