"""What an import hands back: every file as it is filed, and the sum at the end."""

from __future__ import annotations

from dataclasses import dataclass

from offliniofs.domain.arrival import ArrivalOutcome, SourceFile
from offliniofs.domain.content import FileRole
from offliniofs.domain.errors import ExitCode
from offliniofs.domain.facts import Identification
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.ingest.problem import Problem, Skipped


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file that was filed, or in a dry run would be. Without ids and digest in a dry run."""

    source: SourceFile
    role: FileRole
    identification: Identification
    path: str
    """Where it stands below the mount's root. In a dry run without the suffix that a name already taken would bring."""
    outcome: ArrivalOutcome | None = None
    file_id: FileId | None = None
    title_id: ContentId | None = None
    digest: Digest | None = None
    existed: bool = False
    """The same bytes were in the store already: nothing was added to it."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The sum of an import. Sizes in bytes, times in seconds."""

    dry_run: bool
    interrupted: bool
    """It was stopped early; the same import again goes on where this one ended."""
    failed: bool
    """An error ended it early."""
    found_files: int
    found_bytes: int
    filed_files: int
    """Files in the catalogue now that this import read; in a dry run, files it would read."""
    stored_bytes: int
    """Bytes that were new to the store."""
    duplicate_files: int
    """Files among ``filed_files`` whose bytes the store had already, and what that saved."""
    saved_bytes: int
    restored_files: int
    """Files among those that lay in the trash, and are back where they were."""
    known_files: int
    """Files of an earlier import, unchanged since: not even read."""
    known_bytes: int
    removed_files: int
    """Originals that mode ``move`` removed."""
    replaced_blobs: int
    """Blobs that were damaged, and are sound again: the files imported now had their bytes."""
    problems: tuple[Problem, ...]
    """At most ``NOTE_LIMIT``; ``problem_count`` is the true number."""
    problem_count: int
    skipped: tuple[Skipped, ...]
    skipped_count: int
    elapsed: float

    @property
    def exit_code(self) -> ExitCode:
        """3 when something was not taken or the import was stopped, else 0.

        Of an import that an error ended, 3 too when something was filed, else 1.
        """
        if self.failed and not self.filed_files:
            return ExitCode.FAILED
        return ExitCode.PARTLY_DONE if self.problem_count or self.interrupted else ExitCode.DONE
