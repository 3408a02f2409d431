"""Genres one at a time: what moving, copying and removing in ``by-genre/`` and ``by-year/`` does."""

from __future__ import annotations

from offliniofs.catalog.cleaning import LONG_GENRE, said_text
from offliniofs.catalog.free_names import free_name
from offliniofs.catalog.merging import ADD_GENRE, CLEAR_GENRES, SET_WHY
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.unit_of_work import FORGET_KEPT, UnitOfWork
from offliniofs.catalog.vocabularies import GENRE_FOLDER_TAKEN, Vocabularies
from offliniofs.detect.genres import known_genre
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import EvidenceSource, Genre
from offliniofs.domain.naming import Naming

TITLE = Statement("SELECT title_id FROM content WHERE id = ? AND deleted_ns IS NULL")
GENRES_OF = Statement(
    """SELECT cg.genre_id, g.name FROM content_genres cg CROSS JOIN genres g ON g.id = cg.genre_id
    WHERE cg.content_id = ? ORDER BY cg.position, cg.genre_id"""
)
WHY = Statement("SELECT source, detail FROM content_evidence WHERE content_id = ? AND field = 'genres'")
GENRE = Statement("SELECT name, folder_name FROM genres WHERE id = ?")
GENRE_NAMED = Statement("SELECT id FROM genres WHERE name = ?")
RENAME_GENRE = Statement("UPDATE genres SET name = ?, folder_name = ?, known = ? WHERE id = ?")
DELETE_GENRE = Statement("DELETE FROM genres WHERE id = ?")
GENRE_USED = Statement("SELECT 1 FROM content_genres WHERE genre_id = ? LIMIT 1")
TITLES_OF = Statement(
    """SELECT c.id FROM content_genres cg CROSS JOIN content c ON c.id = cg.content_id
    WHERE cg.genre_id = ? AND c.deleted_ns IS NULL"""
)
VIEW_TITLES = Statement("SELECT titles FROM view_times WHERE view = ?")
KEEP = Statement("INSERT OR IGNORE INTO kept_folders (view, made_ns) VALUES (?, ?)")

_MOST_GENRES = 256


