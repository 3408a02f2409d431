"""Identifying is total: any name, tags and NFO give an answer that explains itself."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from offliniofs.detect.arrangement import Entry
from offliniofs.detect.evidence import MAX_DISAGREEMENTS, FileEvidence
from offliniofs.detect.filetypes import classify_file
from offliniofs.detect.merge import identify
from offliniofs.detect.names import identify_name
from offliniofs.detect.nfo import NfoFacts
from offliniofs.detect.sidecars import arrange
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import AudioStream, MediaFacts, VideoStream

words = st.sampled_from(
    [
        "Film",
        "1999",
        "S01E02",
        "1080p",
        "BluRay",
        "Subs",
        "Extras",
        "-trailer",
        "sample",
        "01 -",
        "VID_2020",
        "en",
        "poster",
    ]
)
names = st.lists(words | st.text(max_size=8), min_size=1, max_size=5).map(".".join)
endings = st.sampled_from(["mkv", "mp3", "srt", "nfo", "jpg", "pdf", "m4a", "", "part"])
files = st.builds("{}.{}".format, names, endings)
folders = st.lists(names, max_size=3).map(tuple)
keys = st.sampled_from(["title", "artist", "album", "date", "track", "disc", "genre", "show", "season", "episode"])
medias = st.none() | st.builds(
    MediaFacts,
    mime_type=st.just("video/mp4"),
    duration=st.none() | st.floats(1, 10_000),
    video=st.lists(
        st.builds(VideoStream, st.sampled_from(["h264", "hevc"]), st.integers(0, 9000), st.integers(0, 9000)),
        max_size=2,
    ).map(tuple),
    audio=st.lists(
        st.builds(AudioStream, st.just("aac"), st.integers(0, 8), st.sampled_from([None, "de"])), max_size=2
    ).map(tuple),
    tags=st.dictionaries(keys, st.text(max_size=20), max_size=5),
)
nfos = st.none() | st.builds(
    NfoFacts,
    kind=st.sampled_from([None, ContentKind.MOVIE, ContentKind.SERIES, ContentKind.EPISODE, ContentKind.ALBUM]),
    title=st.none() | st.text(min_size=1, max_size=20),
    year=st.none() | st.integers(1900, 2030),
    season=st.none() | st.integers(0, 99),
    episodes=st.lists(st.integers(0, 99), max_size=2).map(tuple),
    runtime=st.none() | st.integers(1, 300),
)


@given(files, folders, medias, nfos, nfos)
@example("01 -.mp3", (), None, None, None)
def test_any_evidence_is_identified(
    name: str, parents: tuple[str, ...], media: MediaFacts | None, nfo: NfoFacts | None, show: NfoFacts | None
) -> None:
    evidence = FileEvidence(
        name, identify_name(name, folders=parents), classify_file(name, b""), parents, nfo, show, media
    )
    found = identify(evidence)
    assert found.title
    assert found.name == name
    assert len(found.disagreements) <= MAX_DISAGREEMENTS
    assert {"kind", "title"} <= set(found.why)
    assert identify(evidence) == found
    explained = {
        field for field in ("year", "season", "episodes", "artist", "album", "track", "genres") if getattr(found, field)
    }
    assert explained <= set(found.why)


@given(st.lists(st.builds(lambda path, name: (*path, name), folders, files), max_size=20, unique=True))
def test_every_file_has_one_place(paths: list[tuple[str, ...]]) -> None:
    arrangement = arrange([Entry(path, classify_file(path[-1], b"")) for path in paths])
    assert [place.parts for place in arrangement.places] == paths
    media = {place.parts for place in arrangement.media}
    for place in arrangement.places:
        assert place.media is None or place.media in media
        assert not (place.junk and place.media)
