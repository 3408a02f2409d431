"""What other programs left on a source file as extended attributes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offliniofs.detect.evidence import FileEvidence
from offliniofs.detect.filetypes import classify_file
from offliniofs.detect.merge import identify
from offliniofs.detect.names import identify_name
from offliniofs.detect.nfo import NfoFacts
from offliniofs.detect.probe import Prober
from offliniofs.domain.facts import Evidence, EvidenceSource, Identification
from offliniofs.ingest.attributes import LeftAttributes, left_attributes
from offliniofs.ingest.describe import describe
from offliniofs.ingest.discover import Gathering, discover, resolve
from offliniofs.ingest.guard import Guard
from offliniofs.ingest.known import Sifted

ORIGIN = "user.xdg.origin.url"
TAGS = "user.xdg.tags"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Film (1999).mkv"
    path.write_bytes(b"\x1aE\xdf\xa3" + bytes(100))
    return path


def left(path: Path) -> LeftAttributes:
    return left_attributes(os.fsencode(path))


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"https://example.org/film.mkv?x=1#part", "https://example.org/film.mkv?x=1#part"),
        (b"https://me:secret@example.org:8443/film.mkv\0", "https://example.org:8443/film.mkv"),
        (b"magnet:?xt=urn:btih:0123", "magnet:?xt=urn:btih:0123"),
        (b"film.mkv", None),
        (b"https://[broken/", None),
        (b"https://example.org/\x1b[31m\n", None),
        (b"https://example.org/" + b"a" * 2048, None),
        (b"", None),
    ],
)
def test_an_origin_is_an_address_without_its_password(film: Path, value: bytes, kept: str | None) -> None:
    os.setxattr(film, ORIGIN, value)
    assert left(film).origin_url == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"holiday, to see,holiday,", ("holiday", "to see")),
        ("Zürich,\u202eevil\n\nname".encode(), ("Zürich", "evil name")),
        (b"\xff\xfe", ("\ufffd\ufffd",)),
        (b"", ()),
        (b",".join(b"%d" % number for number in range(100)), tuple(str(number) for number in range(64))),
        (b"x" * 1000, ("x" * 128,)),
    ],
)
def test_tags_are_words_between_commas(film: Path, value: bytes, kept: tuple[str, ...]) -> None:
    os.setxattr(film, TAGS, value)
    assert left(film).tags == kept


def test_what_is_not_there_or_is_a_link_has_none(film: Path, tmp_path: Path) -> None:
    assert left(film) == LeftAttributes()
    os.setxattr(film, TAGS, b"a")
    link = tmp_path / "link"
    link.symlink_to(film)
    assert left(link) == left(tmp_path / "missing") == left_attributes(b"/in\0valid") == LeftAttributes()


def test_both_reach_what_is_filed(film: Path) -> None:
    os.setxattr(film, ORIGIN, b"https://example.org/a")
    os.setxattr(film, TAGS, b"holiday,to see")
    guard = Guard(frozenset(), frozenset())
    (gathering,) = (found for found in discover(resolve([film], guard), guard) if isinstance(found, Gathering))
    with Prober(workers=1) as prober:
        (file,) = describe(Sifted(gathering, frozenset(file.path for file in gathering.files)), prober).files
    assert file.origin_url == "https://example.org/a"
    assert file.identification.tags == ("holiday", "to see")
    assert file.identification.why["tags"] == Evidence(EvidenceSource.TAG, "on the file: holiday, to see")


def tagged(nfo: NfoFacts | None, labels: tuple[str, ...], **user: tuple[str, ...]) -> Identification:
    name = "Film (1999).mkv"
    evidence = FileEvidence(name, identify_name(name), classify_file(name, b""), nfo=nfo, labels=labels, user=user)
    return identify(evidence)


def test_tags_on_the_file_join_those_of_the_nfo_and_yield_to_the_user() -> None:
    nfo = NfoFacts(tags=("noir", "rain"))
    assert tagged(nfo, ("rain", "mine")).tags == ("noir", "rain", "mine")
    assert tagged(nfo, ("mine",)).why["tags"].source is EvidenceSource.NFO
    assert tagged(None, ("mine",), tags=("chosen",)).tags == ("chosen",)
