"""What an import says at its end."""

from __future__ import annotations

from collections.abc import Iterator

from offliniofs.cli.output import human_size
from offliniofs.ingest.problem import shown
from offliniofs.ingest.report import ImportReport

_SHOWN_PROBLEMS = 20


def problem_lines(report: ImportReport) -> Iterator[str]:
    """The first problems, one a line, and how many more there are."""
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        yield f"problem: {problem}"
    if report.problem_count > _SHOWN_PROBLEMS:
        yield f"… and {report.problem_count - _SHOWN_PROBLEMS} more problems"


def summary_lines(report: ImportReport) -> Iterator[str]:
    """The sums, leaving out what did not happen."""
    if report.dry_run:
        yield f"Would file {report.filed_files} files; nothing was changed."
    else:
        new = human_size(report.stored_bytes)
        yield f"Filed {report.filed_files} files in {report.elapsed:.1f} s; {new} new in the store."
    yield from _known_bytes(report)
    if report.replaced_blobs:
        yield f"{_counted(report.replaced_blobs, 'damaged copy', 'damaged copies')} replaced."
    if report.known_files:
        size = human_size(report.known_bytes)
        yield f"{report.known_files} files ({size}) were imported before and have not changed: they cost nothing."
    if report.removed_files:
        yield f"{report.removed_files} originals were removed after their copies had been verified."
    if report.skipped_count:
        yield f"{report.skipped_count} files were left aside (hidden files, partial downloads, thumbnails)."
    if report.problem_count:
        yield f"{report.problem_count} had problems: they were not imported, or less is known of them. See above."
    if report.failed:
        yield "It could not go on, see below. What was filed stays, and the same command goes on from here."
    elif report.interrupted:
        yield "Interrupted. The same command goes on from here."


def _known_bytes(report: ImportReport) -> Iterator[str]:
    """What the store had already, in the library or in the trash."""
    if report.duplicate_files:
        yield f"{report.duplicate_files} of them were stored already: {human_size(report.saved_bytes)} saved."
    if report.restored_files:
        yield f"{_counted(report.restored_files, 'file', 'files')} lay in the trash and came back from there."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def totals(report: ImportReport) -> dict[str, object]:
    """The sums for ``--json``."""
    return {
        "dry_run": report.dry_run,
        "interrupted": report.interrupted,
        "failed": report.failed,
        "found_files": report.found_files,
        "found_bytes": report.found_bytes,
        "filed_files": report.filed_files,
        "stored_bytes": report.stored_bytes,
        "duplicate_files": report.duplicate_files,
        "saved_bytes": report.saved_bytes,
        "restored_files": report.restored_files,
        "known_files": report.known_files,
        "known_bytes": report.known_bytes,
        "replaced_blobs": report.replaced_blobs,
        "removed_files": report.removed_files,
        "problems": [{"path": shown(problem.path), "message": problem.message} for problem in report.problems],
        "skipped": [{"path": shown(note.path), "reason": note.reason} for note in report.skipped],
        "elapsed_seconds": round(report.elapsed, 3),
    }
