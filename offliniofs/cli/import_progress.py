"""The progress bar of an import: bytes, files, rate and time left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from offliniofs.cli.output import human_duration, human_size, on_terminal
from offliniofs.ingest.progress import Progress

Report = Callable[[Progress], None]


def rates(progress: Progress) -> str:
    """The numbers beside the bar: ``120/300 files  1.2 GiB  85.0 MiB/s  0:42 left``."""
    parts = [
        f"{progress.settled_files}/{progress.found_files} files",
        human_size(progress.read_bytes),
        f"{human_size(round(progress.bytes_per_second))}/s",
    ]
    if progress.seconds_left is not None:
        parts.append(f"{human_duration(progress.seconds_left)} left")
    if progress.problems:
        parts.append(f"{progress.problems} problems")
    return "  ".join(parts)


@contextlib.contextmanager
def import_progress() -> Iterator[Report | None]:
    """Draws on standard error while the block runs; gives ``None`` where there is no terminal."""
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (SpinnerColumn(), BarColumn(bar_width=30), TextColumn("{task.description}", markup=False))
    with Bars(*columns, console=Console(stderr=True), transient=True, refresh_per_second=10) as bars:
        task = bars.add_task("looking for files", total=None)

        def draw(progress: Progress) -> None:
            # Until the walk is over nobody knows how much there is: the bar runs without an end.
            total = progress.found_bytes if progress.found_all else None
            bars.update(task, total=total, completed=progress.read_bytes, description=rates(progress))

        yield draw
