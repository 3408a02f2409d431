"""What the search language must be told about the library's vocabularies; this room knows none itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from offliniofs.query.ast import NameField
from offliniofs.query.text import index_text


class Vocabulary(Protocol):
    """Names that a query may use."""

    def quality_rank(self, class_name: str) -> int | None:
        """The rank of a quality class such as ``WEBDL-1080p``, ``None`` if there is no such class."""
        ...

    def normal_genre(self, name: str) -> str:
        """The normal form of a genre: ``Science Fiction`` for ``sci-fi``; an unknown one comes back as it is."""
        ...


class CatalogNames(Vocabulary, Protocol):
    """A vocabulary that also knows what is in one catalogue."""

    def ids(self, field: NameField, name: str) -> Sequence[int]:
        """Rows of ``genres``, ``tags`` or ``collections`` whose name equals ``name`` by :func:`comparable_name`."""
        ...

    def resolutions(self) -> Sequence[str]:
        """Every resolution that some file has, e.g. ``1080p``."""
        ...

    def language_lists(self) -> Sequence[str] | None:
        """Every value of ``content.languages`` among titles, ``None`` when there are too many to tell."""
        ...


def comparable_name(vocabulary: Vocabulary, field: NameField, name: str) -> str:
    """What is compared for the names of a field: without case, accents and punctuation, genres in normal form."""
    return index_text(vocabulary.normal_genre(name) if field is NameField.GENRE else name)
