"""Printing: plain lines and tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

import click

from offliniofs.domain.sizes import human_size as human_size


def printable(text: str) -> str:
    """``text`` with everything replaced that could steer a terminal: names come from strangers."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def emit_json(value: object) -> None:
    """Prints one JSON value on one line; what is not valid Unicode is escaped."""
    click.echo(json.dumps(value, ensure_ascii=True, default=str))


def human_duration(seconds: float) -> str:
    """Seconds as ``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(time_ns: int) -> str:
    """Nanoseconds since the epoch as a local date and time."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _columns(text: str) -> int:
    """Columns of a terminal that ``text`` takes: wide letters and emoji two, marks that sit on a letter none.

    Source: https://www.unicode.org/reports/tr11/ (East Asian Width).
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(letter) in {"Mn", "Me", "Cf"} else 1 + (unicodedata.east_asian_width(letter) in "FW")
        for letter in text
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints aligned columns; numbers stand to the right."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    raw = [list(headings), *cells]
    widths = [max(_columns(row[column]) for row in raw) for column in range(len(headings))]
    numeric = [
        bool(cells) and all(row[column][:1].isdigit() or not row[column] for row in cells)
        for column in range(len(headings))
    ]
    for row in raw:
        line = "  ".join(
            " " * (width - _columns(cell)) + cell if right else cell + " " * (width - _columns(cell))
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        click.echo(line.rstrip())


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Prints ``name  value`` lines, aligned, leaving out what is empty."""
    shown = [(name, printable(str(value))) for name, value in pairs if value not in (None, "", (), [])]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{name.ljust(width)}  {value}")


def on_terminal() -> bool:
    """Whether progress may be drawn: only on a terminal."""
    return sys.stderr.isatty()