class Genres:
    """Changes of genres in one change of the catalogue."""

    __slots__ = ("_database", "_naming", "_unit")

    def __init__(self, unit: UnitOfWork, naming: Naming) -> None:
        self._unit = unit
        self._database = unit.database
        self._naming = naming

    def add(self, content_id: int, name: str) -> int:
        """Adds a genre, made when there is none of that name; its id."""
        genre_id = self._id(name)
        self.change(content_id, None, genre_id)
        return genre_id

    def change(self, content_id: int, old: int | None, new: int | None) -> None:
        """Takes one genre of a title away, or adds one, or puts one in the place of another."""
        title_id = self._title(content_id)
        rows = self._database.rows(GENRES_OF, (title_id,))
        before = [row[0] for row in rows]
        after = _changed(before, old, new)
        if after == before:
            return
        if len(after) > _MOST_GENRES:
            raise UsageError(f"A title has at most {_MOST_GENRES} genres.")
        names = {row[0]: row[1] for row in rows}
        if new is not None:
            names[new] = self._genre(new)[0]
        self._unit.touch(title_id)
        why = self._database.row(WHY, (title_id,))
        self._database.rows(CLEAR_GENRES, (title_id,))
        self._database.many(ADD_GENRE, [(genre, title_id, position) for position, genre in enumerate(after)])
        self._database.rows(SET_WHY, (title_id, "genres", EvidenceSource.USER.value, ""))
        self._unit.audit(
            "edit",
            f"content:{title_id}:genres",
            {
                "value": [names[genre] for genre in before],
                "source": why[0] if why else None,
                "detail": why[1] if why else "",
            },
            {"value": [names[genre] for genre in after], "source": EvidenceSource.USER.value},
        )
        self._unit.content_changed(title_id)

    def make(self, name: str) -> int:
        """Makes a genre and keeps its folder although no title has it; its id."""
        cleaned = self._cleaned(name)
        existing = self._database.row(GENRE_NAMED, (cleaned.name,))
        if existing is not None and self._shows(f"genre:{existing[0]}"):
            raise UsageError(f"There is a genre {cleaned.name!r} already.")
        genre_id = self._id(name)
        self._unit.audit("make genre", f"genre:{genre_id}", after={"name": cleaned.name})
        self._keep(f"genre:{genre_id}")
        return genre_id

    def keep(self, genre_id: int) -> None:
        """Keeps the folder of a genre that has just lost its last title; one that has others stays by itself."""
        if not self._shows(f"genre:{genre_id}"):
            self._unit.audit("keep genre", f"genre:{genre_id}", after={"name": self._genre(genre_id)[0]})
            self._keep(f"genre:{genre_id}")

    def rename(self, genre_id: int, name: str) -> None:
        """Gives a genre another name, for all of its titles."""
        before, folder = self._genre(genre_id)
        wanted = self._cleaned(name)
        if wanted.name == before:
            return
        self._give_up(wanted.name)
        new_folder = self._free(wanted.name, folder)
        self._database.rows(RENAME_GENRE, (wanted.name, new_folder, int(wanted.known), genre_id))
        self._unit.audit("rename genre", f"genre:{genre_id}", {"name": before}, {"name": wanted.name})
        if new_folder != folder:
            self._unit.view_entry("facet:by-genre", "removed", None, folder)
            self._unit.view_entry("facet:by-genre", "added", None, new_folder)
        for (title_id,) in self._database.rows(TITLES_OF, (genre_id,)):
            self._unit.retext(title_id)

    def _give_up(self, name: str) -> None:
        """Frees the name of a genre that nobody uses and nobody sees."""
        row = self._database.row(GENRE_NAMED, (name,))
        if row is None:
            return
        if self._shows(f"genre:{row[0]}"):
            raise UsageError(f"There is a genre {name!r} already; move the titles there.")
        if self._database.row(GENRE_USED, (row[0],)) is not None:
            raise UsageError(f"A title in the trash has the genre {name!r}; restore or purge it first.")
        self._database.rows(DELETE_GENRE, (row[0],))

    def remove_empty(self, genre_id: int) -> None:
        """Removes a genre that no title has.

        Its row stays, and no folder shows it: a later import that uses the word again must not stand in the way of
        taking this back.
        """
        name, _ = self._genre(genre_id)
        if self._database.row(TITLES_OF, (genre_id,)) is not None:
            raise UsageError(f"The genre {name!r} is not empty; take its titles out first.")
        self._unit.audit("remove genre", f"genre:{genre_id}", before={"name": name})
        self._unkeep(f"genre:{genre_id}")

    def make_year(self, year: int) -> None:
        """Keeps the folder of a year although no title is of it."""
        if not 1800 <= year <= 2999:
            raise UsageError(f"{year} is no year a title can be of.")
        if self._shows(f"year:{year}"):
            raise UsageError(f"The year {year} is there already.")
        self._unit.audit("make year", f"year:{year}")
        self._keep(f"year:{year}")

    def remove_empty_year(self, year: int) -> None:
        """Removes the folder of a year that no title is of."""
        if self._database.value(VIEW_TITLES, (f"year:{year}",)):
            raise UsageError(f"The year {year} is not empty; take its titles out first.")
        self._unit.audit("remove year", f"year:{year}")
        if not self._unkeep(f"year:{year}"):
            raise NotFoundError(f"There is no folder of the year {year}.")

    def _title(self, content_id: int) -> int:
        row = self._database.row(TITLE, (content_id,))
        if row is None or row[0] is None:
            raise NotFoundError(
                f"There is no title {content_id} in the library; 'offliniofs list' prints those there are."
            )
        return int(row[0])

    def _genre(self, genre_id: int) -> tuple[str, str]:
        row = self._database.row(GENRE, (genre_id,))
        if row is None:
            raise NotFoundError(f"There is no genre {genre_id}.")
        return row[0], row[1]

    def _cleaned(self, name: str) -> Genre:
        text = said_text("A genre", name, LONG_GENRE)
        normal = known_genre(text)
        return Genre(normal or text, normal is not None)

    def _id(self, name: str) -> int:
        return Vocabularies(self._unit, self._naming).genre(self._cleaned(name))

    def _free(self, name: str, own: str) -> str:
        def taken(tried: str) -> bool:
            return tried != own and self._database.row(GENRE_FOLDER_TAKEN, (tried,)) is not None

        return free_name(self._naming, self._naming.component(name), taken)

    def _shows(self, view: str) -> bool:
        return bool(self._database.value(SHOWN, (view,)))

    def _keep(self, view: str) -> None:
        self._database.rows(KEEP, (view, self._unit.now_ns))
        self._unit.kept_changed(view, kept=True)

    def _unkeep(self, view: str) -> bool:
        was_kept = self._database.changed(FORGET_KEPT, (view,)) > 0
        if was_kept:
            self._unit.kept_changed(view, kept=False)
        return was_kept


SHOWN = Statement("SELECT titles > 0 OR kept = 1 FROM view_times WHERE view = ?")


def _changed(before: list[int], old: int | None, new: int | None) -> list[int]:
    """The list with ``new`` in the place of ``old``, or behind all where that is not in it."""
    after = [new if genre == old and new is not None else genre for genre in before if genre != old or new is not None]
    if new is not None and new not in after:
        after.append(new)
    return list(dict.fromkeys(after))
