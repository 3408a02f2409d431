"""What a search query says, as a tree of frozen values.

Every node knows its place in the query's text (``span``); places do not count when nodes are compared, so that
``a  b`` equals ``a b``. Groups are flat: an :class:`And` holds no :class:`And`, an :class:`Or` no :class:`Or`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from offliniofs.domain.content import ContentKind


@dataclass(frozen=True, slots=True)
class Span:
    """Code points ``start`` to before ``end`` of the query's text."""

    start: int
    end: int


NOWHERE = Span(0, 0)
"""The place of a node that was not read from text."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or several that punctuation joins (``spider-man``), in any text of a title.

    ``prefix``: the last of them may go on (``run`` finds ``runner``).
    """

    text: str
    prefix: bool = False
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow each other exactly, in any text of a title."""

    text: str
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


class TextField(StrEnum):
    """Fields that are searched like text: the words must follow each other in that field."""

    TITLE = "title"
    PERSON = "person"


class NameField(StrEnum):
    """Fields that hold names: the whole name must be equal, but for case, accents and punctuation."""

    GENRE = "genre"
    TAG = "tag"
    COLLECTION = "collection"


class NumberField(StrEnum):
    """Fields that are whole numbers. ``size`` is in bytes, ``added`` the age in whole seconds."""

    YEAR = "year"
    VIEWS = "views"
    SIZE = "size"
    ADDED = "added"


class FlagName(StrEnum):
    """What ``is:`` can ask."""

    FAVOURITE = "favourite"
    WATCHED = "watched"
    UNWATCHED = "unwatched"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """``title:`` or ``person:``."""

    field: TextField
    text: str
    prefix: bool = False
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """``genre:``, ``tag:`` or ``collection:``."""

    field: NameField
    text: str
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number from ``low`` to ``high``, both included; ``None`` is open. At least one is given."""

    field: NumberField
    low: int | None
    high: int | None
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class QualityBound:
    """One end of a range of qualities: a resolution (``height`` in pixels) or the name of a quality class."""

    height: int | None
    class_name: str | None
    inclusive: bool = True
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class QualityRange:
    """``quality:``. A resolution asks whether the title has a media file of such a picture; a class name compares the
    class of the title's best file. Both ends are of the same sort; at least one is given.
    """

    low: QualityBound | None
    high: QualityBound | None
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class KindMatch:
    """``type:``."""

    kind: ContentKind
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LanguageMatch:
    """``lang:``. ``tag`` is a BCP 47 primary tag, e.g. ``en``."""

    tag: str
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """``is:``."""

    name: FlagName
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The operand must not hold."""

    operand: Node
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more operands must hold."""

    operands: tuple[Node, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more operands must hold."""

    operands: tuple[Node, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


TextLeaf = Word | Phrase | TextMatch
FieldLeaf = NameMatch | NumberRange | QualityRange | KindMatch | LanguageMatch | Flag
Leaf = TextLeaf | FieldLeaf
Node = Leaf | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read. ``text`` is what the user wrote."""

    root: Node
    text: str = dataclasses.field(compare=False)


def conjunction(operands: list[Node], span: Span) -> Node:
    """All of ``operands`` (at least one), flat."""
    flat = [inner for operand in operands for inner in (operand.operands if isinstance(operand, And) else (operand,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat), span)


def disjunction(operands: list[Node], span: Span) -> Node:
    """Any of ``operands`` (at least one), flat."""
    flat = [inner for operand in operands for inner in (operand.operands if isinstance(operand, Or) else (operand,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat), span)


def leaves(node: Node) -> list[Leaf]:
    """Every leaf, in order."""
    match node:
        case And() | Or():
            return [leaf for operand in node.operands for leaf in leaves(operand)]
        case Not():
            return leaves(node.operand)
        case _:
            return [node]


def text_leaves(node: Node) -> list[TextLeaf]:
    """The words, phrases and text fields that a match must have, in order; what is negated is left out."""
    match node:
        case And() | Or():
            return [leaf for operand in node.operands for leaf in text_leaves(operand)]
        case Word() | Phrase() | TextMatch():
            return [node]
        case _:
            return []
