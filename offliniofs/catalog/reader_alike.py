"""Titles found by a name that differs in case, accents or punctuation: one walk along the index that arrivals use."""

from __future__ import annotations

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.statements import Statement
from offliniofs.domain.content import ContentKind
from offliniofs.domain.listing import Shelf

_MOST = 100
_KINDS_ON = {
    Shelf.MOVIES: (ContentKind.MOVIE,),
    Shelf.SERIES: (ContentKind.SERIES,),
    Shelf.MUSIC: (ContentKind.ARTIST,),
    Shelf.OTHER: (ContentKind.OTHER,),
    None: (ContentKind.MOVIE, ContentKind.SERIES, ContentKind.ALBUM, ContentKind.OTHER),
}

ALIKE = Statement(
    """SELECT folder_name, title_name FROM content INDEXED BY content_identity
    WHERE kind = ? AND sort_title = ? AND deleted_ns IS NULL LIMIT ?"""
)


class AlikeReader(ReaderBase):
    """The question that a case-insensitive look-up asks."""

    __slots__ = ()

    def names_alike(self, title: str, shelf: Shelf | None) -> list[str]:
        """Folder names on a shelf, or names in views (``None``), of at most a hundred titles that are called alike."""
        from offliniofs.catalog.cleaning import sort_key

        key = sort_key(title)
        rows = [row for kind in _KINDS_ON[shelf] for row in self._database.rows(ALIKE, (kind.value, key, _MOST))]
        names = [folder if shelf is not None else title_name for folder, title_name in rows]
        return [name for name in names if name is not None][:_MOST]
