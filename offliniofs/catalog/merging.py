"""Facts of an import laid over what the catalogue has.

Stronger evidence wins, evidence of the same strength adds to lists, and a field that a user edited stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from offliniofs.catalog.cleaning import spaced
from offliniofs.catalog.statements import Bindings, Statement
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.catalog.vocabularies import Vocabularies
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification, Person

STRENGTH: Mapping[EvidenceSource, int] = MappingProxyType(
    {source: strength for strength, source in enumerate(reversed(EvidenceSource))}
)
"""Higher is stronger; ``user`` is the highest."""

_USER = STRENGTH[EvidenceSource.USER]
_NONE = -1
_UNKNOWN = Evidence(EvidenceSource.DEFAULT)

TITLE_FIELDS = ("year", "original_title", "plot", "rating")
ITEM_FIELDS = ("original_title", "plot", "rating", "air_date")

KNOWN = Statement("SELECT year, original_title, plot, rating, air_date, languages FROM content WHERE id = ?")
KNOWN_WHY = Statement("SELECT field, source FROM content_evidence WHERE content_id = ?")
KNOWN_GENRES = Statement(
    """SELECT g.name, g.known FROM content_genres cg CROSS JOIN genres g ON g.id = cg.genre_id
    WHERE cg.content_id = ? ORDER BY cg.position"""
)
KNOWN_PEOPLE = Statement(
    """SELECT p.name, cp.role, cp.character FROM content_people cp CROSS JOIN people p ON p.id = cp.person_id
    WHERE cp.content_id = ? ORDER BY cp.position"""
)
KNOWN_TAGS = Statement(
    "SELECT t.name FROM content_tags ct CROSS JOIN tags t ON t.id = ct.tag_id WHERE ct.content_id = ?"
)
KNOWN_IDS = Statement("SELECT provider, value FROM content_external_ids WHERE content_id = ?")
SET_WHY = Statement("INSERT OR REPLACE INTO content_evidence (content_id, field, source, detail) VALUES (?, ?, ?, ?)")
SET_SCALARS = {
    name: Statement(f"UPDATE content SET {name} = ? WHERE id = ?")
    for name in dict.fromkeys((*TITLE_FIELDS, *ITEM_FIELDS, "languages", "favourite"))
}
CLEAR_GENRES = Statement("DELETE FROM content_genres WHERE content_id = ?")
ADD_GENRE = Statement("INSERT OR IGNORE INTO content_genres (genre_id, content_id, position) VALUES (?, ?, ?)")
CLEAR_PEOPLE = Statement("DELETE FROM content_people WHERE content_id = ?")
ADD_PERSON = Statement(
    """INSERT OR IGNORE INTO content_people (content_id, person_id, role, position, character)
    VALUES (?, ?, ?, ?, ?)"""
)
CLEAR_TAGS = Statement("DELETE FROM content_tags WHERE content_id = ?")
ADD_TAG = Statement("INSERT OR IGNORE INTO content_tags (tag_id, content_id) VALUES (?, ?)")
ADD_TO_COLLECTION = Statement("INSERT OR IGNORE INTO collection_content (collection_id, content_id) VALUES (?, ?)")
ADD_EXTERNAL_ID = Statement("INSERT OR IGNORE INTO content_external_ids (content_id, provider, value) VALUES (?, ?, ?)")


@dataclass(slots=True)
class _Known:
    """What a row has already."""

    values: dict[str, object]
    strengths: dict[str, int]
    genres: dict[str, Genre] = field(default_factory=dict)
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    external_ids: dict[str, str] = field(default_factory=dict)
    collections: set[str] = field(default_factory=set)
    languages: dict[str, None] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    """Identifications that were laid over it in this change, by identity."""


class Merging:
    """Lays facts over titles and items in one change; what was loaded once is remembered."""

    __slots__ = ("_changed", "_database", "_known", "_new", "_unit", "_vocabularies", "_why")

    def __init__(self, unit: UnitOfWork, vocabularies: Vocabularies) -> None:
        self._unit = unit
        self._database = unit.database
        self._vocabularies = vocabularies
        self._known: dict[int, _Known] = {}
        self._why: list[Bindings] = []
        self._changed: dict[int, None] = {}
        self._new: set[int] = set()

    def title(self, content_id: int, identification: Identification, *, new: bool, own: bool) -> None:
        """Lays an identification over a title. ``own``: it describes the title itself, not an item of it."""
        known = self._known_of(content_id, identification, new=new)
        if id(identification) in known.seen:
            return
        known.seen.add(id(identification))
        for name in TITLE_FIELDS if own else ("year",):
            self._scalar(content_id, known, name, identification)
        self._title_why(content_id, known, identification, own=own)
        self._genres(content_id, known, identification)
        self._tags(content_id, known, identification)
        self._collection(content_id, known, identification)
        if own:
            self._people(content_id, known, identification)
            self._external_ids(content_id, known, identification)

    def item(self, content_id: int, identification: Identification, *, new: bool) -> None:
        """Lays an identification over an episode or track."""
        known = self._known_of(content_id, None, new=new)
        if id(identification) in known.seen:
            return
        known.seen.add(id(identification))
        for name in ITEM_FIELDS:
            self._scalar(content_id, known, name, identification)
        for name in ("season", "episodes", "episode_title", "track", "disc"):
            self._note_why(content_id, known, name, identification)
        self._people(content_id, known, identification)
        self._external_ids(content_id, known, identification)

    def languages(self, content_id: int, languages: Iterable[str]) -> None:
        """A title speaks every language that one of its files does."""
        known = self._known[content_id]
        missing = [language for language in languages if language not in known.languages]
        if missing and known.strengths.get("languages") != _USER:
            known.languages.update(dict.fromkeys(missing))
            self._database.rows(SET_SCALARS["languages"], (spaced(known.languages), content_id))

    def finish(self) -> None:
        """Writes what was gathered."""
        self._database.many(SET_WHY, self._why)
        for content_id in self._changed:
            self._unit.content_changed(content_id)

    def _known_of(self, content_id: int, made_from: Identification | None, *, new: bool) -> _Known:
        known = self._known.get(content_id)
        if known is None:
            if new:
                self._new.add(content_id)
                year = made_from.year if made_from is not None else None
                known = _Known({"year": year}, {})
            else:
                known = self._load(content_id)
            self._known[content_id] = known
        return known

    def _load(self, content_id: int) -> _Known:
        year, original_title, plot, rating, air_date, languages = self._database.rows(KNOWN, (content_id,))[0]
        values = {
            "year": year,
            "original_title": original_title,
            "plot": plot,
            "rating": rating,
            "air_date": air_date,
        }
        why = self._database.rows(KNOWN_WHY, (content_id,))
        genres = [Genre(name, bool(is_known)) for name, is_known in self._database.rows(KNOWN_GENRES, (content_id,))]
        people = [Person(*row) for row in self._database.rows(KNOWN_PEOPLE, (content_id,))]
        return _Known(
            values,
            {name: STRENGTH[EvidenceSource(source)] for name, source in why},
            {genre.name: genre for genre in genres},
            {(person.name, person.role): person for person in people},
            {name for (name,) in self._database.rows(KNOWN_TAGS, (content_id,))},
            dict(self._database.rows(KNOWN_IDS, (content_id,))),
            languages=dict.fromkeys(languages.split()),
        )

    def _scalar(self, content_id: int, known: _Known, name: str, identification: Identification) -> None:
        value = getattr(identification, name)
        if value is None:
            return
        evidence = identification.why.get(name, _UNKNOWN)
        strength, before = STRENGTH[evidence.source], known.strengths.get(name, _NONE)
        if before == _USER or (known.values.get(name) is not None and strength <= before):
            return
        if known.values.get(name) != value:
            self._database.rows(SET_SCALARS[name], (value, content_id))
            known.values[name] = value
            self._mark(content_id)
        self._set_why(content_id, known, name, evidence)

    def _title_why(self, content_id: int, known: _Known, identification: Identification, *, own: bool) -> None:
        for name in ("title", "kind", "artist", "album"):
            if own or name in identification.why:
                self._note_why(content_id, known, name, identification)

    def _note_why(self, content_id: int, known: _Known, name: str, identification: Identification) -> None:
        """Records the evidence of a field that was decided when the row was made."""
        evidence = identification.why.get(name)
        if evidence is not None and name not in known.strengths:
            self._set_why(content_id, known, name, evidence)

    def _mark(self, content_id: int) -> None:
        if content_id not in self._new:
            self._changed[content_id] = None

    def _set_why(self, content_id: int, known: _Known, name: str, evidence: Evidence) -> None:
        known.strengths[name] = STRENGTH[evidence.source]
        self._why.append((content_id, name, evidence.source.value, evidence.detail))

    def _merged(self, known: _Known, name: str, identification: Identification, has_any: bool) -> tuple[bool, bool]:
        """Whether a list may be added to, and whether it is to be replaced."""
        strength = STRENGTH[identification.why.get(name, _UNKNOWN).source]
        before = known.strengths.get(name, _NONE)
        if before == _USER or (has_any and strength < before):
            return False, False
        return True, has_any and strength > before

    def _genres(self, content_id: int, known: _Known, identification: Identification) -> None:
        allowed, replaced = self._merged(known, "genres", identification, bool(known.genres))
        if not allowed or not identification.genres:
            return
        before = list(known.genres)
        offered = {genre.name: genre for genre in identification.genres}
        known.genres = offered if replaced else {**known.genres, **offered}
        if list(known.genres) != before:
            if before:
                self._database.rows(CLEAR_GENRES, (content_id,))
            rows = [
                (self._vocabularies.genre(genre), content_id, position)
                for position, genre in enumerate(known.genres.values())
            ]
            self._database.many(ADD_GENRE, rows)
            self._mark(content_id)
        if replaced or "genres" not in known.strengths:
            self._set_why(content_id, known, "genres", identification.why.get("genres", _UNKNOWN))

    def _people(self, content_id: int, known: _Known, identification: Identification) -> None:
        allowed, replaced = self._merged(known, "people", identification, bool(known.people))
        if not allowed or not identification.people:
            return
        before = list(known.people)
        offered = {(person.name, person.role): person for person in identification.people}
        known.people = offered if replaced else {**known.people, **offered}
        if list(known.people) != before:
            if before:
                self._database.rows(CLEAR_PEOPLE, (content_id,))
            rows = [
                (content_id, self._vocabularies.person(person.name), person.role, position, person.character)
                for position, person in enumerate(known.people.values())
            ]
            self._database.many(ADD_PERSON, rows)
            self._mark(content_id)
        if replaced or "people" not in known.strengths:
            self._set_why(content_id, known, "people", identification.why.get("people", _UNKNOWN))

    def _tags(self, content_id: int, known: _Known, identification: Identification) -> None:
        missing = [tag for tag in identification.tags if tag not in known.tags]
        if missing and known.strengths.get("tags") != _USER:
            known.tags.update(missing)
            self._database.many(ADD_TAG, [(self._vocabularies.tag(tag), content_id) for tag in missing])
            self._mark(content_id)
            self._note_why(content_id, known, "tags", identification)

    def _collection(self, content_id: int, known: _Known, identification: Identification) -> None:
        name = identification.collection
        if name is None or name in known.collections or known.strengths.get("collection") == _USER:
            return
        known.collections.add(name)
        self._database.rows(ADD_TO_COLLECTION, (self._vocabularies.collection(name), content_id))
        self._note_why(content_id, known, "collection", identification)

    def _external_ids(self, content_id: int, known: _Known, identification: Identification) -> None:
        missing = {
            provider: value
            for provider, value in identification.external_ids.items()
            if provider not in known.external_ids
        }
        if missing:
            known.external_ids.update(missing)
            self._database.many(ADD_EXTERNAL_ID, [(content_id, provider, value) for provider, value in missing.items()])
            self._mark(content_id)
