"""Whether a query matches a title, decided in Python: what the tests hold the SQL of :mod:`.compile` against."""

from __future__ import annotations

from collections.abc import Iterable

from offliniofs.query.ast import (
    And,
    FieldLeaf,
    Flag,
    FlagName,
    KindMatch,
    LanguageMatch,
    NameField,
    NameMatch,
    Node,
    Not,
    NumberField,
    NumberRange,
    Or,
    Phrase,
    QualityRange,
    Query,
    TextField,
    TextLeaf,
    TextMatch,
    Word,
)
from offliniofs.query.qualities import Interval, by_resolution, check_qualities, interval, resolution_height
from offliniofs.query.record import SearchRecord
from offliniofs.query.text import words
from offliniofs.query.vocabulary import Vocabulary, comparable_name

NANOSECONDS = 10**9


def matches(query: Query, record: SearchRecord, now_ns: int, vocabulary: Vocabulary) -> bool:
    """Whether the title is one that the query looks for.

    Raises:
        QuerySyntaxError: the query names a quality class that the vocabulary does not have.
    """
    check_qualities(query, vocabulary)
    return _Evaluation(query, record, now_ns, vocabulary).holds(query.root)


class _Evaluation:
    def __init__(self, query: Query, record: SearchRecord, now_ns: int, vocabulary: Vocabulary) -> None:
        self._query = query
        self._record = record
        self._now_ns = now_ns
        self._vocabulary = vocabulary

    def holds(self, node: Node) -> bool:
        match node:
            case And():
                return all(self.holds(operand) for operand in node.operands)
            case Or():
                return any(self.holds(operand) for operand in node.operands)
            case Not():
                return not self.holds(node.operand)
            case Word() | Phrase() | TextMatch():
                return _text_holds(node, self._record)
            case _:
                return self._field_holds(node)

    def _field_holds(self, node: FieldLeaf) -> bool:
        record = self._record
        match node:
            case NameMatch():
                return self._name_holds(node)
            case NumberRange():
                return self._number_holds(node)
            case QualityRange():
                return self._quality_holds(node)
            case KindMatch():
                return record.kind is node.kind
            case LanguageMatch():
                return any(tag.partition("-")[0] == node.tag for tag in record.languages)
            case Flag():
                return _flag_holds(node, record)

    def _name_holds(self, node: NameMatch) -> bool:
        names = {
            NameField.GENRE: self._record.genres,
            NameField.TAG: self._record.tags,
            NameField.COLLECTION: self._record.collections,
        }[node.field]
        wanted = comparable_name(self._vocabulary, node.field, node.text)
        return any(comparable_name(self._vocabulary, node.field, name) == wanted for name in names)

    def _number_holds(self, node: NumberRange) -> bool:
        record = self._record
        number = {
            NumberField.YEAR: record.year,
            NumberField.VIEWS: record.views,
            NumberField.SIZE: record.total_size,
            NumberField.ADDED: (self._now_ns - record.added_ns) // NANOSECONDS,
        }[node.field]
        return number is not None and number in Interval(node.low, node.high)

    def _quality_holds(self, node: QualityRange) -> bool:
        wanted = interval(self._query, node, self._vocabulary)
        if by_resolution(node):
            return any(resolution_height(resolution) in wanted for resolution in self._record.resolutions)
        return self._record.quality_rank in wanted


def _flag_holds(node: Flag, record: SearchRecord) -> bool:
    match node.name:
        case FlagName.FAVOURITE:
            return record.favourite
        case FlagName.WATCHED:
            return record.views > 0
        case FlagName.UNWATCHED:
            return record.views == 0


def _text_holds(node: TextLeaf, record: SearchRecord) -> bool:
    wanted = words(node.text)
    prefix = not isinstance(node, Phrase) and node.prefix
    return any(_contains(words(column), wanted, prefix) for column in _columns(node, record))


def _columns(node: TextLeaf, record: SearchRecord) -> Iterable[str]:
    if isinstance(node, TextMatch):
        return (record.people,) if node.field is TextField.PERSON else (record.title, record.original_title)
    return record.columns


def _contains(column: tuple[str, ...], wanted: tuple[str, ...], prefix: bool) -> bool:
    """Whether the words follow each other somewhere in the column; ``prefix``: the last one may go on there."""
    for start in range(len(column) - len(wanted) + 1):
        found = column[start : start + len(wanted)]
        if found == wanted or (prefix and found[:-1] == wanted[:-1] and found[-1].startswith(wanted[-1])):
            return True
    return False
