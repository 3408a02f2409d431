"""Reads the values of fields: numbers, sizes, durations, qualities and their ranges.

Sizes: ``K M G T`` and ``KiB MiB GiB TiB`` are powers of 1024, as in ``ls -h`` and ``find``; ``KB MB GB TB`` are powers
of 1000. Durations: ``s``, ``min``, ``h``, ``d``, ``w``, ``mo`` (30 days), ``y`` (365 days).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.query.ast import NumberField, NumberRange, QualityBound, QualityRange, Span

LARGEST: Final = 2**63 - 1
"""Largest number a query may hold: SQLite's largest integer."""

SIZE_UNITS: Final[Mapping[str, int]] = {
    "": 1,
    "b": 1,
    **{f"{letter}{ending}": 1024**power for power, letter in enumerate("kmgt", 1) for ending in ("", "ib")},
    **{f"{letter}b": 1000**power for power, letter in enumerate("kmgt", 1)},
}
"""Bytes of each unit of size, in lower case."""

DURATION_UNITS: Final[Mapping[str, int]] = {
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "w": 7 * 86400,
    "mo": 30 * 86400,
    "y": 365 * 86400,
}
"""Seconds of each unit of time."""

RESOLUTION_NAMES: Final[Mapping[str, int]] = {"8k": 4320, "4k": 2160, "uhd": 2160, "2k": 1440, "qhd": 1440, "fhd": 1080}
"""Heights in pixels of pictures that go by a name."""

