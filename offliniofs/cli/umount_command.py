"""``offliniofs umount``: takes a mounted folder away."""

from __future__ import annotations

import os
from pathlib import Path

import click

from offliniofs.app.layout import StoreLayout
from offliniofs.app.supervised import end_the_dead
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, printable
from offliniofs.fuse.mount_table import canonical, mounted_at
from offliniofs.fuse.unmounting import unmount_on_request


@click.command("umount")
@click.argument("mountpoint", type=Path)  # click.Path would ask a mount that nobody serves just now for its attributes
@click.option("--lazy", is_flag=True, help="Also while somebody uses it: the folder goes at once.")
@verb
def command(invocation: Invocation, mountpoint: Path, lazy: bool) -> None:
    """Unmount MOUNTPOINT. Refused, naming who, while a program uses it."""
    entry = mounted_at(canonical(mountpoint))
    if entry is not None and entry.is_ours:
        store = Path(os.fsdecode(entry.source.partition(b":")[2]))
        end_the_dead(StoreLayout(store).run, canonical(mountpoint))
    done = unmount_on_request(mountpoint, lazy=lazy)
    if invocation.as_json:
        emit_json({"mountpoint": str(done.mountpoint), "users": [str(user) for user in done.users]})
        return
    click.echo(f"Unmounted {printable(str(done.mountpoint))}")
    for user in done.users:
        click.echo(f"still in use: {printable(str(user))}", err=True)
