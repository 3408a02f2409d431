"""``offliniofs umount``: takes a mounted folder away."""

from __future__ import annotations

from pathlib import Path

import click

from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.fuse.unmounting import unmount_on_request


@click.command("umount")
@click.argument("mountpoint", type=Path)  # click.Path would ask a mount that nobody serves just now for its attributes
@click.option("--lazy", is_flag=True, help="Also while somebody uses it: the folder goes at once.")
@verb
def command(invocation: Invocation, mountpoint: Path, lazy: bool) -> None:
    """Unmount MOUNTPOINT. Refused, naming who, while a program uses it."""
    done = unmount_on_request(mountpoint, lazy=lazy)
    if invocation.as_json:
        emit_json({"mountpoint": str(done.mountpoint), "users": [str(user) for user in done.users]})
        return
    click.echo(f"Unmounted {printable(str(done.mountpoint))}")
    for user in done.users:
        click.echo(f"still in use: {printable(str(user))}", err=True)
