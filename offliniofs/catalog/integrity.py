"""Checks of the catalogue for ``fsck``: SQLite's own, and everything "kept by the writer" computed anew and compared.

Nothing is repaired. The checks read whole tables: seconds for a million titles, never on the event loop.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from offliniofs.catalog.connection import Access, ConnectionSettings, Database, open_database
from offliniofs.catalog.membership import LINKS_BY_QUALITY
from offliniofs.catalog.migration import file_problems
from offliniofs.catalog.statements import Row, Statement
from offliniofs.domain.errors import CatalogCorruptError
from offliniofs.query.facet_words import AFTER_MARK, MARK, FacetWord, language_words, title_words

MOST_FINDINGS = 1_000
"""Findings of one kind that are reported."""

EVERYTHING = ("*",)
"""These statements are meant to read all there is."""


def _titles_with(table: str, key: str) -> Statement:
    """How many titles have each value in a table beside them."""
    return Statement(
        f"""SELECT {key}, count(*) FROM {table} t JOIN content c ON c.id = t.content_id
        WHERE c.title_name IS NOT NULL AND c.deleted_ns IS NULL GROUP BY {key}""",
        scans=EVERYTHING,
    )


def _titles_of(column: str) -> Statement:
    """How many titles have each value of a column."""
    return Statement(
        f"""SELECT {column} AS value, count(*) FROM content
        WHERE title_name IS NOT NULL AND deleted_ns IS NULL AND value IS NOT NULL GROUP BY value""",
        scans=EVERYTHING,
    )


DANGLING = Statement(
    f"""SELECT 'content', c.id, 'its parent ' || c.parent_id || ' is of another title or in the trash' FROM content c
    JOIN content p ON p.id = c.parent_id WHERE c.deleted_ns IS NULL
    AND (p.deleted_ns IS NOT NULL OR (p.title_id IS NOT NULL AND p.title_id IS NOT c.title_id))
    UNION ALL SELECT 'content', id, 'a title must be its own title' FROM content
    WHERE title_name IS NOT NULL AND title_id IS NOT id
    UNION ALL SELECT 'content', id, 'it stands on no shelf and in no directory' FROM content
    WHERE parent_id IS NULL AND shelf IS NULL
    UNION ALL SELECT 'file', f.id, 'its directory is gone, no directory, or of another title' FROM files f
    LEFT JOIN content d ON d.id = f.folder_id WHERE f.deleted_ns IS NULL
    AND (d.id IS NULL OR d.folder_name IS NULL OR d.deleted_ns IS NOT NULL OR d.title_id IS NOT f.title_id)
    UNION ALL SELECT 'file', f.id, 'what it is a file of is gone or of another title' FROM files f
    LEFT JOIN content c ON c.id = f.content_id WHERE f.deleted_ns IS NULL
    AND (c.id IS NULL OR c.deleted_ns IS NOT NULL OR c.title_id IS NOT f.title_id)
    UNION ALL SELECT 'file', f.id, 'its size is not that of its blob' FROM files f
    JOIN blobs b ON b.id = f.blob_id WHERE b.size <> f.size
    UNION ALL SELECT 'blob', b.id, 'no file names it' FROM blobs b
    WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.blob_id = b.id)
    UNION ALL SELECT 'content', c.id, 'it has no statistics' FROM content c
    WHERE c.title_name IS NOT NULL AND NOT EXISTS (SELECT 1 FROM content_statistics s WHERE s.content_id = c.id)
    UNION ALL SELECT 'content', s.content_id, 'it has statistics without a view' FROM content_statistics s
    JOIN content c ON c.id = s.content_id WHERE c.title_name IS NULL AND s.views = 0 AND s.downloads = 0
    LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