_NUMBER = re.compile(r"[0-9]+")
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]{1,6})?)([A-Za-z]*)")
_COMPARED = re.compile(r"(>=|<=|>|<|=)?(.*)", re.DOTALL)
_RESOLUTION = re.compile(r"([0-9]{3,4})[pi]")
_CLASS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[- ][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Value:
    """The text of a field's value, where it stands, and the whole query for messages."""

    field: str
    text: str
    span: Span
    query: str

    def error(self, message: str) -> QuerySyntaxError:
        """A syntax error at this value."""
        return QuerySyntaxError(message, self.query, self.span.start, self.span.end - self.span.start)

    def part(self, start: int, end: int) -> Value:
        """The characters ``start`` to ``end`` of this value."""
        return Value(self.field, self.text[start:end], Span(self.span.start + start, self.span.start + end), self.query)


@dataclass(frozen=True, slots=True)
class Ends:
    """A value taken apart: at least one end is given. ``exact``: one value without a comparison."""

    low: Value | None
    high: Value | None
    low_inclusive: bool = True
    high_inclusive: bool = True
    exact: bool = False


def ends(value: Value) -> Ends:
    """Takes ``>=x``, ``<x``, ``=x``, ``a..b``, ``a..``, ``..b`` or ``x`` apart."""
    dots = value.text.find("..")
    if dots >= 0:
        low = value.part(0, dots) if dots else None
        high = value.part(dots + 2, len(value.text)) if dots + 2 < len(value.text) else None
        if low is None and high is None:
            raise value.error(f"a range needs a value on at least one side of the dots, as in {_example(value.field)}")
        return Ends(low, high)
    found = _COMPARED.fullmatch(value.text)
    comparison = (found[1] or "") if found else ""
    operand = value.part(len(comparison), len(value.text))
    if not operand.text:
        raise value.error(f"{value.field}:{comparison} needs a value right after it, as in {_example(value.field)}")
    match comparison:
        case ">" | ">=":
            return Ends(operand, None, low_inclusive=comparison == ">=")
        case "<" | "<=":
            return Ends(None, operand, high_inclusive=comparison == "<=")
        case _:
            return Ends(operand, operand, exact=True)


def number_range(field: NumberField, value: Value, span: Span) -> NumberRange:
    """The range of numbers that ``value`` says.

    Raises:
        QuerySyntaxError: not a number, too large, or a range that runs backwards.
    """
    parts = ends(value)
    read = _READERS[field]
    low = None if parts.low is None else read(parts.low) + (0 if parts.low_inclusive else 1)
    high = None if parts.high is None else read(parts.high) - (0 if parts.high_inclusive else 1)
    if parts.exact and parts.low is not None:
        low, high = _exactly(field, parts.low)
    if low is not None and high is not None and low > high:
        raise value.error(f"the range {value.text} runs backwards; write the smaller value first")
    if high is not None and high < 0:
        raise value.error(f"nothing is less than 0; use {value.field}:0")
    return NumberRange(field, low, high, span)


def _exactly(field: NumberField, value: Value) -> tuple[int | None, int]:
    """What a single value without a comparison means."""
    number = _READERS[field](value)
    if field is NumberField.ADDED:
        return None, number  # added:30d is "within the last 30 days"
    if field is NumberField.SIZE:
        return _size_as_precise_as_written(value)
    return number, number


def _size_as_precise_as_written(value: Value) -> tuple[int, int]:
    """``4G`` is 3.5 to 4.5 G and ``4.7G`` 4.65 to 4.75 G: nobody knows the size of a film to the byte."""
    digits, unit = _quantity(value, SIZE_UNITS, "size")
    factor = SIZE_UNITS[unit]
    decimals = len(digits.partition(".")[2])
    half_step = Decimal(factor) / (2 * 10**decimals)
    middle = Decimal(digits) * factor
    if half_step < 1:
        return int(middle), int(middle)
    return max(0, int(middle - half_step)), int(middle + half_step) - 1


def _whole_number(value: Value) -> int:
    if not _NUMBER.fullmatch(value.text):
        raise value.error(f"{value.text!r} is not a whole number, as in {_example(value.field)}")
    return _bounded(value, Decimal(value.text))


def _year(value: Value) -> int:
    number = _whole_number(value)
    if number > 9999:
        raise value.error(f"{value.text!r} is not a year, as in {_example(value.field)}")
    return number


def _size(value: Value) -> int:
    digits, unit = _quantity(value, SIZE_UNITS, "size")
    return _bounded(value, Decimal(digits) * SIZE_UNITS[unit])


def _duration(value: Value) -> int:
    digits, unit = _quantity(value, DURATION_UNITS, "time")
    return _bounded(value, Decimal(digits) * DURATION_UNITS[unit])


def _quantity(value: Value, units: Mapping[str, int], sort: str) -> tuple[str, str]:
    found = _QUANTITY.fullmatch(value.text)
    if found is None:
        raise value.error(f"{value.text!r} is not a {sort}, as in {_example(value.field)}")
    unit = found[2].lower()
    if unit not in units:
        known = ", ".join(name for name in units if name)
        what = f"has no unit of {sort}" if not unit else f"has an unknown unit of {sort}, {found[2]!r}"
        raise value.error(f"{value.text!r} {what}; there are {known}")
    return found[1], unit


def _bounded(value: Value, number: Decimal) -> int:
    if number > LARGEST:
        raise value.error(f"{value.text!r} is too large a number")
    return int(number)


_READERS: Final[Mapping[NumberField, Callable[[Value], int]]] = {
    NumberField.YEAR: _year,
    NumberField.VIEWS: _whole_number,
    NumberField.SIZE: _size,
    NumberField.ADDED: _duration,
}


def quality_range(value: Value, span: Span) -> QualityRange:
    """The range of qualities that ``value`` says. Whether a class name exists is for the compiler to find out.

    Raises:
        QuerySyntaxError: no quality at all, or a range from a resolution to a class.
    """
    parts = ends(value)
    low = None if parts.low is None else _quality(parts.low, parts.low_inclusive)
    high = None if parts.high is None else _quality(parts.high, parts.high_inclusive)
    if low is not None and high is not None:
        if (low.height is None) != (high.height is None):
            raise value.error("a range of qualities goes from resolution to resolution or from class to class")
        if low.height is not None and high.height is not None and low.height > high.height:
            raise value.error(f"the range {value.text} runs backwards; write the smaller value first")
    return QualityRange(low, high, span)


def _quality(value: Value, inclusive: bool) -> QualityBound:
    name = value.text.strip()
    height = RESOLUTION_NAMES.get(name.lower())
    resolution = _RESOLUTION.fullmatch(name.lower())
    if height is None and resolution is not None:
        height = int(resolution[1])
    if height is not None:
        return QualityBound(height, None, inclusive, value.span)
    if not _CLASS_NAME.fullmatch(name):
        raise value.error(
            f"{value.text!r} is no quality; there are resolutions, as 1080p or 4k, and classes, as WEBDL-1080p"
        )
    return QualityBound(None, name, inclusive, value.span)


def _example(field: str) -> str:
    return {
        "year": "year:1999 or year:1980..1989",
        "views": "views:0 or views:>=2",
        "size": "size:>4G or size:700M..2G",
        "added": "added:<30d or added:>1y",
        "quality": "quality:>=1080p",
    }.get(field, f"{field}:value")
