"""``offliniofs status``: the running mounts of a store."""

from __future__ import annotations

from collections.abc import Sequence

import click

from offliniofs.app.control_client import ControlAddress, ask, control_addresses
from offliniofs.app.supervised import SupervisedMount, supervised_mounts
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, facts, human_duration, human_size, printable
from offliniofs.domain.errors import ExitCode, NotFoundError, OfflinioError


@click.command("status")
@verb
def command(invocation: Invocation) -> int:
    """Show every running mount of the store. Exits 1 when one does not answer."""
    run = invocation.layout.run  # a daemon outlives the catalogue, and then tells about it
    addresses = control_addresses(run) or control_addresses(invocation.existing_layout().run)
    documents, troubles = _ask_daemons(addresses)
    troubles += _ask_supervisors(supervised_mounts(run), documents)
    if invocation.as_json:
        emit_json(documents)
    elif not documents and not troubles:
        click.echo("The store is not mounted. Mount it with: offliniofs mount MOUNTPOINT")
    else:
        for document in documents:
            _print(document)
    for trouble in troubles:
        click.echo(f"offliniofs: {printable(trouble)}", err=True)
    return ExitCode.FAILED if troubles else ExitCode.DONE


def _ask_daemons(addresses: Sequence[ControlAddress]) -> tuple[list[dict[str, object]], list[str]]:
    """What the daemons tell of themselves, and what is wrong with those that do not."""
    documents: list[dict[str, object]] = []
    troubles: list[str] = []
    for address in addresses:
        try:
            documents.append(ask(address, "status"))
        except NotFoundError:
            # The socket of a daemon that was killed; the next one at its place clears it away.
            continue
        except OfflinioError as error:
            troubles.append(str(error))
    return documents, troubles


def _ask_supervisors(mounts: Sequence[SupervisedMount], documents: list[dict[str, object]]) -> list[str]:
    """Adds to ``documents`` what supervisors tell; returns what is wrong with mounts that nobody serves."""
    troubles = []
    for mount in mounts:
        document = next((known for known in documents if known.get("mountpoint") == mount.mountpoint), None)
        if document is None and mount.trouble is not None:
            troubles.append(mount.trouble)
            continue
        if document is None:
            document = {"mountpoint": mount.mountpoint, "health": ["No daemon answers just now; it is being started."]}
            documents.append(document)
        document.update(state=mount.state, supervisor=mount.supervisor)
    return troubles


def _number(document: dict[str, object], name: str) -> float:
    value = document.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _last_death(document: dict[str, object]) -> str:
    happened = document.get("last_death")
    return f"; the daemon before {happened}" if happened else ""


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
            ("restarts", f"{document.get('restarts', 0)}{_last_death(document)}"),
            ("read", human_size(round(_number(document, "bytes_read")))),
            ("disk", f"{_number(document, 'disk_used_percent'):.0f} % used"),
            ("health", "; ".join(troubles) or "in order"),
        )
    )
