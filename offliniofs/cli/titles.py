"""Titles as lists print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from offliniofs.cli.output import emit_json, human_size, table
from offliniofs.domain.details import TitleSummary


def title_document(title: TitleSummary) -> dict[str, object]:
    """One title for ``--json``."""
    document = asdict(title)
    document["id"] = document.pop("content_id")
    document["type"] = document.pop("kind")
    return document


def print_titles(titles: Iterable[TitleSummary], *, as_json: bool) -> int:
    """Prints them, one JSON object a line or a table, and returns how many there were."""
    count = 0
    if as_json:
        for title in titles:
            emit_json(title_document(title))
            count += 1
        return count
    shown = list(titles)
    if shown:
        table(
            ["id", "type", "title", "quality", "genres", "size"],
            (
                (
                    title.content_id,
                    title.kind,
                    title.name,
                    title.quality,
                    ", ".join(title.genres),
                    human_size(title.total_size),
                )
                for title in shown
            ),
        )
    return len(shown)
