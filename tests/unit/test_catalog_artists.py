"""Artists: shown with their albums, made, renamed, united; albums moved from one to another; and the way back."""

from __future__ import annotations

import pytest

from offliniofs.domain.arrival import Arrival, Filed
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.facts import Identification
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import Shelf
from tests.unit.catalog_library import Library, blob, source


def _track(artist: str, album: str, number: int = 1, content: str = "") -> Arrival:
    name = f"{artist}/{album}/{number:02} Song.flac"
    found = Identification(name, ContentKind.TRACK, f"Song {number}", 1999, artist=artist, album=album, track=number)
    return Arrival(source(name), blob(content or name), found, FileRole.MEDIA, ".flac")


def _file(library: Library, *albums: tuple[str, str]) -> list[Filed]:
    return library.file(*(_track(artist, album) for artist, album in albums))


def _music(library: Library) -> dict[str, set[str]]:
    """Artists, and the folders in theirs."""
    return {
        artist.name: {album.name for album in library.reader.children_page(artist.content_id, 0, 99)}
        for artist in library.reader.shelf_page(Shelf.MUSIC, 0, 99)
    }


def _artist(library: Library, name: str) -> ContentId:
    row = library.reader.shelf_named(Shelf.MUSIC, name)
    assert row is not None
    return row.content_id


def _shown(library: Library) -> set[str]:
    """The names of all titles in the views."""
    return {row.name for row in library.reader.titles_page((), 0, 99)}


def test_an_artist_goes_and_comes_with_albums(library: Library) -> None:
    first, second = _file(library, ("X", "One"), ("X", "Two"))
    before = _music(library)
    entry = library.writer.trash_content(first.title_id)
    assert _music(library) == {"X": {"Two (1999)"}}
    other = library.writer.trash_content(second.title_id)
    assert library.there_and_back(_music, {"X": {"Two (1999)"}}) == {}
    library.writer.restore(other)
    library.writer.restore(entry)
    assert _music(library) == before
    library.writer.trash_file(first.file_id, prune=True)
    library.writer.trash_content(second.title_id)
    assert _music(library) == {}
    again = _file(library, ("X", "Three"))[0]
    assert _music(library) == {"X": {"Three (1999)"}}
    library.writer.trash_content(again.title_id)
    library.file(_track("X", "Two"))
    assert _music(library) == {"X": {"Two (1999)"}}


def test_an_album_goes_to_another_artist(library: Library) -> None:
    moved, _, _ = _file(library, ("X", "One"), ("X", "Two"), ("Y", "Three"))
    before = _music(library)
    library.writer.move_album(moved.title_id, _artist(library, "Y"))
    assert library.there_and_back(_music, before) == {"X": {"Two (1999)"}, "Y": {"One (1999)", "Three (1999)"}}
    assert _shown(library) == {"Y - One (1999)", "X - Two (1999)", "Y - Three (1999)"}
    details = library.reader.content_details(moved.title_id)
    assert details is not None
    assert details.artist == "Y"
    assert [row.name for row in library.reader.files_page(moved.title_id, 0, 9)] == ["01 - Song 1.flac"]


def test_an_artist_that_was_made_stays_until_it_is_removed(library: Library) -> None:
    moved = _file(library, ("X", "One"))[0]
    made = library.writer.make_artist("Y")
    assert _music(library) == {"X": {"One (1999)"}, "Y": set()}
    for name in ("Y", "y", "X"):
        with pytest.raises(UsageError, match="already"):
            library.writer.make_artist(name)
    library.writer.move_album(moved.title_id, made)
    assert library.there_and_back(_music, {"X": {"One (1999)"}, "Y": set()}) == {"Y": {"One (1999)"}}
    library.undo()
    library.writer.remove_folder(made)
    assert library.there_and_back(_music, {"X": {"One (1999)"}, "Y": set()}) == {"X": {"One (1999)"}}
    assert library.reader.trash_page(0, 9) == []


def test_making_an_artist_that_is_not_shown_shows_it(library: Library) -> None:
    gone = _file(library, ("ABBA", "One"))[0]
    entry = library.writer.trash_content(gone.title_id)
    before = _music(library)
    assert before == {}
    library.writer.make_artist("Abba")
    assert library.there_and_back(_music, before) == {"Abba": set()}
    library.writer.restore(entry)
    assert _music(library) == {"Abba": {"One (1999)"}}
    library.writer.trash_content(gone.title_id)
    assert _music(library) == {}


def test_renaming_an_artist_renames_its_albums(library: Library) -> None:
    one, two = _file(library, ("X", "One"), ("X", "Two"))
    entry = library.writer.trash_content(two.title_id)
    before = _music(library)
    library.writer.rename_artist(_artist(library, "X"), "Why")
    assert library.there_and_back(_music, before) == {"Why": {"One (1999)"}}
    assert _shown(library) == {"Why - One (1999)"}
    library.writer.restore(entry)
    assert _shown(library) == {"Why - One (1999)", "Why - Two (1999)"}
    library.file(_track("X", "Three"))
    assert _music(library) == {"Why": {"One (1999)", "Two (1999)", "Three (1999)"}}  # found by the old name
    assert one.title_id in {row.content_id for row in library.reader.children_page(_artist(library, "Why"), 0, 9)}


def test_a_name_that_another_artist_has_is_refused(library: Library) -> None:
    _file(library, ("X", "One"), ("Y", "Two"))
    for name in ("Y", "y"):
        with pytest.raises(UsageError, match="already"):
            library.writer.rename_artist(_artist(library, "X"), name)
    library.writer.rename_artist(_artist(library, "X"), "X")
    with pytest.raises(NotFoundError):
        library.writer.rename_artist(ContentId(999), "Z")
    with pytest.raises(NotFoundError):
        library.writer.move_album(ContentId(999), _artist(library, "X"))


def test_the_name_of_an_artist_that_is_not_shown_is_taken_over(library: Library) -> None:
    gone, _ = _file(library, ("X", "One"), ("Y", "Two"))
    entry = library.writer.trash_content(gone.title_id)
    library.writer.rename_artist(_artist(library, "Y"), "X")
    assert library.there_and_back(_music, {"Y": {"Two (1999)"}}) == {"X": {"Two (1999)"}}
    library.writer.restore(entry)
    assert _music(library) == {"X": {"One (1999)", "Two (1999)"}}


def test_two_artists_become_one(library: Library) -> None:
    filed = library.file(
        _track("X", "One"), _track("X", "Two"), _track("X", "Gone"), _track("Y", "One", 2), _track("Y", "Three")
    )
    entry = library.writer.trash_content(filed[2].title_id)
    before = _music(library)
    library.writer.unite_artists(_artist(library, "X"), _artist(library, "Y"))
    after = {"Y": {"One (1999)", "Two (1999)", "Three (1999)"}}
    assert library.there_and_back(_music, before) == after
    tracks = {row.name for row in library.reader.files_page(filed[3].title_id, 0, 9)}
    assert tracks == {"01 - Song 1.flac", "02 - Song 2.flac"}
    assert _shown(library) == {"Y - One (1999)", "Y - Two (1999)", "Y - Three (1999)"}
    library.writer.restore(entry)
    library.file(_track("X", "Four"))
    assert _music(library)["Y"] == after["Y"] | {"Gone (1999)", "Four (1999)"}


def test_an_artist_removed_whole_comes_back_whole(library: Library) -> None:
    _file(library, ("X", "One"), ("X", "Two"))
    before = _music(library)
    entry = library.writer.trash_content(_artist(library, "X"))
    assert library.there_and_back(_music, before) == {}
    library.writer.restore(entry)
    assert _music(library) == before