TRASH = Statement(
    f"""SELECT 'trash', t.id, 'what was deleted is not marked with this entry' FROM trash t
    WHERE NOT EXISTS (SELECT 1 FROM content c WHERE c.id = t.content_id AND c.trash_id = t.id)
    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = t.file_id AND f.trash_id = t.id)
    UNION ALL SELECT 'content', c.id, 'it is in the trash, its directory is not, and no entry names it' FROM content c
    JOIN trash t ON t.id = c.trash_id LEFT JOIN content p ON p.id = c.parent_id
    WHERE t.content_id IS NOT c.id AND p.trash_id IS NOT c.trash_id
    UNION ALL SELECT 'file', f.id, 'it is in the trash, its directory is not, and no entry names it' FROM files f
    JOIN trash t ON t.id = f.trash_id JOIN content d ON d.id = f.folder_id
    WHERE t.file_id IS NOT f.id AND d.trash_id IS NOT f.trash_id
    UNION ALL SELECT 'content', id, 'it is in the trash and still counts files' FROM content
    WHERE trash_id IS NOT NULL AND (media_count, file_count, total_size, quality_rank) <> (0, 0, 0, 0)
    UNION ALL SELECT 'content', c.id, 'it is in the library, its directory is in the trash' FROM content c
    JOIN content p ON p.id = c.parent_id WHERE c.trash_id IS NULL AND p.trash_id IS NOT NULL
    LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
KEPT = Statement(
    f"""SELECT v.view, 'it is marked as kept, and no folder was made' FROM view_times v
    WHERE v.kept = 1 AND NOT EXISTS (SELECT 1 FROM kept_folders k WHERE k.view = v.view)
    UNION ALL SELECT k.view, 'the folder somebody made is not marked as kept' FROM kept_folders k
    WHERE NOT EXISTS (SELECT 1 FROM view_times v WHERE v.view = k.view AND v.kept = 1)
    UNION ALL SELECT 'content ' || c.id, iif(c.listed, 'an artist without an album is shown', 'it is not shown')
    FROM content c WHERE c.deleted_ns IS NULL AND c.listed <> (c.kind <> 'artist'
    OR EXISTS (SELECT 1 FROM content a WHERE a.parent_id = c.id AND a.deleted_ns IS NULL)
    OR EXISTS (SELECT 1 FROM kept_folders k WHERE k.view = 'artist:' || c.id)) LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
ACCESS = Statement(
    f"""SELECT a.content_id, a.restricted_gid FROM content_access a
    WHERE a.restricted_gid IS NOT coalesce(a.only_gid, (SELECT r.gid FROM age_rules r
    WHERE r.minimum_age <= a.minimum_age ORDER BY r.minimum_age DESC LIMIT 1)) LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
HISTORY = Statement(
    f"""SELECT a.id, 'it has no step' FROM audit_log a
    WHERE a.step IS NULL OR NOT EXISTS (SELECT 1 FROM audit_log s WHERE s.id = a.step AND s.step = s.id)
    UNION ALL SELECT a.id, 'what it changed is not recorded' FROM audit_log a
    WHERE (a.way_back IS 'changes') <> EXISTS (SELECT 1 FROM audit_changes c WHERE c.audit_id = a.id)
    LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
CONTENT_SUMS = Statement(
    """SELECT id, parent_id, kind, folder_name IS NOT NULL, media_count, file_count, total_size, quality_rank
    FROM content WHERE deleted_ns IS NULL ORDER BY id DESC""",
    scans=EVERYTHING,
)
FILE_SUMS = Statement(
    """SELECT content_id, count(*) FILTER (WHERE role = 'media'), count(*), sum(size),
    coalesce(max(quality_rank) FILTER (WHERE role = 'media'), 0),
    group_concat(DISTINCT CASE WHEN role = 'media' THEN resolution END)
    FROM files INDEXED BY files_content WHERE deleted_ns IS NULL GROUP BY content_id ORDER BY content_id DESC""",
    scans=EVERYTHING,
)
OUT_OF_ORDER = Statement(
    """SELECT c.id, c.parent_id, (SELECT json_group_array(json_array(f.role = 'media', f.size, f.quality_rank,
        f.resolution)) FROM files f WHERE f.deleted_ns IS NULL AND f.content_id IN (
        WITH RECURSIVE below (id) AS (VALUES (c.id) UNION
        SELECT b.id FROM below JOIN content b ON b.parent_id = below.id) SELECT id FROM below))
    FROM content c WHERE c.parent_id > c.id AND c.deleted_ns IS NULL""",
    scans=EVERYTHING,
)
RESOLUTIONS = Statement(
    "SELECT content_id, resolution FROM content_resolutions ORDER BY content_id DESC", scans=EVERYTHING
)
EXPECTED_VIEWS = Statement(
    """WITH live AS (SELECT id, kind, year, favourite, total_size FROM content
        WHERE title_name IS NOT NULL AND deleted_ns IS NULL)
    SELECT 'shelf:' || CASE kind WHEN 'movie' THEN 'movies' WHEN 'series' THEN 'series' WHEN 'album' THEN 'music'
        ELSE 'other' END AS view, count(*), sum(total_size) FROM live GROUP BY view
    UNION ALL SELECT 'year:' || year, count(*), sum(total_size) FROM live WHERE year IS NOT NULL GROUP BY year
    UNION ALL SELECT 'favourites', count(*), sum(total_size) FROM live WHERE favourite = 1 GROUP BY favourite
    UNION ALL SELECT 'unwatched', count(*), sum(total_size) FROM live
        JOIN content_statistics s ON s.content_id = live.id WHERE s.views = 0 GROUP BY s.views
    UNION ALL SELECT 'genre:' || genre_id, count(*), sum(total_size) FROM content_genres g
        JOIN live ON live.id = g.content_id GROUP BY genre_id
    UNION ALL SELECT 'collection:' || collection_id, count(*), sum(total_size) FROM collection_content g
        JOIN live ON live.id = g.content_id GROUP BY collection_id
    UNION ALL SELECT 'resolution:' || rtrim(resolution, 'p'), count(*), sum(total_size) FROM content_resolutions g
        JOIN live ON live.id = g.content_id GROUP BY resolution""",
    scans=EVERYTHING,
)
VIEWS = Statement("SELECT view, titles, total_size FROM view_times", scans=EVERYTHING)
WRONG_LINKS = Statement(
    f"""WITH base AS (SELECT c.id, 1 + (c.year IS NOT NULL) + c.favourite
        + (SELECT count(*) FROM content_genres g WHERE g.content_id = c.id)
        + (SELECT count(*) FROM collection_content k WHERE k.content_id = c.id) AS links
        FROM content c WHERE c.title_name IS NOT NULL)
    SELECT files.id, files.link_count, base.links + {LINKS_BY_QUALITY} AS expected
    FROM files JOIN base ON base.id = files.title_id
    WHERE files.deleted_ns IS NULL AND files.link_count <> base.links + {LINKS_BY_QUALITY} LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
EXPECTED_TOTALS = Statement(
    """SELECT 'blobs', count(*), coalesce(sum(size), 0) FROM blobs
    UNION ALL SELECT 'files', count(*), coalesce(sum(size), 0) FROM files WHERE deleted_ns IS NULL""",
    scans=EVERYTHING,
)
TOTALS = Statement("SELECT subject, items, total_size FROM library_totals", scans=EVERYTHING)
NOT_SEARCHABLE = Statement(
    f"""SELECT id FROM content WHERE title_name IS NOT NULL AND deleted_ns IS NULL
    EXCEPT SELECT id FROM search_index_docsize LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
SEARCHABLE_IN_VAIN = Statement(
    f"""SELECT id FROM search_index_docsize EXCEPT SELECT id FROM content
    WHERE title_name IS NOT NULL AND deleted_ns IS NULL LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)
INDEXED_WORDS = Statement(
    "SELECT term, count(*) FROM search_terms WHERE term >= ? AND term < ? GROUP BY term", scans=EVERYTHING
)
EXPECTED_WORDS = MappingProxyType(
    {
        FacetWord.GENRE: _titles_with("content_genres", "genre_id"),
        FacetWord.TAG: _titles_with("content_tags", "tag_id"),
        FacetWord.COLLECTION: _titles_with("collection_content", "collection_id"),
        FacetWord.RESOLUTION: _titles_with("content_resolutions", "resolution"),
        FacetWord.YEAR: _titles_of("year"),
        FacetWord.KIND: _titles_of("kind"),
        FacetWord.QUALITY_RANK: _titles_of("quality_rank"),
        FacetWord.LANGUAGE: _titles_of("languages"),
        FacetWord.TITLE: _titles_of("title || ' ' || coalesce(original_title, '')"),
        FacetWord.FAVOURITE: _titles_of("CASE favourite WHEN 1 THEN '' END"),
        FacetWord.UNWATCHED: Statement(
            """SELECT '', count(*) FROM content c LEFT JOIN content_statistics s ON s.content_id = c.id
            WHERE c.title_name IS NOT NULL AND c.deleted_ns IS NULL AND coalesce(s.views, 0) = 0""",
            scans=EVERYTHING,
        ),
    }
)
FOLDER_TWICE = Statement(
    f"""SELECT f.id, f.name FROM files f JOIN content c ON c.parent_id = f.folder_id AND c.folder_name = f.name
    WHERE f.deleted_ns IS NULL AND c.deleted_ns IS NULL LIMIT {MOST_FINDINGS}""",
    scans=EVERYTHING,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: of which kind, with what, and how."""

    kind: str
    subject: str
    message: str


def check_integrity(path: Path) -> list[Finding]:
    """Everything that is wrong with the catalogue at ``path``; empty when it is sound. Changes nothing.

    All checks see one moment of the catalogue, whatever others write meanwhile. Raises ``CatalogAccessError``, and
    ``CatalogCorruptError`` when the file cannot even be opened; damage inside it is a finding.
    """
    database = open_database(path, Access.WRITE, ConnectionSettings(slow_seconds=3600.0))
    try:
        with database.snapshot():
            found = [Finding("file", str(path), problem) for problem in file_problems(database, thorough=True)]
            # a damaged file would make every other check fail in its own way
            return found or list(_findings(database))
    except CatalogCorruptError as error:
        return [Finding("file", str(path), f"SQLite cannot read all of it: {error.__cause__}")]
    finally:
        database.close()


def _findings(database: Database) -> Iterator[Finding]:
    for subject, identifier, message in database.rows(DANGLING):
        yield Finding("rows", f"{subject} {identifier}", message)
    for subject, identifier, message in database.rows(TRASH):
        yield Finding("trash", f"{subject} {identifier}", message)
    for view, message in database.rows(KEPT):
        yield Finding("views", view, message)
    for content_id, gid in database.rows(ACCESS):
        yield Finding("access", f"content {content_id}", f"it is restricted to group {gid}, which no rule says")
    for audit_id, message in database.rows(HISTORY):
        yield Finding("history", f"change {audit_id}", message)
    for file_id, name in database.rows(FOLDER_TWICE):
        yield Finding("rows", f"file {file_id}", f"a directory beside it has the same name, {name!r}")
    yield from islice(_sum_findings(database), MOST_FINDINGS)
    for file_id, links, expected in database.rows(WRONG_LINKS):
        yield Finding("links", f"file {file_id}", f"link_count is {links}, it stands in {expected} views")
    yield from _compared(database, VIEWS, EXPECTED_VIEWS, "view")
    yield from _compared(database, TOTALS, EXPECTED_TOTALS, "total")
    yield from islice(_word_findings(database), MOST_FINDINGS)
    for (content_id,) in database.rows(NOT_SEARCHABLE):
        yield Finding("search", f"content {content_id}", "no search finds it: its text is not indexed")
    for (content_id,) in database.rows(SEARCHABLE_IN_VAIN):
        yield Finding("search", f"content {content_id}", "searches find it, but there is no such title")


class _Falling:
    """Rows that come in falling order of their first column, taken together with another such row of rows."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, identifier: int) -> list[Row]:
        """The rows of that id; those of higher ids that nobody asked for are passed over."""
        found = []
        while self._next is not None and self._next[0] >= identifier:
            if self._next[0] == identifier:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found


def _sum_findings(database: Database) -> Iterator[Finding]:
    """Children have higher ids than what they stand in, so one walk from the last row to the first adds all up.

    The few that came into another title later have not; what they hold is added to their parents before.
    """
    files, stored = _Falling(database.each(FILE_SUMS)), _Falling(database.each(RESOLUTIONS))
    sums: dict[int, list[int]] = {}
    resolutions: dict[int, set[str]] = {}
    added = _add_moved(database, sums, resolutions)
    for content_id, parent_id, kind, is_directory, *kept in database.each(CONTENT_SUMS):
        expected, shown = sums.pop(content_id, [0, 0, 0, 0]), resolutions.pop(content_id, set())
        for _, *own, names in files.of(content_id):
            _add(expected, own)
            shown.update(name for name in (names or "").split(",") if name)
        if kept != expected:
            what = "media_count, file_count, total_size, quality_rank"
            yield Finding("sums", f"content {content_id}", f"{what} are {kept}, its files make {expected}")
        if {row[1] for row in stored.of(content_id)} != (shown if is_directory and kind != "artist" else set()):
            message = f"its resolutions are not those of its files, {sorted(shown)}"
            yield Finding("sums", f"content {content_id}", message)
        if parent_id is not None and content_id not in added:
            _add(sums.setdefault(parent_id, [0, 0, 0, 0]), expected)
            resolutions.setdefault(parent_id, set()).update(shown)


def _add_moved(database: Database, sums: dict[int, list[int]], resolutions: dict[int, set[str]]) -> set[int]:
    """Adds what rows hold that have a lower id than their parents; which rows those are."""
    added = set()
    for content_id, parent_id, found in database.rows(OUT_OF_ORDER):
        added.add(content_id)
        for is_media, size, rank, resolution in json.loads(found):
            _add(sums.setdefault(parent_id, [0, 0, 0, 0]), [is_media, 1, size, rank if is_media else 0])
            if is_media and resolution is not None:
                resolutions.setdefault(parent_id, set()).add(resolution)
    return added


def _add(total: list[int], more: list[int]) -> None:
    """Adds counts and sizes; of the qualities the best counts."""
    for position in range(3):
        total[position] += more[position]
    total[3] = max(total[3], more[3])


def _word_findings(database: Database) -> Iterator[Finding]:
    """Facets that the full-text index has of more or fewer titles than the tables."""
    expected: Counter[str] = Counter()
    for word, statement in EXPECTED_WORDS.items():
        for value, titles in database.each(statement):
            expected.update(dict.fromkeys(_words_of(word, value), titles))
    found: Counter[str] = Counter(dict(database.rows(INDEXED_WORDS, (MARK, AFTER_MARK))))
    for word_text in sorted(expected.keys() | found.keys()):
        if expected[word_text] != found[word_text]:
            message = f"{found[word_text]} titles are found by it, {expected[word_text]} have it"
            yield Finding("search", f"facet {word_text}", message)


def _words_of(word: FacetWord, value: int | str) -> tuple[str, ...]:
    """The words for a value. A language has one for itself and one for each it is a kind of."""
    match word:
        case FacetWord.LANGUAGE:
            return language_words(str(value))
        case FacetWord.TITLE:
            return title_words(str(value))
        case _:
            return (word.of(value),)


def _compared(database: Database, actual: Statement, expected: Statement, kind: str) -> Iterator[Finding]:
    wanted = {name: (count, size) for name, count, size in database.rows(expected)}
    found = {name: (count, size) for name, count, size in database.rows(actual)}
    for name in sorted(wanted.keys() | found.keys()):
        right, kept = wanted.get(name, (0, 0)), found.get(name, (0, 0))
        if right != kept:
            yield Finding(
                kind, name, f"counted as {kept[0]} with {kept[1]} bytes, there are {right[0]} with {right[1]}"
            )
