"""``offliniofs mount``: the library as a folder."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import click

from offliniofs.app.background import READY, start_in_background, tell_starter
from offliniofs.app.config import Settings
from offliniofs.app.layout import StoreLayout
from offliniofs.app.logs import configure_logging
from offliniofs.app.notify import ServiceManager
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import OfflinioError
from offliniofs.fuse.options import MountOptions


class _Octal(click.ParamType[int]):
    name = "octal"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = value if isinstance(value, int) else int(str(value), 8)
        except ValueError:
            number = -1
        if not 0 <= number <= 0o777:
            self.fail(f"{value!r} is no octal number from 0 to 777", param, ctx)
        return number


@click.command("mount")
@click.argument("mountpoint", type=click.Path(readable=False, path_type=Path))
@click.option("--foreground", is_flag=True, help="Stay in the foreground and log to standard error, as under systemd.")
@click.option("--allow-other", is_flag=True, help="Let other users in: Samba, Jellyfin, Kodi under their own account.")
@click.option("--read-only", is_flag=True, help="Refuse every change, also of searches and attributes.")
@click.option("--uid", type=click.IntRange(0), help="Owner of everything shown.  [default: you]")
@click.option("--gid", type=click.IntRange(0), help="Group of everything shown.  [default: yours]")
@click.option("--umask", type=_Octal(), default="0", help="Permission bits taken off everything shown, octal.")
@click.option("--ready-fd", type=click.IntRange(0), hidden=True)
@verb
def command(
    invocation: Invocation,
    mountpoint: Path,
    foreground: bool,
    allow_other: bool,
    read_only: bool,
    uid: int | None,
    gid: int | None,
    umask: int,
    ready_fd: int | None,
) -> None:
    """Show the library at MOUNTPOINT, an empty folder, until it is unmounted."""
    settings = invocation.settings()
    layout = invocation.existing_layout()
    options = MountOptions(
        mountpoint=mountpoint.absolute(),
        store=layout.root,
        allow_other=allow_other,
        read_only=read_only,
        uid=os.getuid() if uid is None else uid,
        gid=os.getgid() if gid is None else gid,
        umask=umask,
        file_mode=settings.file_mode,
        directory_mode=settings.directory_mode,
        view_share=settings.view_share,
    )
    if not foreground:
        start_in_background(partial(_daemon_arguments, options), layout.log)
        if invocation.as_json:
            emit_json({"mountpoint": str(options.mountpoint), "store": str(layout.root)})
        else:
            click.echo(f"Mounted {printable(str(layout.root))} on {printable(str(options.mountpoint))}")
        return
    configure_logging(
        settings.log_level,
        path=layout.log if ready_fd is not None else None,
        # journald stamps the lines itself.
        timestamp=ServiceManager.from_environment().address is None,
    )
    _serve(layout, settings, options, ready_fd)


def _serve(layout: StoreLayout, settings: Settings, options: MountOptions, ready_fd: int | None) -> None:
    """Is the daemon. It alone needs most of the program: the command that only starts it imports none of that."""
    import trio

    from offliniofs.app.daemon import serve_library
    from offliniofs.app.library import open_library

    try:
        with open_library(layout, settings) as library:
            trio.run(serve_library, library, options, lambda: tell_starter(ready_fd, READY))
    except OfflinioError as error:
        tell_starter(ready_fd, str(error).encode())
        raise


def _daemon_arguments(options: MountOptions, ready: int) -> list[str]:
    arguments = ["--store", str(options.store), "mount", "--foreground", "--ready-fd", str(ready)]
    arguments += ["--allow-other"] if options.allow_other else []
    arguments += ["--read-only"] if options.read_only else []
    arguments += ["--uid", str(options.uid), "--gid", str(options.gid), "--umask", f"{options.umask:o}"]
    return [*arguments, "--", str(options.mountpoint)]
