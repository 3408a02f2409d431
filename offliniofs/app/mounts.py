"""Which daemons serve a store, asked through their control sockets."""

from __future__ import annotations

from pathlib import Path

from offliniofs.app.control_client import ask, control_addresses
from offliniofs.app.layout import StoreLayout
from offliniofs.domain.errors import MigrationError, NotFoundError, OfflinioError


def mountpoints(layout: StoreLayout) -> list[Path]:
    """Where the store is mounted. For a daemon that lives but does not answer, the path of its socket."""
    found = []
    for address in control_addresses(layout.run):
        try:
            found.append(Path(str(ask(address, "status")["mountpoint"])))
        except NotFoundError:
            continue  # the socket of a daemon that was killed
        except (OfflinioError, KeyError):
            found.append(address.path)
    return found


def refuse_while_mounted(layout: StoreLayout) -> None:
    """Raises ``MigrationError`` while a daemon serves the store: it knows only the schema it was started with."""
    used = mountpoints(layout)
    if used:
        raise MigrationError(
            f"The store {layout.root} is mounted on {', '.join(map(str, used))}, by a program that knows the old "
            f"schema alone. Unmount it first (offliniofs umount {used[0]}), migrate, then mount it again."
        )
