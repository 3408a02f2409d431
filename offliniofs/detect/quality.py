"""Quality classes: their names, their order, and the class that a source, a resolution and modifiers add up to.

Names and order are those of Radarr and Sonarr, merged: Radarr's list holds every class that Sonarr has, and calls
``Remux-1080p`` what Sonarr calls ``Bluray-1080p Remux``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from offliniofs.detect.marks import frame_resolution
from offliniofs.detect.text import words
from offliniofs.domain.content import ContentKind


@dataclass(frozen=True, slots=True)
class QualityClass:
    """One class. ``rank`` grows with quality; ``source`` and ``resolution`` are those of a file of the class."""

    name: str
    rank: int
    source: str | None = None
    resolution: str | None = None
    modifiers: tuple[str, ...] = ()


_ORDER: tuple[tuple[str, str | None, str | None, tuple[str, ...]], ...] = (
    ("Unknown", None, None, ()),
    ("WORKPRINT", "workprint", None, ()),
    ("CAM", "cam", None, ()),
    ("TELESYNC", "telesync", None, ()),
    ("TELECINE", "telecine", None, ()),
    ("REGIONAL", "dvd", "480p", ("regional",)),
    ("DVDSCR", "dvd", "480p", ("screener",)),
    ("SDTV", "tv", "480p", ()),
    ("DVD", "dvd", "480p", ()),
    ("DVD-R", "dvd", "480p", ("remux",)),
    ("WEBDL-480p", "webdl", "480p", ()),
    ("WEBRip-480p", "webrip", "480p", ()),
    ("Bluray-480p", "bluray", "480p", ()),
    ("Bluray-576p", "bluray", "576p", ()),
    ("HDTV-720p", "hdtv", "720p", ()),
    ("WEBDL-720p", "webdl", "720p", ()),
    ("WEBRip-720p", "webrip", "720p", ()),
    ("Bluray-720p", "bluray", "720p", ()),
    ("HDTV-1080p", "hdtv", "1080p", ()),
    ("WEBDL-1080p", "webdl", "1080p", ()),
    ("WEBRip-1080p", "webrip", "1080p", ()),
    ("Bluray-1080p", "bluray", "1080p", ()),
    ("Remux-1080p", "bluray", "1080p", ("remux",)),
    ("HDTV-2160p", "hdtv", "2160p", ()),
    ("WEBDL-2160p", "webdl", "2160p", ()),
    ("WEBRip-2160p", "webrip", "2160p", ()),
    ("Bluray-2160p", "bluray", "2160p", ()),
    ("Remux-2160p", "bluray", "2160p", ("remux",)),
    ("BR-DISK", "bluray", "1080p", ("brdisk",)),
    ("Raw-HD", "hdtv", "1080p", ("rawhd",)),
)

QUALITIES: tuple[QualityClass, ...] = tuple(
    QualityClass(name, rank, source, resolution, modifiers)
    for rank, (name, source, resolution, modifiers) in enumerate(_ORDER)
)
"""Every class, worst first."""

_BY_NAME: Mapping[str, QualityClass] = MappingProxyType({quality.name.casefold(): quality for quality in QUALITIES})

UNKNOWN = _BY_NAME["unknown"]

_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "dvdr": "dvd-r",
        "brdisk": "br-disk",
        "bdisk": "br-disk",
        "rawhd": "raw-hd",
        "screener": "dvdscr",
        "webdl": "webdl-480p",
        "remux": "remux-1080p",
        "ts": "telesync",
        "tc": "telecine",
        "sd": "sdtv",
    }
)

_FAMILIES: Mapping[str, str] = MappingProxyType(
    {"bluray": "Bluray", "webdl": "WEBDL", "webrip": "WEBRip", "hdtv": "HDTV", "tv": "HDTV"}
)
_FIXED: Mapping[str, str] = MappingProxyType(
    {"workprint": "WORKPRINT", "cam": "CAM", "telesync": "TELESYNC", "telecine": "TELECINE"}
)
_LOW = frozenset({"576p", "540p", "480p", "360p"})
_HIGH = ("2160p", "1080p", "720p")

_SD_CONTAINERS = words(
    "3gp asf asx avc avi bin bivx dat divx dv dvr-ms fli flv ifo m2v m4v mov mp4 mpeg mpg nrg nsv nuv ogm ogv pva qt rm"
    " rmvb strm svq3 ty viv vp3 wmv wpl xvid"
)
_EXTENSION_QUALITY: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(_SD_CONTAINERS, "SDTV"), "img": "DVD", "iso": "DVD", "vob": "DVD", "m2ts": "Bluray-720p"}
)
"""What a container alone suggests, whatever the kind."""
_MOVIE_EXTENSION_QUALITY: Mapping[str, str] = MappingProxyType(
    {"mkv": "WEBDL-720p", "mk3d": "WEBDL-720p", "ts": "SDTV", "wtv": "SDTV"}
)
_SERIES_EXTENSION_QUALITY: Mapping[str, str] = MappingProxyType(
    {"mkv": "HDTV-720p", "ts": "HDTV-720p", "wtv": "HDTV-720p"}
)

_SERIES_KINDS = frozenset({ContentKind.SERIES, ContentKind.SEASON, ContentKind.EPISODE})


def is_series(kind: ContentKind | None) -> bool:
    """Whether a kind is named by the customs of series rather than of movies."""
    return kind in _SERIES_KINDS


def quality_named(name: str) -> QualityClass | None:
    """The class of that name, whatever its case and separators (``webdl 1080p``, ``Bluray-1080p Remux``), or None."""
    key = "-".join(name.casefold().replace("_", " ").replace(".", " ").split())
    key = key.replace("web-dl", "webdl").replace("web-rip", "webrip").replace("blu-ray", "bluray")
    if key.endswith("-remux") and key.startswith("bluray-"):
        key = "remux-" + key.removeprefix("bluray-").removesuffix("-remux")
    return _BY_NAME.get(_ALIASES.get(key, key))


def quality_of_extension(extension: str | None, kind: ContentKind | None) -> QualityClass:
    """The class a container suggests when a name is silent: a film's ``mkv`` came from the web, an episode's by air."""
    if not extension:
        return UNKNOWN
    extension = extension.casefold().removeprefix(".")
    special = _SERIES_EXTENSION_QUALITY if is_series(kind) else _MOVIE_EXTENSION_QUALITY
    return _BY_NAME[special.get(extension, _EXTENSION_QUALITY.get(extension, "Unknown")).casefold()]


def classify(
    source: str | None,
    resolution: str | None,
    modifiers: Collection[str] = (),
    kind: ContentKind | None = None,
    *,
    codec: str | None = None,
    extension: str | None = None,
    bracketed: bool = False,
) -> QualityClass:
    """The class of a file, with the fallbacks for whatever is not known.

    ``modifiers`` that matter: remux, rawhd, brdisk, screener, regional, and ``rip`` (a disc encoded again: BDRip).
    ``bracketed`` says that the source stood alone in brackets, as anime groups write it: such releases are seldom below
    720p. Total: any strings may be given.
    """
    if special := _special(source, resolution, modifiers, kind):
        return special
    if source == "bluray":
        return _disc(resolution, modifiers, kind, codec)
    if source == "dvd":
        return _BY_NAME["dvd-r" if "remux" in modifiers and not is_series(kind) else "dvd"]
    if source is not None and source in _FAMILIES:
        return _in_family(_FAMILIES[source], resolution or ("720p" if bracketed else None))
    if resolution:
        return _without_source(resolution, modifiers, kind, extension)
    if "remux" in modifiers:
        return _BY_NAME["remux-1080p"]
    if codec == "h264-encode":
        return _BY_NAME["sdtv"]
    return quality_of_extension(extension, kind)


def _special(
    source: str | None, resolution: str | None, modifiers: Collection[str], kind: ContentKind | None
) -> QualityClass | None:
    """Classes that do not depend on the resolution."""
    if "brdisk" in modifiers and not is_series(kind):
        return _BY_NAME["br-disk"]
    if "rawhd" in modifiers:
        return _BY_NAME["raw-hd"]
    if "screener" in modifiers:
        return _BY_NAME["dvdscr"]
    if "regional" in modifiers:
        return _BY_NAME["regional"]
    fixed = _FIXED.get(source or "")
    return _BY_NAME[fixed.casefold()] if fixed else None


def _disc(
    resolution: str | None, modifiers: Collection[str], kind: ContentKind | None, codec: str | None
) -> QualityClass:
    """A Blu-ray says no size when it is 720p, the oldest custom, but an XviD or DivX copy of one is small."""
    if "rip" in modifiers:
        if resolution in _HIGH or (resolution == "576p" and not is_series(kind)):
            return _in_family("Bluray", resolution)
        return _BY_NAME["bluray-480p"]
    if codec in {"xvid", "divx"}:
        return _BY_NAME["bluray-480p"]
    if "remux" in modifiers and resolution in {None, "1080p", "2160p"}:
        return _BY_NAME[f"remux-{resolution or '1080p'}"]
    return _in_family("Bluray", resolution or "720p")


def _in_family(family: str, resolution: str | None) -> QualityClass:
    if resolution in _HIGH:
        return _BY_NAME[f"{family}-{resolution}".casefold()]
    if family == "HDTV":
        return _BY_NAME["sdtv"]
    if family == "Bluray" and resolution == "576p":
        return _BY_NAME["bluray-576p"]
    return _BY_NAME[f"{family}-480p".casefold()]


def _without_source(
    resolution: str, modifiers: Collection[str], kind: ContentKind | None, extension: str | None
) -> QualityClass:
    """A size but no source: a remux comes from a disc; else the container decides, and without one it was broadcast."""
    if "remux" in modifiers:
        return _disc(resolution, modifiers, kind, None)
    suggested = quality_of_extension(extension, kind)
    if suggested.source == "dvd":
        if not is_series(kind) or resolution in _LOW:
            return _BY_NAME["dvd"]
        return _in_family("Bluray", resolution)
    if suggested.source is not None and suggested.source in {"bluray", "webdl"}:
        return _in_family(_FAMILIES[suggested.source], "480p" if resolution in _LOW else resolution)
    return _in_family("HDTV", resolution)


@dataclass(frozen=True, slots=True)
class ProbedQuality:
    """A class after a look at the picture. ``disagrees``: the name had stated a size that the picture does not have."""

    quality: QualityClass
    resolution: str
    disagrees: bool


def with_probe(quality: QualityClass, width: int, height: int, *, stated: str | None = None) -> ProbedQuality | None:
    """Let the picture's size, in pixels, correct a class; ``stated`` is the resolution the name itself gave, if any.

    The source stays what the name said, since a picture does not show it. Classes that say nothing of a size stay. None
    when the size makes no sense.
    """
    if width <= 0 or height <= 0:
        return None
    resolution = frame_resolution(width, height)
    disagrees = stated is not None and _bucket(stated) != _bucket(resolution)
    return ProbedQuality(_resized(quality, resolution), resolution, disagrees)


def _bucket(resolution: str) -> str:
    return "480p" if resolution in {"540p", "480p", "360p"} else resolution


def _resized(quality: QualityClass, resolution: str) -> QualityClass:
    if quality is UNKNOWN:
        return _in_family("HDTV", resolution)
    if quality.source is None or quality.source not in _FAMILIES or {"brdisk", "rawhd"} & set(quality.modifiers):
        return quality
    if quality.source == "bluray":
        return _disc(resolution, quality.modifiers, None, None)
    return _in_family(_FAMILIES[quality.source], resolution)
