"""The parts of an import that need no store: counting, packing, planning, describing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from offliniofs.detect.probe import Prober
from offliniofs.domain.arrival import SourceFile, StoredBlob
from offliniofs.domain.content import ContentKind, FileRole, PlacementMode
from offliniofs.domain.facts import Evidence, EvidenceSource, Identification
from offliniofs.domain.ids import Digest
from offliniofs.ingest import describe as describe_module
from offliniofs.ingest import progress as progress_module
from offliniofs.ingest.describe import Described, Description, describe
from offliniofs.ingest.discover import Gathering, discover, resolve
from offliniofs.ingest.guard import Guard
from offliniofs.ingest.known import Sifted, sift
from offliniofs.ingest.plan import planned
from offliniofs.ingest.problem import Problem, Skipped
from offliniofs.ingest.progress import Tally
from offliniofs.ingest.reading import read_start
from offliniofs.ingest.stage import PARCEL_BYTES, PARCEL_FILES, parcels
from offliniofs.tree.names import LibraryNaming

FILM = Identification(name="Film.1999.mkv", kind=ContentKind.MOVIE, title="Film", year=1999, resolution="1080p")
EPISODE = Identification(
    name="Show.S01E02.mkv", kind=ContentKind.EPISODE, title="Show", year=2010, season=1, episodes=(2,)
)
TRACK = Identification(
    name="01.flac", kind=ContentKind.TRACK, title="Song", artist="Band", album="Album", year=1990, track=1
)
OTHER = Identification(name="notes.txt", kind=ContentKind.OTHER, title="Papers")


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def source(name: str, size: int = 10) -> SourceFile:
    return SourceFile(b"/in/" + os.fsencode(name), 1, 2, size, 3)


def described(name: str, size: int = 10, sidecar_of: str | None = None) -> Described:
    role = FileRole.MEDIA if sidecar_of is None else FileRole.SUBTITLE
    of = None if sidecar_of is None else b"/in/" + os.fsencode(sidecar_of)
    return Described(source(name, size), FILM, role, ".mkv", sidecar_of=of)


GATHERING = Gathering(b"/in", b"/in", ())


def packed(*files: Described) -> list[list[bytes]]:
    return [[file.source.name for file in parcel.files] for parcel in parcels(GATHERING, files)]


def test_small_files_share_a_parcel_and_a_large_one_has_its_own() -> None:
    assert packed(described("a"), described("b"), described("big", PARCEL_BYTES + 1), described("c")) == [
        [b"a", b"b"],
        [b"big"],
        [b"c"],
    ]
    assert [len(parcel) for parcel in packed(*(described(str(n)) for n in range(2 * PARCEL_FILES + 1)))] == [
        PARCEL_FILES,
        PARCEL_FILES,
        1,
    ]
    assert packed() == []


def test_a_sidecar_never_leaves_its_media_file() -> None:
    film = described("film", PARCEL_BYTES + 1)
    sidecars = [described(f"{number}.srt", sidecar_of="film") for number in range(PARCEL_FILES + 3)]
    assert [len(parcel) for parcel in packed(film, *sidecars, described("next"))] == [PARCEL_FILES + 4, 1]


def test_the_tally_adds_up() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.find([source("a", 600), source("b", 400), source("c", 1000)], frozenset({b"/in/a", b"/in/b"}))
    tally.add_read(600)
    tally.file(600, existed=True)
    tally.fail(Problem(b"/in/b", "unreadable"))
    tally.add_note(Skipped(b"/in/d", "hidden"))
    clock.now += 2
    seen = tally.snapshot()
    assert (seen.found_files, seen.found_bytes, seen.known_files, seen.known_bytes) == (3, 2000, 1, 1000)
    assert (seen.filed_files, seen.duplicate_files, seen.failed_files, seen.problems, seen.skipped) == (1, 1, 1, 1, 1)
    assert (seen.read_bytes, seen.settled_files, seen.elapsed) == (1600, 3, 2.0)
    assert (tally.saved_bytes, tally.stored_bytes) == (600, 0)


def test_the_time_left_is_known_only_when_everything_was_found_and_some_time_has_passed() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.find([source("a", 1000)], frozenset({b"/in/a"}))
    tally.add_read(100)
    clock.now += 2
    assert tally.snapshot().seconds_left is None
    tally.found_all = True
    seen = tally.snapshot()
    assert seen.bytes_per_second == pytest.approx(50)
    assert seen.seconds_left == pytest.approx(18)


def test_when_all_bytes_are_read_the_time_left_is_that_of_the_files() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.find([source(str(number), 1) for number in range(10)], frozenset(b"/in/%d" % number for number in range(10)))
    tally.found_all = True
    tally.add_read(10)
    for _ in range(4):
        tally.file(1, existed=False)
    clock.now += 2
    assert tally.snapshot().seconds_left == pytest.approx(3)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.add_read(10_000)
    for _ in range(30):
        clock.now += 1
        tally.add_read(5)
        seen = tally.snapshot()
    assert seen.bytes_per_second == pytest.approx(5)


def test_very_many_problems_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "NOTE_LIMIT", 2)
    tally = Tally(Clock())
    tally.add_notes(Problem(b"x", "y") for _ in range(5))
    for _ in range(5):
        tally.add_note(Skipped(b"x", "y"))
    assert (len(tally.problems), tally.problem_count, len(tally.skipped), tally.skipped_count) == (2, 5, 2, 5)


@pytest.mark.parametrize(
    ("file", "path"),
    [
        (Described(source("f"), FILM, FileRole.MEDIA, ".mkv"), "movies/Film (1999)/Film (1999) - 1080p.mkv"),
        (
            Described(source("f"), FILM, FileRole.SUBTITLE, ".srt", sidecar_of=b"/in/f", name_suffix=".en.srt"),
            "movies/Film (1999)/Film (1999) - 1080p.en.srt",
        ),
        (
            Described(source("p"), FILM, FileRole.ARTWORK, ".jpg", name_suffix="poster.jpg"),
            "movies/Film (1999)/poster.jpg",
        ),
        (
            Described(source("x"), FILM, FileRole.EXTRA, ".mkv", name_suffix="cut.mkv", subfolder=("extras",)),
            "movies/Film (1999)/extras/cut.mkv",
        ),
        (
            Described(source("e"), EPISODE, FileRole.MEDIA, ".mkv"),
            "series/Show (2010)/Season 01/Show (2010) S01E02.mkv",
        ),
        (
            Described(source("p"), EPISODE, FileRole.ARTWORK, ".jpg", name_suffix="poster.jpg"),
            "series/Show (2010)/poster.jpg",
        ),
        (Described(source("t"), TRACK, FileRole.MEDIA, ".flac"), "music/Band/Album (1990)/01 - Song.flac"),
        (Described(source("notes.txt"), OTHER, FileRole.DATA, ".txt"), "other/Papers/notes.txt"),
    ],
)
def test_a_plan_says_where_a_file_would_stand(file: Described, path: str) -> None:
    assert planned(file, LibraryNaming()).path == path


def test_an_arrival_has_everything_that_was_described() -> None:
    file = replace(described("film.srt", sidecar_of="film"), name_suffix=".en.srt", subfolder=("x",), language="en")
    blob = StoredBlob(Digest(bytes(32)), 10, PlacementMode.COPY, False)
    arrival = file.arrival(blob)
    assert (arrival.source, arrival.blob, arrival.identification) == (file.source, blob, FILM)
    assert (arrival.role, arrival.sidecar_of) == (FileRole.SUBTITLE, b"/in/film")
    assert (arrival.name_suffix, arrival.subfolder, arrival.language) == (".en.srt", ("x",), "en")


def test_only_unknown_files_are_wanted() -> None:
    files = (source("a"), source("b"))
    sifted = sift(Gathering(b"/in", b"/in", files), lambda file: file.name == b"a")
    assert sifted.wanted_files == (files[1],)


@pytest.fixture(scope="module")
def prober() -> Iterator[Prober]:
    with Prober(workers=1) as prober:
        yield prober


def describe_folder(folder: Path, prober: Prober, root: Path | None = None) -> Description:
    """Describes the one gathering in a folder."""
    guard = Guard(frozenset(), frozenset())
    found = [entry for entry in discover(resolve([root or folder], guard), guard) if isinstance(entry, Gathering)]
    (gathering,) = (entry for entry in found if entry.files)
    return describe(Sifted(gathering, frozenset(file.path for file in gathering.files)), prober)


def put(path: Path, content: bytes = b"\x00\x01 no media") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_sidecars_carry_the_identification_of_their_film(tmp_path: Path, prober: Prober) -> None:
    folder = tmp_path / "Blade Runner (1982)"
    film = put(folder / "Blade.Runner.1982.1080p.BluRay.mkv")
    put(folder / "Blade.Runner.1982.1080p.BluRay.en.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    put(folder / "poster.jpg", b"\xff\xd8\xff\xe0")
    put(
        folder / "movie.nfo",
        b"<movie><title>Blade Runner</title><year>1982</year><genre>Science Fiction</genre></movie>",
    )
    files = describe_folder(folder, prober).files
    assert [file.role for file in files][:2] == [FileRole.MEDIA, FileRole.SUBTITLE]
    assert {file.role for file in files[2:]} == {FileRole.ARTWORK, FileRole.NFO}
    assert {(file.identification.title, file.identification.year) for file in files} == {("Blade Runner", 1982)}
    assert files[1].sidecar_of == os.fsencode(film)
    assert (files[1].name_suffix, files[1].language) == (".en.srt", "en")
    assert [genre.name for genre in files[0].identification.genres] == ["Science Fiction"]


def test_an_nfo_that_cannot_be_used_is_kept_where_no_media_server_reads_it(tmp_path: Path, prober: Prober) -> None:
    folder = tmp_path / "in" / "Film (1999)"
    put(folder / "Film (1999).mkv")
    put(folder / "Film (1999).nfo", b"<!DOCTYPE x><movie><title>Another</title></movie>")
    put(folder / "movie.nfo", b"<movie><title>Anoth")
    files = {file.source.name: file for file in describe_folder(folder, prober).files}
    assert {file.role for file in files.values()} == {FileRole.MEDIA, FileRole.DATA}
    assert files[b"Film (1999).nfo"].name_suffix == ".nfo.txt"
    assert files[b"movie.nfo"].name_suffix == "movie.nfo.txt"
    assert {file.identification.title for file in files.values()} == {"Film"}
    assert [len(file.remarks) for name, file in files.items() if name.endswith(b".nfo")] == [1, 1]


def test_episodes_know_the_nfo_of_their_series(tmp_path: Path, prober: Prober) -> None:
    folder = tmp_path / "tv" / "the.show"
    put(folder / "tvshow.nfo", b"<tvshow><title>The Real Name</title><year>2005</year></tvshow>")
    put(folder / "Season 02" / "the.show.S02E03.mkv")
    files = describe_folder(tmp_path / "tv", prober).files
    assert {file.identification.title for file in files} == {"The Real Name"}
    assert (files[0].identification.season, files[0].identification.episodes) == (2, (3,))


def test_what_goes_with_nothing_is_filed_under_its_folder(tmp_path: Path, prober: Prober) -> None:
    put(tmp_path / "in" / "Papers" / "notes.txt", b"some words\n")
    (file,) = describe_folder(tmp_path / "in", prober).files
    assert (file.identification.kind, file.identification.title) == (ContentKind.OTHER, "Papers")
    assert (file.role, file.name_suffix) == (FileRole.DATA, "notes.txt")


def test_what_lies_at_the_root_of_an_import_is_filed_under_its_own_name(tmp_path: Path, prober: Prober) -> None:
    put(tmp_path / "in" / "notes.txt", b"some words\n")
    (file,) = describe_folder(tmp_path / "in", prober).files
    assert file.identification.title == "notes"


def described_tree(folder: Path, prober: Prober, *, whole: bool = False) -> dict[str, Described]:
    """Everything below a folder, by its path."""
    guard = Guard(frozenset(), frozenset())
    found = discover(resolve([folder], guard), guard, whole=whole)
    gatherings = [entry for entry in found if isinstance(entry, Gathering)]
    described = [file for entry in gatherings for file in describe(sift(entry, lambda _: False), prober).files]
    return {str(Path(os.fsdecode(file.source.path)).relative_to(folder)): file for file in described}


def test_a_folder_of_unknown_things_stays_together_with_its_folders(tmp_path: Path, prober: Prober) -> None:
    top = tmp_path / "Papers"
    for name in ("Tax/2019/a.pdf", "Tax/2020/a.pdf", "Downloads/Trip/IMG_0001.jpg", "Downloads/b.pdf", "c.pdf"):
        put(top / name)
    put(top / "Downloads/Heat.1995.1080p.BluRay.x264/heat.mkv")
    put(top / "Downloads/Heat.1995.1080p.BluRay.x264/readme.txt", b"some words\n")
    naming = LibraryNaming()
    assert {name: planned(file, naming).path for name, file in described_tree(top, prober).items()} == {
        "Tax/2019/a.pdf": "other/Tax/2019/a.pdf",
        "Tax/2020/a.pdf": "other/Tax/2020/a.pdf",
        "Downloads/Trip/IMG_0001.jpg": "other/Trip/IMG_0001.jpg",
        "Downloads/b.pdf": "other/Downloads/b.pdf",
        "c.pdf": "other/c/c.pdf",
        "Downloads/Heat.1995.1080p.BluRay.x264/heat.mkv": "movies/Heat (1995)/Heat (1995) - 1080p.mkv",
        "Downloads/Heat.1995.1080p.BluRay.x264/readme.txt": "movies/Heat (1995)/readme.txt",
    }
    together = described_tree(top, prober, whole=True)
    assert planned(together["c.pdf"], naming).path == "other/Papers/c.pdf"
    assert planned(together["Tax/2019/a.pdf"], naming).path == "other/Papers/Tax/2019/a.pdf"
    assert together["c.pdf"].identification.why["title"] == Evidence(EvidenceSource.FOLDER, "Papers")


def test_clips_among_photographs_are_no_films(tmp_path: Path, prober: Prober) -> None:
    picture = b"\xff\xd8\xff\xe0"
    for name in ("Holiday 2019/IMG_0001.jpg", "Holiday 2019/IMG_0002.jpg", "Heat (1995)/poster.jpg"):
        put(tmp_path / name, picture)
    for name in ("Holiday 2019/beach.mkv", "Holiday 2019/Ronin (1998).mkv", "Heat (1995)/heat.mkv"):
        put(tmp_path / name, b"\x1aE\xdf\xa3" + bytes(100))
    put(tmp_path / "Holiday 2019/beach.en.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    found = described_tree(tmp_path, prober)
    kinds = {name: file.identification.kind for name, file in found.items() if name.endswith(".mkv")}
    assert kinds == {
        "Holiday 2019/beach.mkv": ContentKind.OTHER,
        "Holiday 2019/Ronin (1998).mkv": ContentKind.MOVIE,
        "Heat (1995)/heat.mkv": ContentKind.MOVIE,
    }
    beach, subtitle = found["Holiday 2019/beach.mkv"], found["Holiday 2019/beach.en.srt"]
    assert (beach.identification.title, subtitle.identification.title) == ("Holiday 2019", "Holiday 2019")
    assert (subtitle.sidecar_of, subtitle.name_suffix) == (beach.source.path, ".en.srt")


def test_a_media_file_without_contents_is_kept_with_a_remark(tmp_path: Path, prober: Prober) -> None:
    put(tmp_path / "in" / "Film (1999).mkv", b"\x1aE\xdf\xa3" + bytes(100))
    (file,) = describe_folder(tmp_path / "in", prober).files
    assert file.media is None
    assert (file.identification.title, file.identification.year) == ("Film", 1999)
    assert ["its contents are not known" in remark.message for remark in file.remarks] == [True]


def test_an_error_of_the_program_refuses_one_gathering(
    tmp_path: Path, prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(describe_module, "arrange", fail)
    path = put(tmp_path / "in" / "film.mkv")
    description = describe_folder(tmp_path / "in", prober)
    assert description.files == ()
    assert [problem.path for problem in description.refused] == [os.fsencode(path)]
    assert "RecursionError: too deep" in description.refused[0].message


def test_the_start_of_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_start(os.fsencode(tmp_path / "pipe"), 10) == b""
    assert read_start(os.fsencode(tmp_path / "missing"), 10) == b""
    assert read_start(os.fsencode(tmp_path), 10) == b""
    assert read_start(b"/in\0valid", 10) == b""
