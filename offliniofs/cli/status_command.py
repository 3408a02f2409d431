"""``offliniofs status``: the running mounts of a store."""

from __future__ import annotations

import click

from offliniofs.app.control import ask, control_addresses
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, facts, human_duration, human_size
from offliniofs.domain.errors import ExitCode, NotFoundError, OfflinioError


@click.command("status")
@verb
def command(invocation: Invocation) -> int:
    """Show every running mount of the store. Exits 1 when one does not answer."""
    documents: list[dict[str, object]] = []
    silent: list[OfflinioError] = []
    addresses = control_addresses(invocation.layout.run)  # a daemon outlives the catalogue, and then tells about it
    for address in addresses or control_addresses(invocation.existing_layout().run):
        try:
            documents.append(ask(address, "status"))
        except NotFoundError:
            # The socket of a daemon that was killed; the next mount at its place clears it away.
            continue
        except OfflinioError as error:
            silent.append(error)
    if invocation.as_json:
        emit_json(documents)
    elif not documents and not silent:
        click.echo("The store is not mounted. Mount it with: offliniofs mount MOUNTPOINT")
    else:
        for document in documents:
            _print(document)
    for trouble in silent:
        click.echo(f"offliniofs: {trouble}", err=True)
    return ExitCode.FAILED if silent else ExitCode.DONE


def _number(document: dict[str, object], name: str) -> float:
    value = document.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _print(document: dict[str, object]) -> None:
    health = document.get("health")
    troubles = [str(line) for line in health] if isinstance(health, list) else []
    facts(
        (
            ("mounted on", document.get("mountpoint")),
            ("for", human_duration(_number(document, "uptime_seconds"))),
            ("process", document.get("pid")),
            ("memory", human_size(round(_number(document, "resident_bytes")))),
            ("titles", document.get("titles")),
            ("files", document.get("files")),
            ("read", human_size(round(_number(document, "bytes_read")))),
            ("disk", f"{_number(document, 'disk_used_percent'):.0f} % used"),
            ("health", "; ".join(troubles) or "in order"),
        )
    )
