"""What is known of one title when a query is answered in Python."""

from __future__ import annotations

from dataclasses import dataclass

from offliniofs.domain.content import ContentKind


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """One title as a search sees it. Texts are as the index holds them, one string a column; sizes in bytes."""

    kind: ContentKind
    title: str
    original_title: str = ""
    people: str = ""
    keywords: str = ""
    episodes: str = ""
    files: str = ""
    plot: str = ""
    year: int | None = None
    genres: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    """BCP 47 tags in lower case."""
    resolutions: frozenset[str] = frozenset()
    """``1080p``, … of its media files."""
    quality_rank: int = 0
    """Of its best media file."""
    total_size: int = 0
    views: int = 0
    favourite: bool = False
    added_ns: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The texts of the full-text index, in the order of its columns."""
        return (
            self.title,
            self.original_title,
            self.people,
            self.keywords,
            self.episodes,
            self.files,
            self.plot,
        )
