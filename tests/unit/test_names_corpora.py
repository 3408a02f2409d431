"""How far names are read as the collections of other parsers expect; they come with guessit and are read from it.

The collections disagree with each other and with media servers in places (country in a title, the end of a range, what
is an alternative title), so that nothing reaches 100 %. The floors lie just below what was measured; parsett, measured
in the same way on all names together, is lower in every field.
"""

from __future__ import annotations

import importlib.resources
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from offliniofs.detect.names import NameFacts, identify_name
from offliniofs.domain.content import ContentKind

Expected = Mapping[str, object]
Case = tuple[str, Expected]

_FOLDER = importlib.resources.files("guessit") / "test"
_JSON = ("ptt", "ptn", "go-ptn", "anitomy", "thcolin")
_YAML = ("movies", "episodes", "various")
_SOURCES = {
    "Blu-ray": "bluray",
    "Ultra HD Blu-ray": "bluray",
    "HD-DVD": "bluray",
    "HDTV": "tv",
    "Digital TV": "tv",
    "TV": "tv",
    "Satellite": "tv",
    "Web": "web",
    "DVD": "dvd",
    "Camera": "cam",
    "HD Camera": "cam",
    "Telesync": "telesync",
    "HD Telesync": "telesync",
    "Telecine": "telecine",
    "Screener": "screener",
}
_CODECS = {"H.264": "h264", "H.265": "h265", "Xvid": "xvid", "DivX": "divx"}
_OUR_SOURCES = {"hdtv": "tv", "tv": "tv", "webdl": "web", "webrip": "web"}
_RESOLUTIONS = {"2160p", "1080p", "720p", "540p", "480p", "360p"}


def _json_cases() -> Iterator[Case]:
    for name in _JSON:
        text = (_FOLDER / "cross_parser" / f"{name}.json").read_text(encoding="utf-8")
        for entry in json.loads(text)["entries"]:
            yield entry["release_name"], entry["expected"]


def _scalar(text: str) -> object:
    text = text.strip()
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    if text.startswith("["):
        return [_scalar(item) for item in text.strip("[]").split(",")]
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def _yaml_cases(name: str) -> Iterator[Case]:
    """The cases of one YAML file; only the shape that these files have is understood (names behind ``?``)."""
    default: dict[str, object] = {}
    names: list[str] = []
    fields: dict[str, object] = {}
    key = ""
    for line in [*(_FOLDER / f"{name}.yml").read_text(encoding="utf-8").splitlines(), "? end"]:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("? "):
            if fields:
                default = fields if names == ["__default__"] else default
                yield from ((each, {**default, **fields}) for each in names if each != "__default__")
                names, fields = [], {}
            names.append(str(_scalar(line[2:])))
            continue
        body = line[2:].strip()
        found = re.match(r"(-?\w+)\s*:(.*)", body)
        if found and not body.startswith("- "):
            key = found[1]
            fields[key] = _scalar(found[2])
        elif body.startswith("- "):
            listed = fields.get(key)
            fields[key] = [*(listed if isinstance(listed, list) else []), _scalar(body[2:])]


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) else value


def _fold(text: object) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", str(text)) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", plain.casefold()).strip()


def _wanted(expected: Expected) -> dict[str, object]:
    """The expectation in our words; fields and values that have no counterpart are left out."""
    wanted: dict[str, object] = {field: _first(expected[field]) for field in ("year", "season") if field in expected}
    if "title" in expected:
        wanted["title"] = _fold(_first(expected["title"]))
    if "episode" in expected:
        episode = expected["episode"]
        wanted["episodes"] = tuple(episode) if isinstance(episode, list) else (episode,)
    if _first(expected.get("screen_size")) in _RESOLUTIONS:
        wanted["resolution"] = _first(expected["screen_size"])
    source = expected.get("source")
    source = source[-1] if isinstance(source, list) else source
    if source in _SOURCES:
        wanted["source"] = _SOURCES[str(source)]
    if (codec := _first(expected.get("video_codec"))) in _CODECS:
        wanted["codec"] = _CODECS[str(codec)]
    if "release_group" in expected:
        wanted["group"] = str(_first(expected["release_group"])).casefold().split("[")[0]
    if expected.get("type") in {"movie", "episode"}:
        wanted["type"] = expected["type"]
    return wanted


def _given(facts: NameFacts) -> dict[str, object]:
    source = "screener" if "screener" in facts.modifiers else facts.source
    return {
        "title": _fold(facts.title),
        "year": facts.year,
        "season": facts.season,
        "episodes": facts.episodes,
        "resolution": facts.resolution,
        "source": _OUR_SOURCES.get(source or "", source),
        "codec": facts.codec,
        "group": (facts.group or "").casefold().split("[")[0],
        "type": "movie" if facts.kind is ContentKind.MOVIE else "episode",
    }


def _agreement(cases: Iterator[Case]) -> dict[str, float]:
    """Percent of the expectations met, by field."""
    asked: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for name, expected in cases:
        wanted, given = _wanted(expected), _given(identify_name(name))
        asked.update(wanted.keys())
        met.update(field for field, value in wanted.items() if given[field] == value)
    return {field: 100 * met[field] / count for field, count in asked.items()}


_CROSS_FLOORS = {
    "title": 87,
    "year": 98,
    "season": 98,
    "episodes": 91,
    "resolution": 98,
    "source": 98,
    "codec": 99,
    "type": 96,
}
_GUESSIT_FLOORS = {
    "title": 84,
    "year": 94,
    "season": 94,
    "episodes": 92,
    "resolution": 99,
    "source": 97,
    "codec": 98,
    "group": 85,
    "type": 95,
}


@pytest.fixture(scope="module")
def cross() -> dict[str, float]:
    return _agreement(_json_cases())


@pytest.fixture(scope="module")
def guessit() -> dict[str, float]:
    cases = (case for name in _YAML for case in _yaml_cases(name))
    return _agreement(case for case in cases if "options" not in case[1])


@pytest.mark.parametrize("field", _CROSS_FLOORS)
def test_names_of_five_parsers(cross: dict[str, float], field: str) -> None:
    assert cross[field] >= _CROSS_FLOORS[field]


@pytest.mark.parametrize("field", _GUESSIT_FLOORS)
def test_names_of_guessit(guessit: dict[str, float], field: str) -> None:
    assert guessit[field] >= _GUESSIT_FLOORS[field]


def test_the_collections_were_read(cross: dict[str, float], guessit: dict[str, float]) -> None:
    assert _CROSS_FLOORS.keys() == cross.keys()
    assert _GUESSIT_FLOORS.keys() == guessit.keys()
