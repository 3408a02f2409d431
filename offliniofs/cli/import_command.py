"""``offliniofs import``: files into the store and the catalogue."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

import click

from offliniofs.app.nursery_errors import only_error
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.import_progress import import_progress
from offliniofs.cli.import_summary import problem_lines, summary_lines, totals
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.content import PlacementMode
from offliniofs.domain.errors import OfflinioError, StoreError
from offliniofs.ingest.problem import shown

if TYPE_CHECKING:
    from offliniofs.ingest.report import ImportedFile, ImportReport


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
@click.option(
    "--verify",
    is_flag=True,
    help="Read everything anew, sources and stored copies, and replace each copy that is damaged. Takes as long as "
    "reading both; without it only sizes are compared.",
)
@click.option(
    "--together",
    is_flag=True,
    help="Keep what cannot be identified in a folder called like PATH, instead of like the folders in it.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be filed where; change nothing.")
@verb
def command(
    invocation: Invocation, paths: tuple[bytes, ...], mode: str, verify: bool, together: bool, dry_run: bool
) -> int:
    """Store the files below each PATH once and file them in the library.

    What was imported before and has not changed costs nothing. Ctrl-C loses nothing: the same command goes on.

    A stored copy of another size than it should have is replaced by the file that is imported, and with --verify so is
    one whose bytes have changed.
    """
    from offliniofs.app.library import open_library
    from offliniofs.cli.caller import as_caller
    from offliniofs.cli.import_run import run_to_end
    from offliniofs.ingest.importer import Library, run_import
    from offliniofs.ingest.settings import ImportSettings

    settings = invocation.settings()
    with (
        open_library(invocation.existing_layout(), settings) as library,
        as_caller(library) as writer,
        import_progress() as report,
    ):
        if not dry_run:
            with contextlib.suppress(StoreError):  # it is said when something has to be written
                library.blobs.clean_temporary()
        sources = Library(
            folder=library.layout.root,
            store=library.blobs,
            catalogue=writer,
            is_known=library.knows_source,
            naming=library.naming,
        )
        on_file = _print_json if invocation.as_json else _print_plan if dry_run else None
        limits = ImportSettings(stagers=settings.import_workers)
        ended: list[ImportReport] = []
        run = partial(
            run_import,
            paths,
            sources,
            mode=PlacementMode(mode),
            dry_run=dry_run,
            settings=limits,
            report=report,
            on_file=on_file,
            verify=verify,
            whole=together,
            on_failure=ended.append,
        )
        failure: OfflinioError | None = None
        try:
            ended.append(run_to_end(run, library))
        except (OfflinioError, ExceptionGroup) as error:
            inner = only_error(error)
            if not ended or not isinstance(inner, OfflinioError):
                raise
            failure = inner
    _sum_up(ended[0], as_json=invocation.as_json)
    if failure is not None:
        click.echo(f"offliniofs: {printable(str(failure))}", err=True)
    return ended[0].exit_code


def _sum_up(result: ImportReport, *, as_json: bool) -> None:
    for line in problem_lines(result):
        click.echo(line, err=True)
    if as_json:
        emit_json(totals(result))
    else:
        click.echo("\n".join(summary_lines(result)))


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
