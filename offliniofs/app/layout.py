"""Where everything of one store lies."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import blake3

from offliniofs.blobs.layout import BLOBS, VERSION
from offliniofs.domain.errors import ConfigError, StoreError

STORE_VARIABLE = "OFFLINIOFS_STORE"


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """The paths below one store's folder."""

    root: Path

    @property
    def marker(self) -> Path:
        """What the blob store writes first: states that this is a store, and of which layout."""
        return self.root / BLOBS / VERSION

    @property
    def catalogue(self) -> Path:
        """The SQLite database."""
        return self.root / "catalog.sqlite"

    @property
    def staging(self) -> Path:
        """What is being received through the inbox."""
        return self.root / "staging"

    @property
    def backups(self) -> Path:
        """Copies of the catalogue, made before each migration."""
        return self.root / "backups"

    @property
    def configuration(self) -> Path:
        """Optional TOML file with settings."""
        return self.root / "offliniofs.toml"

    @property
    def read_only(self) -> bool:
        """Whether the store lies on a filesystem that is mounted read-only."""
        try:
            return bool(os.statvfs(self.root).f_flag & os.ST_RDONLY)
        except OSError:
            return False

    @property
    def run(self) -> Path:
        """Control sockets of running daemons: in the store, or in the user's runtime folder when it is read-only.

        Raises :class:`ConfigError` when somebody else has made a folder of that name.
        """
        return self._runtime_folder() if self.read_only else self.root / "run"

    @property
    def log(self) -> Path:
        """Log of a daemon that was started in the background."""
        return self.run / "daemon.log" if self.read_only else self.root / "log" / "daemon.log"

    def _runtime_folder(self) -> Path:
        name = blake3.blake3(os.fsencode(os.path.realpath(self.root))).hexdigest(8)
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        if not runtime:
            import tempfile

            runtime = tempfile.gettempdir()
        folder = Path(runtime) / f"offliniofs-{os.geteuid()}-{name}"
        try:
            status = os.lstat(folder)
        except FileNotFoundError:
            return folder
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise ConfigError(f"{folder} is not a folder of yours alone; remove it, or set XDG_RUNTIME_DIR.")
        return folder

    @property
    def exists(self) -> bool:
        """Whether the folder is a store already. Raises :class:`StoreError` when this user may not look."""
        try:
            return self.marker.is_file() and self.catalogue.is_file()
        except PermissionError as error:
            raise StoreError(
                f"You may not look into the store {self.root}. Run this as the user it belongs to."
            ) from error


def locate_store(option: str | None) -> StoreLayout:
    """The store that ``--store`` names, else ``OFFLINIOFS_STORE``, else the XDG data folder.

    XDG: https://specifications.freedesktop.org/basedir-spec/latest/. Raises :class:`ConfigError` for an empty name.
    """
    chosen = option if option is not None else os.environ.get(STORE_VARIABLE)
    if chosen is None:
        import platformdirs

        return StoreLayout(Path(platformdirs.user_data_dir("offliniofs", appauthor=False)))
    if not chosen.strip():
        raise ConfigError(f"The store's name is empty. Give --store DIR, or unset {STORE_VARIABLE}.")
    return StoreLayout(Path(chosen).expanduser().absolute())
