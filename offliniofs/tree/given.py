"""Names that people give: what may stand in the library, and what a title folder's new name says.

Everything a client wants to call something passes through here. Unlike an import, which makes a legal name of anything
(``text.py``), a name that somebody typed is taken as it stands or refused with the reason: whoever names a thing must
find it under that name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from offliniofs.domain.content import ContentKind
from offliniofs.tree.names import split_extension
from offliniofs.tree.plans import Refusal, Refused
from offliniofs.tree.searches import is_probe
from offliniofs.tree.text import MAX_BYTES, component

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_WITH_YEAR: Final = re.compile(r"(?P<title>.*\S) \((?P<year>1[89][0-9]{2}|2[0-9]{3})\)", re.DOTALL)
_YEAR: Final = re.compile(r"1[89][0-9]{2}|2[0-9]{3}")
_DATED: Final = frozenset({ContentKind.MOVIE, ContentKind.SERIES, ContentKind.ALBUM})


class Words(NamedTuple):
    """What the name of a title's folder says."""

    title: str
    year: int | None


def spoken(name: bytes) -> str | Refused:
    """A name as text in NFC, which clients of macOS do not send; anything a person can have typed."""
    if len(name) > MAX_BYTES:
        return Refused(Refusal.NAME_TOO_LONG, f"A name has at most {MAX_BYTES} bytes.")
    try:
        text = unicodedata.normalize("NFC", name.decode())
    except UnicodeDecodeError:
        return Refused(Refusal.INVALID, "The name is not UTF-8 text.")
    if _CONTROL.search(text) or "/" in text or not text.strip(" ."):
        return Refused(Refusal.INVALID, f"{text[:80]!r} is no name: it needs visible characters, and no other ones.")
    return text


def legal(name: bytes) -> str | Refused:
    """A name that can stand in the library as it is, also for clients on Windows."""
    text = spoken(name)
    if isinstance(text, Refused):
        return text
    if is_probe(text) and not text.casefold().endswith((".nfo", ".cue", ".jpg", ".png", ".gif", ".ifo")):
        return Refused(Refusal.NOT_PERMITTED, f"{text[:80]!r} is a name that programs use for themselves.")
    wanted = component(text)
    if wanted != text:
        return Refused(Refusal.INVALID, f"{text[:80]!r} cannot be a name on every system; {wanted[:80]!r} could.")
    return text


def file_name(name: bytes, old: str) -> str | Refused:
    """A new name for the file ``old``; the ending stays, because it says what the file is."""
    text = legal(name)
    if isinstance(text, Refused):
        return text
    stem, ending = split_extension(text)
    old_ending = split_extension(old)[1]
    if ending.casefold() != old_ending.casefold() or not stem:
        return Refused(Refusal.INVALID, f"{text[:80]!r} must end in {old_ending!r} as {old[:80]!r} does.")
    return text


def year(name: bytes) -> int | Refused:
    """The year a folder of ``by-year/`` is called after."""
    text = spoken(name)
    if isinstance(text, Refused):
        return text
    if not _YEAR.fullmatch(text):
        return Refused(Refusal.INVALID, f"{text[:40]!r} is no year from 1800 to 2999.")
    return int(text)


def words(name: str, kind: ContentKind) -> Words:
    """Title and year that a folder's name says; only films, series and albums carry a year in it."""
    match = _WITH_YEAR.fullmatch(name) if kind in _DATED else None
    return Words(name, None) if match is None else Words(match["title"], int(match["year"]))
