"""Titles that are folders of things are found by the names of these and of the folders in them."""

from __future__ import annotations

from offliniofs.domain.arrival import Arrival
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.facts import Identification
from tests.unit.catalog_library import Library, blob, source, titles_with_words


def _paper(name: str, *folders: str) -> Arrival:
    thing = Identification(name, ContentKind.OTHER, "Papers")
    path = "/".join(("Papers", *folders, name))
    return Arrival(source(path), blob(path), thing, FileRole.DATA, "", name_suffix=name, subfolder=folders)


def test_papers_are_found_by_their_names_and_folders(library: Library) -> None:
    (paper,) = library.file(_paper("insurance.pdf", "Tax", "Letters"))
    library.file(_paper("receipt.pdf", "Tax"))

    def finds(word: str) -> bool:
        return titles_with_words(library.reader.database, word, 10) == [paper.title_id]

    assert all(map(finds, ("insurance", "receipt", "letters", "tax", "papers")))
    library.writer.trash_file(paper.file_id)
    assert not finds("insurance")
    assert finds("receipt")
    library.undo()
    assert finds("insurance")


def test_subtitles_do_not_name_their_film(library: Library) -> None:
    film = Identification("film.mkv", ContentKind.MOVIE, "Heat", 1995)
    library.file(Arrival(source("film.mkv"), blob("film"), film, FileRole.MEDIA, ".mkv"))
    words = Arrival(source("words.srt"), blob("words"), film, FileRole.DATA, "", name_suffix="words.srt")
    library.file(words)
    assert titles_with_words(library.reader.database, "words", 10) == []
