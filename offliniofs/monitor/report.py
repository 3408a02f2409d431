"""A snapshot as a program, Prometheus or a person reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from offliniofs.monitor.snapshot import Snapshot

_FULL_PERCENT = 95
_SLOW_SHARE = 0.01


def status_document(snapshot: Snapshot) -> dict[str, object]:
    """The snapshot as plain values, for ``status.json``, ``offliniofs status --json`` and the control socket."""
    return {
        "version": snapshot.version,
        "mountpoint": snapshot.mountpoint,
        "store": snapshot.store,
        "pid": snapshot.pid,
        "started_ns": snapshot.started_ns,
        "uptime_seconds": round(snapshot.uptime_seconds, 3),
        "read_only": snapshot.read_only,
        "titles": snapshot.titles,
        "files": snapshot.files,
        "shown_bytes": snapshot.shown_bytes,
        "stored_bytes": snapshot.stored_bytes,
        "saved_bytes": snapshot.saved_bytes,
        "disk_total_bytes": snapshot.disk_total_bytes,
        "disk_available_bytes": snapshot.disk_available_bytes,
        "disk_used_percent": round(snapshot.used_percent, 1),
        "resident_bytes": snapshot.resident_bytes,
        "requests": dict(sorted(snapshot.requests.items())),
        "failures": dict(sorted(snapshot.failures.items())),
        "bytes_read": snapshot.bytes_read,
        "caches": {
            name: {"hits": cache.hits, "misses": cache.misses, "rate": cache.rate}
            for name, cache in sorted(snapshot.caches.items())
        },
        "queries": {
            "count": snapshot.queries.queries,
            "slow": snapshot.queries.slow,
            "mean_ms": snapshot.queries.mean_ms,
            "longest_ms": snapshot.queries.longest_ns / 1e6,
        },
        "readers": {
            "borrowed": snapshot.readers_borrowed,
            "idle": snapshot.readers_idle,
            "replaced": snapshot.readers_replaced,
        },
        "restarts": snapshot.restarts,
        "last_death": snapshot.last_death,
        "change_sequence": snapshot.change_sequence,
        "refusals": list(snapshot.refusals),
        "health": findings(snapshot),
    }


def render_status(snapshot: Snapshot) -> bytes:
    """``status.json``."""
    return json.dumps(status_document(snapshot), indent=2).encode() + b"\n"


def findings(snapshot: Snapshot) -> list[str]:
    """What is not as it should be; empty when all is well."""
    found = list(snapshot.troubles)
    if snapshot.used_percent >= _FULL_PERCENT:
        found.append(f"The disk is {snapshot.used_percent:.0f} % full; make room before the next import.")
    queries = snapshot.queries
    if queries.slow > max(10, queries.queries * _SLOW_SHARE):
        found.append(f"{queries.slow} of {queries.queries} catalogue queries were slow; the log names them.")
    if snapshot.readers_replaced:
        found.append(f"{snapshot.readers_replaced} catalogue connections broke and were replaced.")
    if errors := snapshot.failures.get("EIO", 0):
        reason = f" The last one: {snapshot.last_failure}" if snapshot.last_failure else ""
        found.append(f"{errors} requests failed with an input/output error; run offliniofs fsck.{reason}")
    return found


def render_health(snapshot: Snapshot) -> bytes:
    """``health.txt``: one line when all is well, else what is not; then what clients wanted to change and could not.

    A refused change is no illness, but its errno alone tells nobody why.
    """
    found = findings(snapshot) or ["Everything is in order."]
    lines = [f"{finding}\n" for finding in found]
    if snapshot.refusals:
        lines.append("\nChanges that were refused lately, the newest first:\n")
        lines += [f"  {refused}\n" for refused in snapshot.refusals]
    return "".join(lines).encode()


def _family(name: str, kind: str, meaning: str, samples: Iterable[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP offliniofs_{name} {meaning}\n# TYPE offliniofs_{name} {kind}\n"
    for labels, value in samples:
        yield f"offliniofs_{name}{labels} {value:.17g}\n"


def _labelled(label: str, values: Mapping[str, int]) -> list[tuple[str, float]]:
    return [(f'{{{label}="{name}"}}', value) for name, value in sorted(values.items())]


def render_metrics(snapshot: Snapshot) -> bytes:
    """``metrics.prom`` in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    gauges = (
        ("titles", "Titles in the library.", snapshot.titles),
        ("files", "Files in the library.", snapshot.files),
        ("shown_bytes", "Bytes of all files as shown.", snapshot.shown_bytes),
        ("stored_bytes", "Bytes of all blobs.", snapshot.stored_bytes),
        ("disk_total_bytes", "Size of the disk under the store.", snapshot.disk_total_bytes),
        ("disk_available_bytes", "Bytes free for the store.", snapshot.disk_available_bytes),
        ("resident_bytes", "Resident memory of the daemon.", snapshot.resident_bytes),
        ("uptime_seconds", "Seconds since the mount began.", snapshot.uptime_seconds),
        ("readers_borrowed", "Catalogue connections in use.", snapshot.readers_borrowed),
        ("troubles", "Parts that cannot be used at all; health.txt names them.", len(snapshot.troubles)),
    )
    counters = (
        ("read_bytes_total", "Bytes read through the mount.", snapshot.bytes_read),
        ("queries_total", "Catalogue queries.", snapshot.queries.queries),
        ("slow_queries_total", "Catalogue queries over the limit.", snapshot.queries.slow),
        ("query_seconds_total", "Seconds spent in catalogue queries.", snapshot.queries.total_ns / 1e9),
        ("restarts_total", "Starts of a daemon after another's death.", snapshot.restarts),
        ("readers_replaced_total", "Catalogue connections that were replaced.", snapshot.readers_replaced),
    )
    lines: list[str] = []
    for name, meaning, value in gauges:
        if value is not None:
            lines += _family(name, "gauge", meaning, [("", value)])
    for name, meaning, value in counters:
        lines += _family(name, "counter", meaning, [("", value)])
    lines += _family("requests_total", "counter", "Requests of the kernel.", _labelled("kind", snapshot.requests))
    lines += _family("failures_total", "counter", "Requests that failed.", _labelled("errno", snapshot.failures))
    hits = {name: cache.hits for name, cache in snapshot.caches.items()}
    misses = {name: cache.misses for name, cache in snapshot.caches.items()}
    lines += _family("cache_hits_total", "counter", "Answers a cache had.", _labelled("cache", hits))
    lines += _family("cache_misses_total", "counter", "Answers a cache lacked.", _labelled("cache", misses))
    return "".join(lines).encode()
