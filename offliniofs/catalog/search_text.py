"""What a title is found by: its row of ``search_index``, made from the tables. Every part is bounded.

Beside the texts it holds the facet words of :mod:`offliniofs.query.facet_words`: whoever changes what they are made of
(genres, tags, collections, year, resolutions, quality, kind, languages, the favourite mark, whether anybody viewed it)
makes the row anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from offliniofs.catalog.connection import Database
from offliniofs.catalog.statements import Row, Statement
from offliniofs.domain.content import ContentKind
from offliniofs.query.facet_words import FacetWord, language_words, title_words
from offliniofs.query.text import index_text

_EPISODES = 5_000
_FILES = 500
_THINGS = 5_000
"""Files of a title that is a folder of things: their names are all that is known of them."""
_FOLDERS = 500
_PEOPLE = 500
_LISTED = 1_000
"""Genres, tags or collections of one title that are searched by."""
_LONGEST = 64 * 1024
"""Characters of one column."""

TITLE_TEXT = Statement(
    """SELECT title, coalesce(original_title, ''), coalesce(artist, ''), coalesce(edition, ''), coalesce(plot, ''), kind
    FROM content WHERE id = ? AND title_name IS NOT NULL AND deleted_ns IS NULL"""
)
PEOPLE_TEXT = Statement(
    f"""SELECT p.name FROM content_people cp CROSS JOIN people p ON p.id = cp.person_id
    WHERE cp.content_id = ? ORDER BY cp.position LIMIT {_PEOPLE}"""
)
_PLAYED = """e.title_id = ? AND e.kind IN ('episode', 'track') AND e.deleted_ns IS NULL AND EXISTS (
    SELECT 1 FROM files f INDEXED BY files_content WHERE f.content_id = e.id AND f.deleted_ns IS NULL)"""
"""Episodes and tracks that are there: one whose files are deleted stays, with all that is known of it."""
CAST_TEXT = Statement(
    f"""SELECT DISTINCT p.name FROM content e INDEXED BY content_title
    CROSS JOIN content_people cp ON cp.content_id = e.id CROSS JOIN people p ON p.id = cp.person_id
    WHERE {_PLAYED} LIMIT {_PEOPLE}"""
)
KEYWORDS_TEXT = Statement(
    """SELECT g.name FROM content_genres cg CROSS JOIN genres g ON g.id = cg.genre_id WHERE cg.content_id = ?1
    UNION ALL
    SELECT t.name FROM content_tags ct CROSS JOIN tags t ON t.id = ct.tag_id WHERE ct.content_id = ?1
    UNION ALL
    SELECT k.name FROM collection_content cc CROSS JOIN collections k ON k.id = cc.collection_id
    WHERE cc.content_id = ?1"""
)
EPISODES_TEXT = Statement(f"SELECT e.title FROM content e INDEXED BY content_title WHERE {_PLAYED} LIMIT {_EPISODES}")
FILES_TEXT = Statement(
    f"""SELECT original_name FROM files INDEXED BY files_title
    WHERE title_id = ? AND role = 'media' AND deleted_ns IS NULL LIMIT {_FILES}"""
)
THINGS_TEXT = Statement(
    f"""SELECT original_name FROM files INDEXED BY files_title WHERE title_id = ? AND deleted_ns IS NULL
    LIMIT {_THINGS}"""
)
FOLDERS_TEXT = Statement(
    f"""SELECT title FROM content INDEXED BY content_title
    WHERE title_id = ? AND kind = 'folder' AND deleted_ns IS NULL LIMIT {_FOLDERS}"""
)
FACETS = Statement(
    """SELECT c.kind, c.year, c.quality_rank, c.languages, c.favourite, coalesce(s.views, 0)
    FROM content c LEFT JOIN content_statistics s ON s.content_id = c.id WHERE c.id = ?"""
)
LISTED_FACETS = MappingProxyType(
    {
        FacetWord.GENRE: Statement(
            f"""SELECT genre_id FROM content_genres INDEXED BY content_genres_content
            WHERE content_id = ? LIMIT {_LISTED}"""
        ),
        FacetWord.TAG: Statement(
            f"SELECT tag_id FROM content_tags INDEXED BY content_tags_content WHERE content_id = ? LIMIT {_LISTED}"
        ),
        FacetWord.COLLECTION: Statement(
            f"""SELECT collection_id FROM collection_content INDEXED BY collection_content_content
            WHERE content_id = ? LIMIT {_LISTED}"""
        ),
        FacetWord.RESOLUTION: Statement(
            f"""SELECT resolution FROM content_resolutions INDEXED BY content_resolutions_content
            WHERE content_id = ? LIMIT {_LISTED}"""
        ),
    }
)
LATE_TEXT = Statement("INSERT OR IGNORE INTO late_texts (content_id) VALUES (?)")
LATE_TEXTS = Statement("SELECT content_id FROM late_texts LIMIT ?", scans=("late_texts",))
NO_LATE_TEXT = Statement("DELETE FROM late_texts WHERE content_id = ?")
DELETE_TEXT = Statement("DELETE FROM search_index WHERE rowid = ?", scans=("search_index",))
INSERT_TEXT = Statement(
    """INSERT INTO search_index (rowid, title, original_title, people, keywords, episodes, files, plot, facets)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
)


def rebuild_text(database: Database, title_id: int, *, new: bool) -> None:
    """Brings the title's row up to date; a title that is gone loses it. ``new``: there cannot be an old one."""
    if not new:
        database.rows(DELETE_TEXT, (title_id,))
        database.rows(NO_LATE_TEXT, (title_id,))
    row = database.row(TITLE_TEXT, (title_id,))
    if row is None:
        return
    title, original_title, artist, edition, plot, kind = row
    people = [artist, *_texts(database.rows(PEOPLE_TEXT, (title_id,)))]
    people += _texts(database.rows(CAST_TEXT, (title_id,)))
    keywords = [edition, *_texts(database.rows(KEYWORDS_TEXT, (title_id,)))]
    episodes = _texts(database.rows(EPISODES_TEXT, (title_id,)))
    of_things = kind == ContentKind.OTHER
    files = _texts(database.rows(FOLDERS_TEXT, (title_id,))) if of_things else []
    named = database.rows(THINGS_TEXT if of_things else FILES_TEXT, (title_id,))
    files += [name.decode("utf-8", "replace") for (name,) in named]
    texts = (_joined(people), _joined(keywords), _joined(episodes), _joined(files))
    columns = (title, original_title, *texts, plot)
    facets = " ".join((*facet_words(database, title_id), *title_words(title, original_title)))
    database.rows(INSERT_TEXT, (title_id, *(index_text(column) for column in columns), facets))


def facet_words(database: Database, title_id: int) -> Iterator[str]:
    """The words for what the title is beside its texts, as they are in the tables now."""
    kind, year, rank, languages, favourite, views = database.rows(FACETS, (title_id,))[0]
    yield FacetWord.KIND.of(kind)
    yield FacetWord.QUALITY_RANK.of(rank)
    if year is not None:
        yield FacetWord.YEAR.of(year)
    if favourite:
        yield FacetWord.FAVOURITE.of()
    if not views:
        yield FacetWord.UNWATCHED.of()
    yield from language_words(languages)
    for word, statement in LISTED_FACETS.items():
        for (value,) in database.rows(statement, (title_id,)):
            yield word.of(value)


def _texts(rows: list[Row]) -> list[str]:
    return [text for (text,) in rows]


def _joined(texts: list[str]) -> str:
    return "\n".join(dict.fromkeys(text for text in texts if text))[:_LONGEST]
