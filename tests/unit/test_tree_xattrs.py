"""Extended attributes: what is shown, and what can be set."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.details import ContentDetails, FileDetails, Statistics
from offliniofs.domain.editing import EditableField, EditValue, MetadataEdit
from offliniofs.domain.errors import QuerySyntaxError, UsageError
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre
from offliniofs.domain.ids import ContentId, Digest, FileId
from offliniofs.domain.listing import SelectionTotals, Shelf
from offliniofs.tree.settings import edit_of, query_of, withdrawal_of
from offliniofs.tree.xattrs import (
    MAX_VALUE_BYTES,
    PREFIX,
    file_attributes,
    folder_attributes,
    is_answered,
    root_attributes,
    view_attributes,
)

CONTENT = ContentDetails(
    content_id=ContentId(7),
    kind=ContentKind.MOVIE,
    title_id=ContentId(7),
    parent_id=None,
    shelf=Shelf.MOVIES,
    path="movies/Alien (1979)",
    title_name="Alien (1979)",
    title="Alien",
    title_of="Alien",
    original_title=None,
    year=1979,
    season=None,
    episode=None,
    last_episode=None,
    disc=None,
    track=None,
    air_date=None,
    plot="In space",
    rating=8.5,
    edition=None,
    languages=("en",),
    artist=None,
    favourite=True,
    quality="Bluray-1080p",
    media_count=1,
    file_count=2,
    total_size=3000,
    added_ns=1_000_000_000,
    modified_ns=2,
    genres=(Genre("Horror"), Genre("Science Fiction")),
    people=(),
    tags=("scary", "space"),
    collections=("Best",),
    resolutions=("1080p",),
    external_ids=MappingProxyType({"imdb": "tt0078748"}),
    statistics=Statistics(views=2, last_viewed_ns=1_000_000_000),
    why=MappingProxyType(
        {"year": Evidence(EvidenceSource.NFO, "1979"), "title": Evidence(EvidenceSource.NAME, "Alien")}
    ),
)
FILE = FileDetails(
    file_id=FileId(9),
    content_id=ContentId(7),
    folder_id=ContentId(7),
    title_id=ContentId(7),
    sidecar_of=None,
    role=FileRole.MEDIA,
    path="movies/Alien (1979)/Alien (1979) - 1080p.mkv",
    name="Alien (1979) - 1080p.mkv",
    size=2000,
    mtime_ns=1,
    added_ns=1_000_000_000,
    digest=Digest(b"\xab" * 32),
    link_count=4,
    quality="Bluray-1080p",
    resolution="1080p",
    source="bluray",
    modifiers=(),
    edition=None,
    group=None,
    mime_type="video/x-matroska",
    container="matroska",
    video_codec="h264",
    audio_codec="aac",
    hdr=None,
    width=1920,
    height=1080,
    duration_ms=7_020_500,
    bit_rate=None,
    languages=("en", "de"),
    original_name=b"Ali\xe9n.mkv",
    original_path=b"/x/Ali\xe9n.mkv",
    origin_url="https://example.org/a",
    statistics=Statistics(views=2, downloads=1, last_viewed_ns=1_000_000_000),
    why=MappingProxyType({"quality": Evidence(EvidenceSource.PROBE, "1920x1080")}),
    disagreements=("the name says 2160p",),
)


def test_a_file_says_what_is_known_of_it() -> None:
    found = file_attributes(FILE, CONTENT)
    shown = {name.removeprefix(PREFIX): value for name, value in found.items() if name.startswith(PREFIX)}
    promised = "id title type year genres quality resolution source codec duration hash size original_name added views"
    assert set(promised.split()) | {"last_viewed", "downloads", "why"} <= set(shown)
    assert shown["genres"] == b"Horror, Science Fiction"
    assert shown["duration"] == b"7020.5"
    assert shown["hash"] == b"ab" * 32
    assert shown["original_name"] == b"Ali\xe9n.mkv"
    assert shown["added"] == b"1970-01-01T00:00:01Z"
    assert shown["favourite"] == b"1"
    assert shown["why"].decode().splitlines() == [
        *("quality: probe: 1920x1080", "title: name: Alien", "year: nfo: 1979", "disagreed: the name says 2160p")
    ]
    assert found["user.xdg.tags"] == b"scary,space"
    assert found["user.mime_type"] == b"video/x-matroska"
    assert found["user.xdg.origin.url"] == b"https://example.org/a"


def test_what_is_not_known_is_not_there() -> None:
    poster = replace(FILE, role=FileRole.ARTWORK, origin_url=None, mime_type=None, duration_ms=None, video_codec=None)
    found = file_attributes(replace(poster, audio_codec=None), replace(CONTENT, tags=(), year=None))
    absent = {PREFIX + name for name in ("quality", "codec", "duration", "year", "season", "edition")}
    assert not (absent | {"user.xdg.tags", "user.mime_type", "user.xdg.origin.url"}) & set(found)


def test_a_title_folder_says_what_is_known_of_the_title() -> None:
    found = folder_attributes(CONTENT)
    assert found[PREFIX + "id.imdb"] == b"tt0078748"
    assert found[PREFIX + "resolution"] == b"1080p"
    assert found[PREFIX + "count"] == b"2"
    assert found[PREFIX + "last_viewed"] == b"1970-01-01T00:00:01Z"
    assert PREFIX + "quality" not in folder_attributes(replace(CONTENT, media_count=0))
    assert PREFIX + "last_viewed" not in folder_attributes(replace(CONTENT, statistics=Statistics()))


def test_a_view_and_the_root_say_how_much_there_is() -> None:
    assert view_attributes(SelectionTotals(3, 4000)) == {PREFIX + "count": b"3", PREFIX + "bytes": b"4000"}
    assert view_attributes(SelectionTotals(3, 4000), "alien")[PREFIX + "query"] == b"alien"
    assert root_attributes({"titles": 3, "free": None}) == {PREFIX + "titles": b"3"}


def test_a_long_value_is_cut_between_characters() -> None:
    plot = folder_attributes(replace(CONTENT, plot="ü" * 40_000))[PREFIX + "plot"]
    assert len(plot) <= MAX_VALUE_BYTES
    assert set(plot.decode()) == {"ü"}
    assert len(file_attributes(replace(FILE, original_name=b"x" * 70_000), CONTENT)[PREFIX + "original_name"]) == 60_000


def test_only_user_attributes_exist() -> None:
    assert is_answered(b"user.offliniofs.title")
    assert not is_answered(b"security.capability")
    assert not is_answered(b"system.posix_acl_access")


@pytest.mark.parametrize(
    ("name", "value", "field", "edited"),
    [
        ("title", "Aliens ", EditableField.TITLE, "Aliens"),
        ("original_title", "Ça", EditableField.ORIGINAL_TITLE, "Ça"),
        ("year", "1986", EditableField.YEAR, 1986),
        ("genres", "drama, Sci-Fi", EditableField.GENRES, ("Drama", "Science Fiction")),
        ("genres", "", EditableField.GENRES, ()),
        ("tags", "a, b,a,", EditableField.TAGS, ("a", "b")),
        ("favourite", "yes", EditableField.FAVOURITE, True),
        ("favourite", "0", EditableField.FAVOURITE, False),
        ("rating", "8.5", EditableField.RATING, 8.5),
        ("plot", "Two\nlines", EditableField.PLOT, "Two\nlines"),
        ("edition", "Final Cut", EditableField.EDITION, "Final Cut"),
        ("quality", "webdl-1080p", EditableField.QUALITY, "WEBDL-1080p"),
    ],
)
def test_what_can_be_set(name: str, value: str, field: EditableField, edited: EditValue) -> None:
    assert edit_of(PREFIX + name, value.encode()) == MetadataEdit(field, edited)


def test_tags_have_a_standard_name_too() -> None:
    assert edit_of("user.xdg.tags", b"a,b") == MetadataEdit(EditableField.TAGS, ("a", "b"))
    assert withdrawal_of(PREFIX + "year") == MetadataEdit(EditableField.YEAR, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (PREFIX + "hash", b"x"),
        (PREFIX + "nonsense", b"x"),
        ("user.mime_type", b"x"),
        ("title", b"x"),
        (PREFIX + "title", b""),
        (PREFIX + "title", b"a\nb"),
        (PREFIX + "title", b"\xff"),
        (PREFIX + "title", b"x" * 1025),
        (PREFIX + "year", b"86"),
        (PREFIX + "year", "19\u0668\u0666".encode()),
        (PREFIX + "genres", b",,,"),
        (PREFIX + "tags", ",".join(map(str, range(300))).encode()),
        (PREFIX + "favourite", b"maybe"),
        (PREFIX + "rating", b"11"),
        (PREFIX + "rating", b"nan"),
        (PREFIX + "plot", b"x" * 20_000),
        (PREFIX + "quality", b"best"),
    ],
)
def test_what_cannot_be_set(name: str, value: bytes) -> None:
    with pytest.raises(UsageError):
        edit_of(name, value)


def test_a_saved_search_can_be_given_another_query() -> None:
    assert query_of(b" genre:western ") == "genre:western"
    with pytest.raises(QuerySyntaxError):
        query_of(b"year:abc")
    with pytest.raises(UsageError):
        query_of(b"\xff")
