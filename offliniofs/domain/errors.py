"""The one exception tree. Each leaf knows its process exit code; errno belongs to ``fuse/`` alone.

Every message says what happened, to what, and what to do.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line, fixed so that scripts can rely on them."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    PARTLY_DONE = 3


class OfflinioError(Exception):
    """Root of everything this program raises on purpose."""

    exit_code: ExitCode = ExitCode.FAILED


class UsageError(OfflinioError):
    """What was asked makes no sense as asked: a bad argument, path or value."""

    exit_code = ExitCode.WRONG_USE


class PartlyDoneError(UsageError):
    """Some of what was asked for was done, and stays; the rest cannot be."""

    exit_code = ExitCode.PARTLY_DONE


class GoneForGoodError(UsageError):
    """A change of something that was removed for good cannot be taken back."""


class QuerySyntaxError(UsageError):
    """A search query that cannot be read.

    ``position`` and ``length`` mark the offending characters (code points, from 0) of ``query``.
    """

    def __init__(self, message: str, query: str, position: int, length: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.position = position
        self.length = max(1, length)

    def caret(self) -> str:
        """The query with a line of carets under the place that is wrong."""
        return f"{self.query}\n{' ' * self.position}{'^' * self.length}"


class ConfigError(UsageError):
    """The configuration cannot be used."""


class NotFoundError(OfflinioError):
    """Something that was named does not exist."""


class CatalogError(OfflinioError):
    """The catalogue could not do what was asked."""


class CatalogBusyError(CatalogError):
    """Another process kept the catalogue locked for longer than the configured wait."""


class CatalogCorruptError(CatalogError):
    """SQLite reports that the catalogue file is damaged or is not a catalogue."""


class CatalogAccessError(CatalogError):
    """The catalogue's file cannot be opened, read or written (it is missing, not permitted, or the disk fails)."""


class QueryTooSlowError(CatalogError):
    """A search was stopped because it used up its time."""


class SchemaTooNewError(CatalogError):
    """The catalogue was written by a newer OfflinioFS."""


class MigrationError(CatalogError):
    """A migration failed or the recorded migrations do not match the program's."""


class StoreError(OfflinioError):
    """The blob store could not do what was asked."""


class StoreFullError(StoreError):
    """Not enough free space; nothing was written."""


class BlobMissingError(StoreError):
    """A blob the catalogue names is not in the store."""


class BlobCorruptError(StoreError):
    """Stored bytes do not match their digest."""


class ModeUnsupportedError(StoreError):
    """The requested way of storing (reflink, hardlink, …) cannot be done here; nothing falls back silently."""


class SourceError(OfflinioError):
    """One file of an import cannot be taken. It is reported and the rest goes on."""

    exit_code = ExitCode.PARTLY_DONE


class SourceChangedError(SourceError):
    """A source file changed while it was being read."""


class MountError(OfflinioError):
    """The folder could not be mounted or unmounted."""


class ProbeError(OfflinioError):
    """A media file could not be probed."""
