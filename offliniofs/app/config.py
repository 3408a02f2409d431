"""Settings of one store: defaults, overridden by ``offliniofs.toml`` in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from offliniofs.domain.errors import ConfigError

_MAX_CONFIGURATION = 64 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, its default and its unit."""

    search_limit: int = 200
    """Titles a search folder lists, best first."""
    recent_limit: int = 200
    """Titles in ``recent/``."""
    readers: int = 4
    """Catalogue connections for queries that may take long."""
    busy_timeout_ms: int = 10_000
    """How long to wait for another process that has the catalogue locked, in milliseconds."""
    slow_query_ms: int = 100
    """A query that takes longer is logged, in milliseconds."""
    import_workers: int = 2
    """Files that are stored and described at the same time."""
    free_space_reserve: int = 256 * 1024 * 1024
    """Bytes of the disk an import leaves free."""
    view_share: int = 90
    """Percent of a file that must be read before it counts as viewed."""
    case_insensitive: bool = False
    """Whether names are found in any case, for Samba and macOS; the mount then need not compare whole folders there."""
    file_mode: int = 0o644
    directory_mode: int = 0o755
    inbox_quiet_ms: int = 2000
    """How long a file in the inbox must be left alone before it is filed, in milliseconds."""
    inbox_linger_ms: int = 10_000
    """How long a file shows in the inbox once it is filed, in milliseconds."""
    inbox_mode: int = 0o755
    trash_days: int = 30
    """How long what was deleted can be brought back; 0 keeps it until it is removed by hand."""
    trash_min_days: int = 0
    """Days before which nobody can remove it for good."""
    log_level: str = "info"
    failover: bool = True
    """Whether the mount outlives its daemon, where the kernel can do it (Linux 6.9)."""
    standby: bool = True
    """Whether a second daemon waits, loaded but idle, to take over at once when the first dies (about 35 MB)."""
    restart_tries: int = 8
    """Deaths of the daemon in a row after which the mount is given up and answers with an error."""
    hung_seconds: int = 15
    """A daemon that does not answer for this long is killed and replaced, in seconds."""

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"Setting {name} is {value}; it must lie between {low} and {high}.")
        if self.log_level not in _LEVELS:
            raise ConfigError(f"Setting log_level is {self.log_level!r}; use one of {', '.join(_LEVELS)}.")


_LEVELS = ("debug", "info", "warning", "error")
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "search_limit": (1, 10_000),
    "recent_limit": (1, 10_000),
    "readers": (1, 64),
    "busy_timeout_ms": (0, 600_000),
    "slow_query_ms": (1, 600_000),
    "import_workers": (1, 64),
    "free_space_reserve": (0, 2**50),
    "view_share": (1, 100),
    "inbox_quiet_ms": (100, 3_600_000),
    "inbox_linger_ms": (0, 3_600_000),
    "inbox_mode": (0, 0o777),
    "trash_days": (0, 36_500),
    "trash_min_days": (0, 36_500),
    "file_mode": (0, 0o777),
    "directory_mode": (0, 0o777),
    "restart_tries": (0, 1000),
    "hung_seconds": (2, 3600),
}


def load_settings(path: Path) -> Settings:
    """Reads the TOML file at ``path``; a missing one gives the defaults.

    Raises :class:`ConfigError` for a file that is too large, not TOML, or has an unknown name or a wrong value.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_CONFIGURATION + 1)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.") from error
    import tomllib

    if len(data) > _MAX_CONFIGURATION:
        raise ConfigError(f"{path} is over {_MAX_CONFIGURATION} bytes; settings are a few lines.")
    try:
        table = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    return settings_from(table, str(path))


def settings_from(table: Mapping[str, object], where: str) -> Settings:
    """Checks names and types of ``table``. Raises :class:`ConfigError` naming the wrong entry of ``where``."""
    defaults = Settings()
    known = {field.name: type(getattr(defaults, field.name)) for field in fields(Settings)}
    values: dict[str, int | str] = {}
    for name, value in table.items():
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" Known: {', '.join(sorted(known))}."
            raise ConfigError(f"{where} sets {name!r}, which is no setting.{hint}")
        if type(value) is not known[name] or not isinstance(value, int | str):
            raise ConfigError(f"{where} sets {name} to {value!r}; it must be of type {known[name].__name__}.")
        values[name] = value
    return Settings(**values)  # type: ignore[arg-type]  # each value's type was checked against its field above
