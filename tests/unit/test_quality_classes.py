"""The quality classes themselves: order, look-up, fallbacks, and what a probe changes."""

from __future__ import annotations

import pytest

from offliniofs.detect.quality import QUALITIES, UNKNOWN, classify, quality_named, quality_of_extension, with_probe
from offliniofs.domain.content import ContentKind


def _rank(name: str) -> int:
    quality = quality_named(name)
    assert quality is not None
    return quality.rank


def test_order() -> None:
    assert [quality.rank for quality in QUALITIES] == list(range(30))
    assert QUALITIES[0] is UNKNOWN
    assert _rank("CAM") < _rank("SDTV") < _rank("DVD") < _rank("WEBDL-480p") < _rank("HDTV-720p")
    assert _rank("Bluray-720p") < _rank("HDTV-1080p") < _rank("Remux-1080p") < _rank("HDTV-2160p") < _rank("BR-DISK")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WEBDL-1080p", "WEBDL-1080p"),
        ("web-dl 1080P", "WEBDL-1080p"),
        ("Bluray-1080p Remux", "Remux-1080p"),
        ("Blu-ray 2160p remux", "Remux-2160p"),
        ("web_rip.720p", "WEBRip-720p"),
        ("DVDR", "DVD-R"),
        ("BRDISK", "BR-DISK"),
        ("rawhd", "Raw-HD"),
        ("screener", "DVDSCR"),
        ("unknown", "Unknown"),
    ],
)
def test_look_up(name: str, expected: str) -> None:
    quality = quality_named(name)
    assert quality is not None
    assert quality.name == expected


@pytest.mark.parametrize("name", ["", "WEBDL-1081p", "remux-", "\udcff"])
def test_look_up_of_no_class(name: str) -> None:
    assert quality_named(name) is None


def test_every_class_is_found_by_its_own_name() -> None:
    assert [quality_named(quality.name.upper()) for quality in QUALITIES] == list(QUALITIES)


@pytest.mark.parametrize(
    ("extension", "movie", "episode"),
    [
        ("mkv", "WEBDL-720p", "HDTV-720p"),
        (".TS", "SDTV", "HDTV-720p"),
        ("avi", "SDTV", "SDTV"),
        ("iso", "DVD", "DVD"),
        ("m2ts", "Bluray-720p", "Bluray-720p"),
        ("webm", "Unknown", "Unknown"),
        (None, "Unknown", "Unknown"),
    ],
)
def test_container_alone(extension: str | None, movie: str, episode: str) -> None:
    assert quality_of_extension(extension, ContentKind.MOVIE).name == movie
    assert quality_of_extension(extension, ContentKind.EPISODE).name == episode


@pytest.mark.parametrize(
    ("source", "resolution", "modifiers", "kind", "extension", "expected"),
    [
        ("bluray", None, (), None, None, "Bluray-720p"),
        ("bluray", None, ("remux",), None, None, "Remux-1080p"),
        ("bluray", "720p", ("remux",), None, None, "Bluray-720p"),
        ("bluray", "576p", ("rip",), ContentKind.MOVIE, None, "Bluray-576p"),
        ("bluray", "576p", ("rip",), ContentKind.EPISODE, None, "Bluray-480p"),
        ("bluray", "1080p", ("brdisk",), ContentKind.MOVIE, None, "BR-DISK"),
        ("bluray", "1080p", ("brdisk",), ContentKind.EPISODE, None, "Bluray-1080p"),
        ("dvd", "1080p", (), None, None, "DVD"),
        ("dvd", None, ("remux",), ContentKind.EPISODE, None, "DVD"),
        ("tv", "1080p", (), None, None, "HDTV-1080p"),
        ("hdtv", None, (), None, None, "SDTV"),
        ("webrip", "540p", (), None, None, "WEBRip-480p"),
        (None, "1080p", ("remux",), None, None, "Remux-1080p"),
        (None, "1080p", (), ContentKind.MOVIE, "mkv", "WEBDL-1080p"),
        (None, "1080p", (), ContentKind.EPISODE, "mkv", "HDTV-1080p"),
        (None, "1080p", (), ContentKind.MOVIE, "iso", "DVD"),
        (None, "1080p", (), ContentKind.EPISODE, "iso", "Bluray-1080p"),
        (None, "480p", (), ContentKind.EPISODE, "iso", "DVD"),
        (None, "480p", (), ContentKind.MOVIE, "m2ts", "Bluray-480p"),
        (None, None, ("remux",), None, None, "Remux-1080p"),
        (None, None, (), None, None, "Unknown"),
        ("nonsense", None, (), None, None, "Unknown"),
        ("nonsense", "999p", (), None, None, "SDTV"),
    ],
)
def test_classify(
    source: str | None,
    resolution: str | None,
    modifiers: tuple[str, ...],
    kind: ContentKind | None,
    extension: str | None,
    expected: str,
) -> None:
    assert classify(source, resolution, modifiers, kind, extension=extension).name == expected


@pytest.mark.parametrize(
    ("named", "width", "height", "stated", "expected", "resolution", "disagrees"),
    [
        ("Bluray-2160p", 1920, 800, "2160p", "Bluray-1080p", "1080p", True),
        ("Bluray-1080p", 1440, 1080, "1080p", "Bluray-1080p", "1080p", False),
        ("Bluray-720p", 1280, 536, None, "Bluray-720p", "720p", False),
        ("Remux-2160p", 1920, 1080, "2160p", "Remux-1080p", "1080p", True),
        ("Remux-1080p", 1280, 720, "1080p", "Bluray-720p", "720p", True),
        ("WEBDL-480p", 3840, 1608, None, "WEBDL-2160p", "2160p", False),
        ("SDTV", 1280, 720, None, "HDTV-720p", "720p", False),
        ("HDTV-1080p", 640, 480, "1080p", "SDTV", "480p", True),
        ("Bluray-480p", 720, 576, "480p", "Bluray-576p", "576p", True),
        ("WEBRip-480p", 640, 360, "480p", "WEBRip-480p", "360p", False),
        ("Unknown", 1920, 1080, None, "HDTV-1080p", "1080p", False),
        ("Unknown", 854, 480, None, "SDTV", "480p", False),
        ("CAM", 1920, 1080, "1080p", "CAM", "1080p", False),
        ("DVD", 720, 576, None, "DVD", "576p", False),
        ("DVD-R", 720, 480, None, "DVD-R", "480p", False),
        ("BR-DISK", 3840, 2160, "2160p", "BR-DISK", "2160p", False),
        ("Raw-HD", 1280, 720, None, "Raw-HD", "720p", False),
        ("HDTV-720p", 960, 540, "720p", "SDTV", "540p", True),
        ("WEBDL-1080p", 1080, 1920, "1080p", "WEBDL-1080p", "1080p", False),
    ],
)
def test_picture_wins(
    named: str, width: int, height: int, stated: str | None, expected: str, resolution: str, disagrees: bool
) -> None:
    quality = quality_named(named)
    assert quality is not None
    probed = with_probe(quality, width, height, stated=stated)
    assert probed is not None
    assert (probed.quality.name, probed.resolution, probed.disagrees) == (expected, resolution, disagrees)


@pytest.mark.parametrize(("width", "height"), [(0, 1080), (1920, -1), (0, 0)])
def test_no_picture(width: int, height: int) -> None:
    assert with_probe(QUALITIES[5], width, height) is None
