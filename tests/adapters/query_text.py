"""Writes a query in its canonical form: what reads it back gets an equal tree."""

from __future__ import annotations

from collections.abc import Mapping

from offliniofs.query.ast import (
    And,
    FieldLeaf,
    Flag,
    KindMatch,
    LanguageMatch,
    NameMatch,
    Node,
    Not,
    NumberField,
    NumberRange,
    Or,
    Phrase,
    QualityBound,
    QualityRange,
    Query,
    TextMatch,
    Word,
)
from offliniofs.query.lexer import OPERATORS
from offliniofs.query.parser import last_word
from offliniofs.query.values import DURATION_UNITS

_SIZE_UNITS: Mapping[str, int] = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


def format_query(query: Query) -> str:
    """The query in canonical form: single spaces, no needless parentheses, fields by their own names."""
    return _node(query.root, last_word(query.root))


def _node(node: Node, last: Word | None) -> str:
    match node:
        case Word():
            # the last word is a prefix without a star, but for a word that would be an operator without one
            starred = node.prefix and (node is not last or node.text in OPERATORS)
            return f"{node.text}*" if starred else node.text
        case Phrase():
            return f'"{node.text}"'
        case Not():
            return "-" + _grouped(node.operand, last, (And, Or))
        case And():
            return " ".join(_grouped(operand, last, (And, Or)) for operand in node.operands)
        case Or():
            return " OR ".join(_grouped(operand, last, (Or,)) for operand in node.operands)
        case TextMatch():
            return f"{node.field}:{_text_value(node)}"
        case _:
            return _field(node)


def _grouped(node: Node, last: Word | None, looser: tuple[type[And] | type[Or], ...]) -> str:
    return f"({_node(node, last)})" if isinstance(node, looser) else _node(node, last)


def _text_value(node: TextMatch) -> str:
    return f"{node.text}*" if node.prefix else _quoted(node.text)


def _field(node: FieldLeaf) -> str:
    match node:
        case NameMatch():
            return f"{node.field}:{_quoted(node.text)}"
        case NumberRange():
            return f"{node.field}:{_number_range(node)}"
        case QualityRange():
            return f"quality:{_quality_range(node)}"
        case KindMatch():
            return f"type:{node.kind}"
        case LanguageMatch():
            return f"lang:{node.tag}"
        case Flag():
            return f"is:{node.name}"


def _quoted(text: str) -> str:
    needs_quotes = any(character.isspace() or character in "()" for character in text) or text.endswith("*")
    return f'"{text}"' if needs_quotes else text


def _number_range(node: NumberRange) -> str:
    units = {NumberField.SIZE: _SIZE_UNITS, NumberField.ADDED: DURATION_UNITS}.get(node.field, {"": 1})
    if node.low is not None and node.high is not None:
        if node.low == node.high and node.field in (NumberField.YEAR, NumberField.VIEWS):
            return str(node.low)
        return f"{_with_unit(node.low, units)}..{_with_unit(node.high, units)}"
    if node.low is not None:
        return _comparison(">", node.low, node.low - 1, units)
    if node.high is not None:
        return _comparison("<", node.high, node.high + 1, units)
    raise ValueError("a range without ends")


def _comparison(sign: str, included: int, excluded: int, units: Mapping[str, int]) -> str:
    """``>=`` or ``>``, whichever has the rounder number: ``>4G`` rather than ``>=4294967297``."""
    with_end, without_end = _with_unit(included, units), _with_unit(excluded, units)
    rounder = len(units) > 1 and excluded > 0 and len(without_end) < len(with_end)
    return f"{sign}{without_end}" if rounder else f"{sign}={with_end}"


def _with_unit(number: int, units: Mapping[str, int]) -> str:
    unit = max(
        (unit for unit in units if number % units[unit] == 0), key=lambda unit: units[unit] if number else -units[unit]
    )
    return f"{number // units[unit]}{unit}"


def _quality_range(node: QualityRange) -> str:
    low, high = node.low, node.high
    if low is not None and high is not None:
        text = _quality(low) if low == high else f"{_quality(low)}..{_quality(high)}"
    elif low is not None:
        text = f">{'=' if low.inclusive else ''}{_quality(low)}"
    elif high is not None:
        text = f"<{'=' if high.inclusive else ''}{_quality(high)}"
    else:
        raise ValueError("a range without ends")
    return _quoted(text)


def _quality(bound: QualityBound) -> str:
    return f"{bound.height}p" if bound.height is not None else str(bound.class_name)
