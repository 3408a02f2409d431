"""Evidence of every sort joined to one identification, with its reasons."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from offliniofs.detect.evidence import FileEvidence, UserValue
from offliniofs.detect.filetypes import classify_file
from offliniofs.detect.merge import identify
from offliniofs.detect.names import identify_name
from offliniofs.detect.nfo import NfoFacts, parse_nfo
from offliniofs.domain.content import ContentKind
from offliniofs.domain.errors import UsageError
from offliniofs.domain.facts import (
    AudioStream,
    EvidenceSource,
    Genre,
    Identification,
    MediaFacts,
    Person,
    VideoStream,
)


@dataclass
class File:
    """A file to identify; only what a test cares about."""

    name: str
    folders: tuple[str, ...] = ()
    head: bytes = b""
    nfo: NfoFacts | None = None
    show_nfo: NfoFacts | None = None
    media: MediaFacts | None = None

    def identified(self, **user: UserValue) -> Identification:
        return identify(
            FileEvidence(
                name=self.name,
                name_facts=identify_name(self.name, folders=self.folders),
                file_type=classify_file(self.name, self.head),
                folders=self.folders,
                nfo=self.nfo,
                show_nfo=self.show_nfo,
                media=self.media,
                user=user,
            )
        )


def video(width: int = 1920, height: int = 1080, **more: object) -> MediaFacts:
    """Probed facts of a film; other fields as in ``VideoStream`` or ``MediaFacts``."""
    hdr = more.pop("hdr", None)
    codec = more.pop("codec", "h264")
    assert isinstance(codec, str)
    assert hdr is None or isinstance(hdr, str)
    audio = more.pop("audio", (AudioStream("aac", 2, "en"),))
    tags = more.pop("tags", {})
    duration = more.pop("duration", 6000.0)
    assert isinstance(audio, tuple)
    assert isinstance(tags, dict)
    assert isinstance(duration, float)
    assert not more
    stream = VideoStream(codec, width, height, hdr=hdr)
    return MediaFacts("video/x-matroska", duration=duration, video=(stream,), audio=audio, tags=tags)


def song(**tags: str) -> MediaFacts:
    return MediaFacts("audio/flac", duration=200.0, audio=(AudioStream("flac", 2),), tags=tags)


def source_of(found: Identification, field: str) -> EvidenceSource:
    return found.why[field].source


@pytest.mark.parametrize(
    ("name", "folders", "kind", "title"),
    [
        ("Blade.Runner.1982.1080p.BluRay.x264-GRP.mkv", (), ContentKind.MOVIE, "Blade Runner"),
        ("Big Buck Bunny.mp4", (), ContentKind.MOVIE, "Big Buck Bunny"),
        ("300.mkv", (), ContentKind.MOVIE, "300"),
        ("movie.mkv", ("Alien (1979)",), ContentKind.MOVIE, "Alien"),
        ("Lost.S01E02.720p.mkv", ("Season 1", "Lost"), ContentKind.EPISODE, "Lost"),
        ("The.Daily.Show.2014.05.02.mkv", (), ContentKind.EPISODE, "The Daily Show"),
        ("VID_20200101_1234.mp4", (), ContentKind.OTHER, "VID_20200101_1234"),
        ("IMG_0001.MOV", (), ContentKind.OTHER, "IMG_0001"),
        ("PXL_20210503_101010123.mp4", (), ContentKind.OTHER, "PXL_20210503_101010123"),
        ("2020-01-01 12.30.11.mp4", (), ContentKind.OTHER, "2020-01-01 12.30.11"),
        ("00001.mts", (), ContentKind.OTHER, "00001"),
        ("Grandma dancing.mp4", ("Home Videos",), ContentKind.OTHER, "Grandma dancing"),
        ("01 - A Song.mp3", (), ContentKind.TRACK, "A Song"),
        ("A Book.pdf", (), ContentKind.OTHER, "A Book"),
        ("things.zip", (), ContentKind.OTHER, "things"),
        ("___.mkv", (), ContentKind.OTHER, "___"),
    ],
)
def test_kinds_and_titles_by_name_alone(name: str, folders: tuple[str, ...], kind: ContentKind, title: str) -> None:
    found = File(name, folders).identified()
    assert (found.kind, found.title, found.name) == (kind, title, name)
    assert {"kind", "title"} <= set(found.why)


def test_the_picture_corrects_the_name() -> None:
    found = File("Film.2001.2160p.BluRay.x265.DTS.HDR-GRP.mkv", media=video(1920, 800)).identified()
    assert (found.resolution, found.quality, found.codec, found.hdr) == ("1080p", "Bluray-1080p", "h264", None)
    assert (found.audio, found.languages) == (("AAC",), ("en",))
    assert (found.source, found.group) == ("bluray", "GRP")
    for field in ("resolution", "quality", "codec", "hdr", "audio", "languages"):
        assert source_of(found, field) is EvidenceSource.PROBE, field
    said = " | ".join(found.disagreements)
    for words in ("2160p", "Bluray-2160p", "hevc", "HDR10", "DTS"):
        assert words in said, words


def test_a_picture_as_promised_contradicts_nothing() -> None:
    media = video(3840, 1600, codec="hevc", hdr="DV", audio=(AudioStream("truehd", 8, "en"),))
    found = File("Film.2001.2160p.UHD.BluRay.Remux.HEVC.DV.TrueHD.Atmos-GRP.mkv", media=media).identified()
    assert found.disagreements == ()
    assert (found.quality, found.codec, found.hdr) == ("Remux-2160p", "hevc", "DV")
    assert found.audio == ("TrueHD", "Atmos")
    assert source_of(found, "quality") is EvidenceSource.NAME


def test_without_a_probe_the_name_speaks() -> None:
    found = File("Film.2001.German.1080p.WEB-DL.H265.AAC-GRP.mkv").identified()
    assert (found.quality, found.resolution, found.codec) == ("WEBDL-1080p", "1080p", "hevc")
    assert (found.audio, found.languages) == (("AAC",), ("de",))
    assert source_of(found, "resolution") is EvidenceSource.NAME


def test_a_home_video_has_a_size_but_no_class() -> None:
    found = File("IMG_0001.MOV", media=video(3840, 2160, tags={"title": "x"})).identified()
    assert (found.kind, found.quality, found.resolution) == (ContentKind.OTHER, "Unknown", "2160p")


MOVIE_NFO = parse_nfo(
    b"<movie><title>Amelie</title><originaltitle>Le Fabuleux Destin</originaltitle><year>2001</year>"
    b"<runtime>122</runtime><genre>Romance</genre><rating>8.3</rating><plot>A waitress.</plot>"
    b"<set>Paris</set><tag>green</tag>"
    b"<uniqueid type='imdb'>tt0211915</uniqueid><director>Jeunet</director><language>fr</language></movie>"
)


def test_an_nfo_wins_over_the_name() -> None:
    found = File(
        "Le.Fabuleux.Destin.2002.tmdb-194.German.mkv",
        ("Comedies",),
        nfo=MOVIE_NFO,
        media=video(tags={"genre": "Drama", "title": "x"}, audio=()),
    ).identified()
    assert (found.title, found.year, found.original_title) == ("Amelie", 2001, "Le Fabuleux Destin")
    assert [genre.name for genre in found.genres] == ["Romance", "Drama", "Comedy"]
    assert (found.rating, found.plot, found.collection, found.tags) == (8.3, "A waitress.", "Paris", ("green",))
    assert found.people == (Person("Jeunet", "director"),)
    assert found.external_ids == {"imdb": "tt0211915", "tmdb": "194"}
    assert found.languages == ("fr",)
    for field in ("title", "year", "genres", "plot", "languages", "external_ids", "people"):
        assert source_of(found, field) is EvidenceSource.NFO, field
    said = " | ".join(found.disagreements)
    assert "year: nfo says 2001, name says 2002" in said
    assert "title" not in said


def test_contradictions_are_remembered() -> None:
    found = File("Another.Film.imdb-tt0000001.mkv", nfo=MOVIE_NFO, media=video(duration=90.0)).identified()
    said = " | ".join(found.disagreements)
    assert "title: nfo says Amelie, name says Another Film" in said
    assert "imdb: nfo says tt0211915, name says tt0000001" in said
    assert "duration: nfo says 122 minutes, probe says 2" in said


def test_an_nfo_makes_a_film_of_what_looks_like_an_episode() -> None:
    found = File("Film 1x02.mkv", nfo=MOVIE_NFO).identified()
    assert (found.kind, found.title, found.season, found.episodes) == (ContentKind.MOVIE, "Amelie", None, ())


def test_a_link_alone_identifies() -> None:
    found = File("Film.2001.mkv", nfo=parse_nfo(b"https://www.imdb.com/title/tt0211915/")).identified()
    assert (found.kind, found.title, found.external_ids) == (ContentKind.MOVIE, "Film", {"imdb": "tt0211915"})


SHOW_NFO = parse_nfo(
    b"<tvshow><title>Lost</title><year>2004</year><genre>Drama</genre><plot>An island.</plot><id>73739</id>"
    b"<actor><name>Matthew Fox</name><role>Jack</role></actor><rating>8</rating></tvshow>"
)
EPISODE_NFO = parse_nfo(
    b"<episodedetails><title>Pilot (2)</title><season>1</season><episode>2</episode><aired>2004-09-29</aired>"
    b"<plot>They find a transceiver.</plot><uniqueid type='tvdb'>127132</uniqueid><genre>Mystery</genre>"
    b"</episodedetails>"
)


def test_an_episode_takes_the_series_from_its_nfo() -> None:
    found = File(
        "lst.s01e03.mkv", ("Season 1",), nfo=EPISODE_NFO, show_nfo=SHOW_NFO, media=video(tags={"show": "www.x.com"})
    ).identified()
    assert (found.kind, found.title, found.year) == (ContentKind.EPISODE, "Lost", 2004)
    assert (found.season, found.episodes, found.episode_title) == (1, (2,), "Pilot (2)")
    assert (found.plot, found.rating, found.air_date) == ("An island.", 8.0, None)
    assert found.external_ids == {"tvdb": "73739"}
    assert [genre.name for genre in found.genres] == ["Drama", "Mystery"]
    assert found.people == (Person("Matthew Fox", "actor", "Jack"),)
    assert "episodes: nfo says 2, name says 3" in found.disagreements


def test_an_nfo_of_one_episode_does_not_cut_a_double_one() -> None:
    found = File("Lost.S01E01E02.mkv", nfo=EPISODE_NFO).identified()
    assert found.episodes == (1, 2)
    assert found.external_ids == {}


def test_a_series_link_beside_an_episode_is_of_the_series() -> None:
    found = File("Lost.S01E02.mkv", nfo=parse_nfo(b"https://thetvdb.com/series/73739")).identified()
    assert (found.kind, found.external_ids) == (ContentKind.EPISODE, {"tvdb": "73739"})


def test_a_numbered_file_below_a_tvshow_nfo_is_an_episode() -> None:
    found = File("03 - Tabula Rasa.mkv", ("Season 01", "Lost"), show_nfo=SHOW_NFO).identified()
    assert (found.kind, found.title, found.season, found.episodes) == (ContentKind.EPISODE, "Lost", 1, (3,))


def test_a_dated_episode_keeps_its_date() -> None:
    dated = parse_nfo(b"<episodedetails><title>Guests</title><aired>2014-05-02</aired></episodedetails>")
    found = File("The Daily Show.mkv", nfo=dated).identified()
    assert (found.kind, found.air_date, found.episode_title) == (ContentKind.EPISODE, "2014-05-02", "Guests")


def test_tags_can_name_an_episode() -> None:
    found = File("download.mp4", media=video(tags={"show": "Lost", "season": "1", "episode": "4"})).identified()
    assert (found.kind, found.title, found.season, found.episodes) == (ContentKind.EPISODE, "Lost", 1, (4,))
    assert source_of(found, "season") is EvidenceSource.TAG


@pytest.mark.parametrize(
    ("name", "tag", "title"),
    [
        ("e3b0c44298fc1c149afbf4c8996fb924.1979.mkv", "Alien", None),
        ("e3b0c44298fc1c149afbf4c8996fb924.mkv", "www.releases.com", "e3b0c44298fc1c149afbf4c8996fb924"),
        ("Alien (1979).mkv", "Something else", "Alien"),
    ],
)
def test_titles_in_videos_are_weak(name: str, tag: str, title: str | None) -> None:
    found = File(name, media=video(tags={"title": tag})).identified()
    assert found.title == title or (title is None and found.kind is ContentKind.MOVIE)


def test_music_by_tags() -> None:
    media = song(
        title="Blue", artist="Joni Mitchell", album="Blue", date="1971-06-22", track="5/10", disc="1", genre="(80)"
    )
    found = File("03 - wrong.flac", ("Other (1999)", "Somebody"), media=media).identified()
    assert (found.kind, found.title, found.artist, found.album) == (ContentKind.TRACK, "Blue", "Joni Mitchell", "Blue")
    assert (found.year, found.track, found.disc) == (1971, 5, 1)
    assert found.genres == (Genre("Folk"),)
    assert (found.audio, found.codec) == (("FLAC",), "flac")
    assert source_of(found, "artist") is EvidenceSource.TAG
    assert "track: tag says 5, name says 3" in found.disagreements


@pytest.mark.parametrize(
    ("name", "folders", "expected"),
    [
        ("01 - Song.flac", ("Album (1999)", "Artist", "Music"), ("Song", "Artist", "Album", 1999, 1, None)),
        ("01 Song.mp3", ("1999 - Album", "Artist"), ("Song", "Artist", "Album", 1999, 1, None)),
        ("1-05 Song.mp3", ("Artist - Album (1999) [FLAC]",), ("Song", "Artist", "Album", 1999, 5, 1)),
        ("05 Song.mp3", ("CD2", "Artist - 1999 - Album"), ("Song", "Artist", "Album", 1999, 5, 2)),
        ("Artist - Song.mp3", ("Music",), ("Song", "Artist", None, None, None, None)),
        ("Song.mp3", (), ("Song", None, None, None, None, None)),
        ("07.mp3", ("Album", "Artist"), ("07", "Artist", "Album", None, 7, None)),
    ],
)
def test_music_by_name(name: str, folders: tuple[str, ...], expected: tuple[object, ...]) -> None:
    found = File(name, folders).identified()
    assert (found.title, found.artist, found.album, found.year, found.track, found.disc) == expected


def test_an_album_nfo_fills_in() -> None:
    nfo = parse_nfo(
        b"<album><title>Blue</title><artist>Joni Mitchell</artist><year>1971</year><genre>Folk</genre></album>"
    )
    found = File("05 - Blue.flac", nfo=nfo).identified()
    assert (found.album, found.artist, found.year) == ("Blue", "Joni Mitchell", 1971)
    assert found.genres == (Genre("Folk"),)


def test_sound_in_a_video_container_is_music() -> None:
    media = MediaFacts("audio/mp4", audio=(AudioStream("aac", 2),), tags={"artist": "A", "title": "B"})
    found = File("thing.mp4", media=media).identified()
    assert (found.kind, found.artist, found.title) == (ContentKind.TRACK, "A", "B")


def test_a_file_that_lies_is_what_its_bytes_say() -> None:
    found = File("Film.2001.1080p.mkv", head=b"PK\x03\x04....").identified()
    assert found.kind is ContentKind.OTHER
    assert "archive" in found.disagreements[0]


def test_genre_folders_count_but_not_the_title_itself() -> None:
    found = File("Horror.mkv", ("Horror", "Science Fiction", "Movies")).identified()
    assert [genre.name for genre in found.genres] == ["Science Fiction"]


def test_the_user_always_wins() -> None:
    found = File("Film.2001.1080p.BluRay.mkv", nfo=MOVIE_NFO, media=video()).identified(
        title=" My  Film ",
        year=1950,
        genres="sci-fi, My Genre",
        rating=9,
        tags=("a", "a"),
        quality="webdl-720p",
        plot=None,
    )
    assert (found.title, found.year, found.rating, found.tags) == ("My Film", 1950, 9.0, ("a",))
    assert found.genres == (Genre("Science Fiction"), Genre("My Genre", known=False))
    assert (found.quality, found.plot) == ("WEBDL-720p", None)
    for field in ("title", "year", "genres", "rating", "tags", "quality", "plot"):
        assert source_of(found, field) is EvidenceSource.USER, field


def test_the_user_decides_the_kind_before_all_else() -> None:
    found = File("Film.1x02.mkv").identified(kind="movie")
    assert (found.kind, found.season) == (ContentKind.MOVIE, None)
    found = File("A film.mkv").identified(kind="episode", season=2, episodes=(3, 4))
    assert (found.kind, found.season, found.episodes) == (ContentKind.EPISODE, 2, (3, 4))
    assert File("A film.mkv").identified(episodes=5).episodes == (5,)
    assert File("A.S01E01.mkv").identified(episodes=None).episodes == ()


def test_quality_follows_what_the_user_says_of_its_parts() -> None:
    assert File("Film.2001.mkv").identified(source="bluray", resolution="1080p").quality == "Bluray-1080p"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("colour", "red", "no field 'colour'"),
        ("kind", "opera", "no kind 'opera'"),
        ("quality", "splendid", "no quality 'splendid'"),
        ("title", "  ", "cannot be empty"),
        ("title", 3, "3 is no text"),
        ("year", "1999", "no whole number"),
        ("year", -1, "no whole number"),
        ("rating", 11, "no rating"),
        ("rating", "good", "no rating"),
        ("tags", 4, "no list"),
        ("episodes", ("one",), "no whole number"),
    ],
)
def test_values_that_make_no_sense_are_refused(field: str, value: UserValue, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        File("Film.2001.mkv").identified(**{field: value})


def test_a_cleared_number_is_cleared() -> None:
    found = File("Film.2001.mkv").identified(year=None, rating=None, tags=None)
    assert (found.year, found.rating, found.tags) == (None, None, ())
    assert found.why["year"].detail == "cleared"
