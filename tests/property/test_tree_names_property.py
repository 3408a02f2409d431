"""Whatever comes in, the names that come out are legal."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import Identification
from offliniofs.domain.naming import Naming
from offliniofs.tree.names import FOLDER_BYTES, MEDIA_BYTES, SIDECAR_ROOM, LibraryNaming, split_extension
from offliniofs.tree.text import component, readable

NAMING: Naming = LibraryNaming()
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)
HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet=st.characters(codec=None), max_size=20),
        st.sampled_from(
            [
                *(
                    "CON",
                    "nul.txt",
                    "COM¹",
                    "Aux ",
                    "lpt9 .x",
                    ": ",
                    " : ",
                    "/",
                    "\\",
                    "|",
                    "?",
                    "*",
                    '"',
                    "<",
                    ">",
                    ".",
                    " ",
                ),
                *(
                    "\u0338",
                    "\u0301" * 40,
                    "e\u0301",
                    "\u200d",
                    "\U0001f1e9\U0001f1ea",
                    "\U0001f44d\U0001f3fd",
                    "\u202e",
                ),
                *("\ufdd0", "\x85", "\u2028", "\U0001ffff", "\ud800", "\udc80", "a" * 300, "é" * 130, " (2)", ".mkv"),
            ]
        ),
    ),
    max_size=12,
).map("".join)


def assert_legal(name: str) -> None:
    encoded = name.encode()
    assert 0 < len(encoded) <= 255
    assert unicodedata.normalize("NFC", name) == name
    assert not set(name) & set('\\/:*?"<>|')
    assert all(unicodedata.category(character) != "Cc" for character in name)
    assert name[0] not in " ."
    assert name[-1] not in " ."
    assert not DEVICE.fullmatch(name)


@given(HOSTILE)
def test_any_text_becomes_a_legal_name_that_stays(text: str) -> None:
    name = component(text)
    assert_legal(name)
    assert component(name) == name


@given(st.binary(max_size=400))
def test_any_bytes_become_a_legal_name(name: bytes) -> None:
    assert_legal(component(readable(name)))
    assert component(name.decode("utf-8", "surrogateescape")) == component(readable(name))


@given(HOSTILE, st.integers(min_value=16, max_value=255))
def test_a_limit_is_kept_and_stable(text: str, limit: int) -> None:
    name = component(text, limit)
    assert_legal(name)
    assert len(name.encode()) <= limit
    assert component(name, limit) == name


IDENTIFICATIONS = st.builds(
    Identification,
    name=HOSTILE,
    kind=st.sampled_from(ContentKind),
    title=HOSTILE,
    year=st.none() | st.integers(min_value=1800, max_value=2999),
    season=st.none() | st.integers(min_value=0, max_value=99_999),
    episodes=st.lists(st.integers(min_value=0, max_value=999_999), max_size=40).map(tuple),
    episode_title=st.none() | HOSTILE,
    air_date=st.sampled_from([None, "2010-05-31"]),
    resolution=st.sampled_from([None, "1080p", "2160p"]),
    edition=st.none() | HOSTILE,
    artist=st.none() | HOSTILE,
    album=st.none() | HOSTILE,
    track=st.none() | st.integers(min_value=0, max_value=99_999),
    disc=st.none() | st.integers(min_value=0, max_value=9_999),
)


@given(IDENTIFICATIONS, HOSTILE, st.integers(min_value=2, max_value=9999))
def test_every_name_of_a_title_is_legal(identification: Identification, extra: str, ordinal: int) -> None:
    folder = NAMING.title_folder(identification)
    media = NAMING.media_file(identification, extra)
    for name in (folder, NAMING.title_name(identification), NAMING.artist_folder(extra), media):
        assert_legal(name)
        assert component(name) == name
        assert_legal(NAMING.distinct(name, ordinal))
    assert len(folder.encode()) <= FOLDER_BYTES
    assert len(NAMING.distinct(media, ordinal).encode()) <= MEDIA_BYTES
    if identification.kind is ContentKind.MOVIE:
        assert media.startswith(folder)


@given(IDENTIFICATIONS, st.none() | st.just("mkv"), HOSTILE)
def test_a_sidecar_keeps_its_media_files_stem(identification: Identification, media: str | None, suffix: str) -> None:
    media_name = None if media is None else NAMING.media_file(identification, "." + media)
    name = NAMING.sidecar(media_name, suffix)
    assert_legal(name)
    if media_name is not None:
        stem = split_extension(media_name)[0]
        assert name.startswith(stem)
        assert len(stem.encode()) <= 255 - SIDECAR_ROOM


@given(
    HOSTILE,
    st.sampled_from(["", ".srt", ".en.srt", ".pt-BR.forced.ass", ".de.ac3"]),
    st.integers(min_value=2, max_value=99_999),
    st.integers(min_value=2, max_value=99_999),
)
def test_distinct_names_are_distinct(text: str, ending: str, one: int, other: int) -> None:
    name = component(text + ending)
    first, second = NAMING.distinct(name, one), NAMING.distinct(name, other)
    assert first != name
    assert (first == second) is (one == other)
    assert split_extension(first)[1] == split_extension(name)[1]
    assert_legal(first)
    assert component(first) == first
