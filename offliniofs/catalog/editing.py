"""A user's own edits: stronger than all other evidence, audited, and taken back to what other evidence said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from offliniofs.catalog.cleaning import LONG_GENRE, LONG_TEXT, said_text, sort_key
from offliniofs.catalog.merging import ADD_GENRE, ADD_TAG, CLEAR_GENRES, CLEAR_TAGS, SET_WHY
from offliniofs.catalog.renaming import Renaming
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.catalog.vocabularies import Vocabularies
from offliniofs.detect.genres import normalise_genres
from offliniofs.detect.quality import quality_named
from offliniofs.domain.content import TITLE_KINDS, ContentKind
from offliniofs.domain.editing import EditableField, EditValue, MetadataEdit
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import EvidenceSource
from offliniofs.domain.naming import Naming

_USER = EvidenceSource.USER.value
_DEFAULT = EvidenceSource.DEFAULT.value
_MOST_NAMES = 256

_OF_TITLE = frozenset({EditableField.YEAR, EditableField.GENRES, EditableField.TAGS, EditableField.FAVOURITE})
_OF_FILE = frozenset({EditableField.EDITION, EditableField.QUALITY})
_RENAMING = frozenset({EditableField.TITLE, EditableField.YEAR, *_OF_FILE})

CONTENT_ROW = Statement("SELECT kind, title_id FROM content WHERE id = ? AND deleted_ns IS NULL")
FILE_ROW = Statement("SELECT content_id, title_id, role FROM files WHERE id = ? AND deleted_ns IS NULL")
WHY = Statement("SELECT source, detail FROM content_evidence WHERE content_id = ? AND field = ?")
FILE_WHY = Statement("SELECT source, detail FROM file_evidence WHERE file_id = ? AND field = ?")
SET_FILE_WHY = Statement("INSERT OR REPLACE INTO file_evidence (file_id, field, source, detail) VALUES (?, ?, ?, ?)")
FORGET_WHY = Statement("DELETE FROM content_evidence WHERE content_id = ? AND field = ?")
FORGET_FILE_WHY = Statement("DELETE FROM file_evidence WHERE file_id = ? AND field = ?")
EDITS = Statement("SELECT before FROM audit_log WHERE subject = ? AND action = 'edit' ORDER BY id DESC LIMIT 1000")
ALIAS = Statement(
    """INSERT OR IGNORE INTO content_aliases (kind, sort_title, content_id, year)
    SELECT kind, sort_title, id, year FROM content WHERE id = ?"""
)
GENRE_NAMES = Statement(
    """SELECT g.name FROM content_genres cg CROSS JOIN genres g ON g.id = cg.genre_id
    WHERE cg.content_id = ? ORDER BY cg.position"""
)
TAG_NAMES = Statement(
    """SELECT t.name FROM content_tags ct CROSS JOIN tags t ON t.id = ct.tag_id
    WHERE ct.content_id = ? ORDER BY t.name"""
)
COLUMNS: Mapping[EditableField, tuple[Statement, Statement]] = MappingProxyType(
    {
        field: (
            Statement(f"SELECT {field.value} FROM content WHERE id = ?"),
            Statement(f"UPDATE content SET {field.value} = ? WHERE id = ?"),
        )
        for field in (
            EditableField.ORIGINAL_TITLE,
            EditableField.YEAR,
            EditableField.RATING,
            EditableField.PLOT,
            EditableField.FAVOURITE,
        )
    }
)
TITLE_OF = Statement("SELECT title FROM content WHERE id = ?")
SET_TITLE = Statement("UPDATE content SET title = ?, sort_title = ? WHERE id = ?")
EDITION_OF = Statement("SELECT edition FROM files WHERE id = ?")
SET_EDITION = Statement("UPDATE files SET edition = ? WHERE id = ?")
QUALITY_OF = Statement("SELECT quality FROM files WHERE id = ?")
SET_QUALITY = Statement(
    """UPDATE files SET quality = ?, quality_rank = ?, resolution = coalesce(?, resolution),
    source = coalesce(?, source) WHERE id = ?"""
)
FOLLOW_RESOLUTION = Statement(
    "UPDATE files SET resolution = (SELECT m.resolution FROM files m WHERE m.id = ?1) WHERE sidecar_of = ?1"
)


class Editing:
    """Edits in one change."""

    __slots__ = ("_database", "_renaming", "_unit", "_vocabularies")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._renaming = Renaming(unit, naming)
        self._vocabularies = Vocabularies(unit, naming)

    def content(self, content_id: int, edit: MetadataEdit) -> None:
        """Edits a title, or an episode or track; what belongs to the title is edited there."""
        row = self._database.row(CONTENT_ROW, (content_id,))
        if row is None:
            raise NotFoundError(
                f"There is no entry {content_id} in the library; 'offliniofs list' prints those there are."
            )
        kind, title_id = row
        if title_id is None:
            raise UsageError(f"An artist's {edit.field} cannot be set; set it on the albums.")
        if edit.field in _OF_FILE:
            raise UsageError(f"{edit.field} belongs to a single file; set it on the file.")
        if edit.field in _OF_TITLE or ContentKind(kind) not in {*TITLE_KINDS, ContentKind.EPISODE, ContentKind.TRACK}:
            content_id = title_id
        self._apply(content_id, title_id, None, edit)

    def file(self, file_id: int, edit: MetadataEdit) -> None:
        """Edits a file, or what it is a file of."""
        row = self._database.row(FILE_ROW, (file_id,))
        if row is None:
            raise NotFoundError(f"There is no file {file_id} in the library.")
        content_id, title_id, role = row
        if edit.field not in _OF_FILE:
            self.content(content_id, edit)
            return
        if role != "media":
            raise UsageError(f"{edit.field} can be set on media files only; this one is of the kind {role}.")
        self._apply(content_id, title_id, file_id, edit)

    def _apply(self, content_id: int, title_id: int, file_id: int | None, edit: MetadataEdit) -> None:
        field = edit.field
        owner = content_id if file_id is None else file_id
        self._unit.touch(title_id)
        names = self._renaming.names(title_id) if field in _RENAMING else None
        before = self._current(owner, field)
        why = self._database.row(WHY if file_id is None else FILE_WHY, (owner, field.value))
        subject = f"{'content' if file_id is None else 'file'}:{owner}:{field.value}"
        value, source, detail = self._decided(subject, edit, before, why)
        if field is EditableField.TITLE and owner == title_id:
            self._database.rows(ALIAS, (title_id,))
        self._set(content_id, owner, field, value)
        self._set_why(owner, file_id is not None, field, source, detail)
        self._unit.audit(
            "edit",
            subject,
            {"value": before, "source": why[0] if why else None, "detail": why[1] if why else ""},
            {"value": value, "source": source},
        )
        if names is not None:
            self._renaming.follow(title_id, names)
        if field is EditableField.QUALITY:
            self._recount(content_id, title_id)
        self._unit.content_changed(content_id)

    def _decided(
        self, subject: str, edit: MetadataEdit, before: EditValue, why: tuple[str, str] | None
    ) -> tuple[EditValue, str | None, str]:
        """The new value and its evidence. Without a value, what the field was before a user first edited it."""
        if edit.value is not None:
            return _checked(edit), _USER, ""
        if why is None or why[0] != _USER:
            return before, why[0] if why else None, why[1] if why else ""
        for (text,) in self._database.rows(EDITS, (subject,)):
            earlier = json.loads(text)
            if earlier["source"] != _USER:
                value = earlier["value"]
                return tuple(value) if isinstance(value, list) else value, earlier["source"], earlier["detail"]
        return before, _DEFAULT, ""

    def _current(self, owner: int, field: EditableField) -> EditValue:
        match field:
            case EditableField.GENRES:
                return tuple(name for (name,) in self._database.rows(GENRE_NAMES, (owner,)))
            case EditableField.TAGS:
                return tuple(name for (name,) in self._database.rows(TAG_NAMES, (owner,)))
            case EditableField.TITLE:
                statement = TITLE_OF
            case EditableField.EDITION:
                statement = EDITION_OF
            case EditableField.QUALITY:
                statement = QUALITY_OF
            case _:
                statement = COLUMNS[field][0]
        value: EditValue = self._database.rows(statement, (owner,))[0][0]
        return bool(value) if field is EditableField.FAVOURITE else value

    def _set(self, content_id: int, owner: int, field: EditableField, value: EditValue) -> None:
        match field, value:
            case EditableField.GENRES, tuple(names):
                self._database.rows(CLEAR_GENRES, (owner,))
                genres = normalise_genres(names)
                rows = [(self._vocabularies.genre(genre), owner, position) for position, genre in enumerate(genres)]
                self._database.many(ADD_GENRE, rows)
            case EditableField.TAGS, tuple(names):
                self._database.rows(CLEAR_TAGS, (owner,))
                self._database.many(ADD_TAG, [(self._vocabularies.tag(name), owner) for name in names])
            case EditableField.TITLE, str(title):
                self._database.rows(SET_TITLE, (title, sort_key(title), owner))
            case EditableField.EDITION, _:
                self._database.rows(SET_EDITION, (value, owner))
            case EditableField.QUALITY, str(name):
                quality = quality_named(name)
                rank, resolution, source = (
                    (quality.rank, quality.resolution, quality.source) if quality else (0, None, None)
                )
                self._database.rows(SET_QUALITY, (name, rank, resolution, source, owner))
                self._database.rows(FOLLOW_RESOLUTION, (owner,))
            case _:
                column = int(value) if isinstance(value, bool) else value
                self._database.rows(COLUMNS[field][1], (column, content_id))

    def _set_why(self, owner: int, is_file: bool, field: EditableField, source: str | None, detail: str) -> None:
        if source is None:
            self._database.rows(FORGET_FILE_WHY if is_file else FORGET_WHY, (owner, field.value))
        else:
            self._database.rows(SET_FILE_WHY if is_file else SET_WHY, (owner, field.value, source, detail))

    def _recount(self, content_id: int, title_id: int) -> None:
        sums = Sums(self._unit)
        sums.changed(content_id)
        sums.write()
        self._unit.relink(title_id)


def _checked(edit: MetadataEdit) -> EditValue:
    """The value, if the field can have it. Raises ``UsageError``."""
    field, value = edit.field, edit.value
    match field, value:
        case EditableField.TITLE | EditableField.ORIGINAL_TITLE | EditableField.EDITION, str(text):
            checked: EditValue = said_text(field, text, 1024)
        case EditableField.PLOT, str(text):
            checked = said_text(field, text, LONG_TEXT)
        case EditableField.QUALITY, str(text):
            quality = quality_named(text)
            checked = quality.name if quality else None
        case EditableField.YEAR, int(year) if 1800 <= year <= 2999 and not isinstance(year, bool):
            checked = year
        case EditableField.RATING, float(rating) | int(rating) if 0 <= rating <= 10:
            checked = float(rating)
        case EditableField.FAVOURITE, bool(mark):
            checked = mark
        case EditableField.GENRES, tuple(names):
            said = [said_text("A genre", name, LONG_GENRE) for name in names]
            checked = tuple(genre.name for genre in normalise_genres(said))[:_MOST_NAMES]
        case EditableField.TAGS, tuple(names):
            checked = tuple(dict.fromkeys(said_text("A tag", name) for name in names))[:_MOST_NAMES]
        case _:
            checked = None
    if checked is None:
        raise UsageError(f"{field} cannot be {str(value)[:80]!r}.")
    return checked
