"""SQLite's errors in the program's own words."""

from __future__ import annotations

from pathlib import Path

import apsw

from offliniofs.domain.errors import (
    CatalogAccessError,
    CatalogBusyError,
    CatalogCorruptError,
    CatalogError,
    OfflinioError,
    QueryTooSlowError,
    StoreFullError,
)


def explained(error: apsw.Error, path: Path) -> OfflinioError:
    """The domain error that says what happened to the catalogue at ``path`` and what to do about it."""
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return CatalogBusyError(
                f"The catalogue {path} stayed locked by another process; try again when its import has ended."
            )
        case apsw.CorruptError() | apsw.NotADBError():
            return CatalogCorruptError(
                f"The catalogue {path} is damaged or is not a catalogue ({error}); "
                "unmount, and put back a copy from the store's backups folder or a backup of your own."
            )
        case apsw.FullError():
            return StoreFullError(f"No space is left for the catalogue {path}; free some and try again.")
        case apsw.CantOpenError() | apsw.IOError() | apsw.PermissionsError() | apsw.ReadOnlyError():
            return CatalogAccessError(
                f"The catalogue {path} cannot be read or written ({error}); check the disk and its permissions."
            )
        case apsw.InterruptError():
            return QueryTooSlowError(f"A query of the catalogue {path} took too long and was stopped; ask for less.")
        case _:
            return CatalogError(f"The catalogue {path} refused a request: {error}.")
