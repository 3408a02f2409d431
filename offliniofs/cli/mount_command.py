"""``offliniofs mount``: the library as a folder."""

from __future__ import annotations

import dataclasses
import os
import sys
from functools import partial
from pathlib import Path

import click

from offliniofs.app.background import start_in_background, tell_starter
from offliniofs.app.config import Settings
from offliniofs.app.launch import Launch, become_supervisor, replace_daemon
from offliniofs.app.layout import StoreLayout
from offliniofs.app.logs import configure_logging
from offliniofs.app.notify import ServiceManager
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.domain.errors import MountError, OfflinioError
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
@click.argument("mountpoint", type=Path)  # click.Path would ask a mount that nobody serves just now for its attributes
@click.option("--foreground", is_flag=True, help="Stay in the foreground and log to standard error, as under systemd.")
@click.option("--allow-other", is_flag=True, help="Let other users in: Samba, Jellyfin, Kodi under their own account.")
@click.option("--read-only", is_flag=True, help="Refuse every change, also of searches and attributes.")
@click.option("--uid", type=click.IntRange(0), help="Owner of everything shown.  [default: you]")
@click.option("--gid", type=click.IntRange(0), help="Group of everything shown.  [default: yours]")
@click.option("--umask", type=_Octal(), default="0", help="Permission bits taken off everything shown, octal.")
@click.option("--replace", is_flag=True, help="Take over a running mount with this version; clients notice nothing.")
@click.option("--no-failover", is_flag=True, help="Mount anew when the daemon dies; open files are lost.")
@click.option("--ready-fd", type=click.IntRange(0), hidden=True)
@click.option("--log-to-file", is_flag=True, hidden=True)
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
    replace: bool,
    no_failover: bool,
    ready_fd: int | None,
    log_to_file: bool,
) -> None:
    """Show the library at MOUNTPOINT, an empty folder, until it is unmounted."""
    settings = invocation.settings()
    if no_failover:
        settings = dataclasses.replace(settings, failover=False)
    layout = invocation.existing_layout()
    if layout.read_only and not read_only:
        raise MountError(f"The store {layout.root} lies on a read-only filesystem. Mount it with --read-only.")
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
        case_insensitive=settings.case_insensitive,
        view_share=settings.view_share,
    )
    if replace and replace_daemon(layout, settings, options, log_to_file=not foreground):
        _say(invocation, layout, options, "Replaced the daemon of {store} on {mountpoint}")
        return
    if not foreground:
        start_in_background(partial(_foreground_arguments, options, settings), layout.log)
        _say(invocation, layout, options, "Mounted {store} on {mountpoint}")
        return
    configure_logging(
        settings.log_level,
        path=layout.log if log_to_file else None,
        # journald stamps the lines itself.
        timestamp=ServiceManager.from_environment().address is None,
    )
    remount = [sys.executable, "-P", "-m", "offliniofs", *_foreground_arguments(options, settings, None, log_to_file)]
    try:
        become_supervisor(Launch(layout, settings, options, log_to_file, ready_fd, remount))
    except OfflinioError as error:
        tell_starter(ready_fd, str(error).encode())
        raise


def _say(invocation: Invocation, layout: StoreLayout, options: MountOptions, text: str) -> None:
    if invocation.as_json:
        emit_json({"mountpoint": str(options.mountpoint), "store": str(layout.root)})
    else:
        store, mountpoint = printable(str(layout.root)), printable(str(options.mountpoint))
        click.echo(text.format(store=store, mountpoint=mountpoint))


def _foreground_arguments(
    options: MountOptions, settings: Settings, ready: int | None, log_to_file: bool = True
) -> list[str]:
    arguments = ["--store", str(options.store), "mount", "--foreground"]
    arguments += [] if ready is None else ["--ready-fd", str(ready)]
    arguments += ["--log-to-file"] if log_to_file else []
    arguments += ["--allow-other"] if options.allow_other else []
    arguments += ["--read-only"] if options.read_only else []
    arguments += [] if settings.failover else ["--no-failover"]
    arguments += ["--uid", str(options.uid), "--gid", str(options.gid), "--umask", f"{options.umask:o}"]
    return [*arguments, "--", str(options.mountpoint)]
