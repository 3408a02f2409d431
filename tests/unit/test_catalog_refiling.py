"""What comes again: the same bytes, under other names or with other titles, and sources that have changed."""

from __future__ import annotations

from dataclasses import replace

from offliniofs.domain.arrival import ArrivalOutcome
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.facts import EvidenceSource, Identification
from tests.unit.catalog_library import Library, blob, episode, film, genres, media, sidecar, track, why


def test_the_same_bytes_in_the_same_title_are_a_duplicate(library: Library) -> None:
    (first,) = library.file(media(film(), content="same"))
    arrival = media(film(), content="same", name="copy.mkv")
    (second,) = library.file(arrival)
    assert second.outcome is ArrivalOutcome.DUPLICATE
    assert (second.file_id, second.path) == (first.file_id, first.path)
    assert library.reader.known_source(arrival.source) == first.file_id
    totals = library.reader.library_totals()
    assert (totals.files, totals.blobs, totals.saved_bytes) == (1, 1, 0)


def test_the_same_bytes_in_another_title_are_stored_once(library: Library) -> None:
    library.file(media(film(), content="same"), media(film("Dune"), content="same"))
    totals = library.reader.library_totals()
    assert (totals.titles, totals.movies, totals.files, totals.blobs) == (2, 2, 2, 1)
    assert (totals.shown_bytes, totals.stored_bytes, totals.saved_bytes) == (2000, 1000, 1000)


def test_equal_subtitles_of_two_episodes_are_both_kept(library: Library) -> None:
    one, two = media(episode("Show", 1, 1)), media(episode("Show", 1, 2))
    subtitles = [
        sidecar(of, of.identification, FileRole.SUBTITLE, ".srt", name=f"{number}.srt", content="empty")
        for number, of in enumerate((one, two))
    ]
    outcomes = [filed.outcome for filed in library.file(one, two, *subtitles)]
    assert outcomes == [ArrivalOutcome.ADDED] * 4
    (again,) = library.file(sidecar(one, one.identification, FileRole.SUBTITLE, ".srt", name="z.srt", content="empty"))
    assert again.outcome is ArrivalOutcome.DUPLICATE


def test_bytes_under_a_name_that_says_nothing_are_what_they_were(library: Library) -> None:
    (known,) = library.file(media(film()))
    content = film().name
    copy, other, clip = film("Copy", None), film("Replicant", 1982), film("Clip", None)
    named = replace(copy, name="nfo.mkv", why=why("title", by=EvidenceSource.NFO))
    again, distinct, told = library.file(*(media(one, content=content) for one in (copy, other, named)))
    assert (again.outcome, again.file_id, again.path) == (ArrivalOutcome.DUPLICATE, known.file_id, known.path)
    assert [one.outcome for one in (distinct, told)] == [ArrivalOutcome.ADDED] * 2
    subtitle = sidecar(media(copy, content=content), copy, FileRole.SUBTITLE, ".en.srt", name="copy.en.srt")
    assert library.file(subtitle)[0].path == "movies/Blade Runner (1982)/Blade Runner (1982) - 1080p.en.srt"
    assert library.file(media(clip))[0].outcome is ArrivalOutcome.ADDED


def test_equal_files_of_other_names_are_other_files(library: Library) -> None:
    folder = Identification("Software", ContentKind.OTHER, "Software")
    names = ("a.txt", "b.txt")
    same = [media(replace(folder, name=name), name=name, content="same", facts=None) for name in names]
    silence = [media(track("Band", "Album", number, "Silence"), content="silence") for number in (12, 13)]
    versions = [media(film(resolution=resolution)) for resolution in ("1080p", "2160p")]
    beside = [
        sidecar(of, of.identification, FileRole.SUBTITLE, ".en.srt", name=f"{number}.en.srt", content="subtitle")
        for number, of in enumerate(versions)
    ]
    pictures = [
        sidecar(None, film(), FileRole.ARTWORK, name, name=name, content="picture")
        for name in ("poster.jpg", "fanart.jpg")
    ]
    filed = library.file(*same, *silence, *versions, *beside, *pictures)
    assert {one.outcome for one in filed} == {ArrivalOutcome.ADDED}
    copied = [replace(one, source=replace(one.source, path=one.source.path + b".copy")) for one in (*same, *pictures)]
    again = library.file(*copied)
    assert {one.outcome for one in again} == {ArrivalOutcome.DUPLICATE}
    assert [one.path for one in again] == [filed[0].path, filed[1].path, filed[8].path, filed[9].path]


def test_a_file_that_had_to_be_renamed_is_known_again(library: Library) -> None:
    film_file = media(film())
    subtitles = [
        sidecar(film_file, film(), FileRole.SUBTITLE, ".en.srt", name=f"{number}.srt", content=f"c{number}")
        for number in range(3)
    ]
    first = library.file(film_file, *subtitles)
    copied = [replace(one, source=replace(one.source, path=one.source.path + b".copy")) for one in subtitles]
    again = library.file(*copied)
    assert [one.path for one in again] == [one.path for one in first[1:]]


def test_what_goes_with_a_media_file_stays_with_it_whatever_its_own_name_says(library: Library) -> None:
    film_file = media(film())
    (first,) = library.file(film_file)
    other_name = film("Blad Runer", None)
    (subtitle,) = library.file(sidecar(film_file, other_name, FileRole.SUBTITLE, ".en.srt", name="blad.en.srt"))
    assert subtitle.title_id == first.title_id
    assert library.reader.library_totals().titles == 1


def test_the_same_source_again_brings_facts_up_to_date(library: Library) -> None:
    arrival = media(film(resolution="720p"), name="source.mkv")
    subtitle = sidecar(arrival, film(), FileRole.SUBTITLE, ".srt", name="source.srt")
    first, below = library.file(arrival, subtitle)
    better = replace(arrival, identification=film(resolution="1080p", genre=("Science Fiction", "Drama")))
    (second,) = library.file(better)
    assert second == replace(first, outcome=ArrivalOutcome.UPDATED)
    assert library.reader.resolutions_of(first.title_id) == ("1080p",)
    for file_id in (first.file_id, below.file_id):
        details = library.reader.file_details(file_id)
        assert details is not None
        assert details.resolution == "1080p"
    content = library.reader.content_details(first.title_id)
    assert content is not None
    assert (content.quality, content.genres) == ("Bluray-1080p", genres("Science Fiction", "Drama"))


def test_an_episode_again_brings_its_facts_up_to_date(library: Library) -> None:
    arrival = media(episode("Show", 1, 1))
    (first,) = library.file(arrival)
    (second,) = library.file(replace(arrival, identification=replace(arrival.identification, plot="Now with a plot.")))
    assert second.outcome is ArrivalOutcome.UPDATED
    details = library.reader.content_details(first.content_id)
    assert details is not None
    assert (details.plot, details.title_of, details.path) == ("Now with a plot.", "Show", None)


def test_a_source_with_new_bytes_is_a_new_file(library: Library) -> None:
    arrival = media(film(), name="source.mkv", content="old")
    (first,) = library.file(arrival)
    changed = replace(arrival, blob=blob("new"), source=replace(arrival.source, mtime_ns=5))
    (second,) = library.file(changed)
    assert second.outcome is ArrivalOutcome.ADDED
    assert second.file_id != first.file_id
    assert library.reader.known_source(arrival.source) is None
    assert library.reader.known_source(changed.source) == second.file_id
