from __future__ import annotations

import dataclasses
import json

from offliniofs.monitor.report import findings, render_health, render_metrics, render_status
from offliniofs.monitor.snapshot import CacheFigures, QueryFigures, Snapshot

CALM = Snapshot(
    version="1",
    mountpoint="/mnt",
    store="/store",
    pid=7,
    started_ns=1,
    uptime_seconds=1.5,
    read_only=False,
    titles=3,
    files=5,
    shown_bytes=1000,
    stored_bytes=600,
    disk_total_bytes=2000,
    disk_free_bytes=1000,
    disk_available_bytes=500,
    resident_bytes=50,
    requests={"lookup": 4, "read": 9},
    failures={"ENOENT": 2},
    last_failure=None,
    bytes_read=77,
    caches={"descriptors": CacheFigures(3, 1)},
    queries=QueryFigures(100, 1, 5_000_000, 2_000_000),
    readers_borrowed=0,
    readers_idle=2,
    readers_replaced=0,
    change_sequence=12,
)
TROUBLED = dataclasses.replace(
    CALM,
    disk_free_bytes=100,
    disk_available_bytes=20,
    failures={"EIO": 3},
    last_failure="blob 12 is missing",
    readers_replaced=2,
    queries=QueryFigures(100, 60, 5_000_000, 2_000_000),
)


def test_the_status_adds_up() -> None:
    document = json.loads(render_status(CALM))
    assert document["saved_bytes"] == 400
    assert document["disk_used_percent"] == 66.7
    assert document["caches"]["descriptors"] == {"hits": 3, "misses": 1, "rate": 0.75}
    assert document["queries"] == {"count": 100, "slow": 1, "mean_ms": 0.05, "longest_ms": 2.0}
    assert document["health"] == []


def test_nothing_asked_yet_has_no_rate() -> None:
    assert CacheFigures(0, 0).rate is None
    assert QueryFigures(0, 0, 0, 0).mean_ms is None
    assert dataclasses.replace(CALM, disk_total_bytes=0, disk_free_bytes=0, disk_available_bytes=0).used_percent == 0.0


def test_health_names_each_trouble() -> None:
    assert render_health(CALM) == b"Everything is in order.\n"
    assert len(findings(TROUBLED)) == 4
    text = render_health(TROUBLED).decode()
    assert "99 % full" in text
    assert "60 of 100" in text
    assert "2 catalogue connections" in text
    assert "3 requests failed" in text
    assert "The last one: blob 12 is missing" in text


def test_what_cannot_be_used_comes_first_and_totals_are_unknown() -> None:
    lost = dataclasses.replace(
        TROUBLED,
        titles=None,
        files=None,
        shown_bytes=None,
        stored_bytes=None,
        change_sequence=None,
        troubles=("Gone.",),
    )
    document = json.loads(render_status(lost))
    assert (document["titles"], document["saved_bytes"], document["health"][0]) == (None, None, "Gone.")
    assert render_health(lost).startswith(b"Gone.\n")
    metrics = render_metrics(lost).decode()
    assert "offliniofs_titles" not in metrics
    assert "offliniofs_troubles 1\n" in metrics


def test_metrics_are_in_prometheus_format() -> None:
    text = render_metrics(CALM).decode()
    assert "# TYPE offliniofs_titles gauge\noffliniofs_titles 3\n" in text
    assert 'offliniofs_requests_total{kind="read"} 9\n' in text
    assert 'offliniofs_cache_hits_total{cache="descriptors"} 3\n' in text
    for line in text.splitlines():
        name, value = line.rsplit(" ", 1)
        assert name.startswith(("# HELP offliniofs_", "# TYPE offliniofs_", "offliniofs_"))
        assert line.startswith("#") or float(value) >= 0
