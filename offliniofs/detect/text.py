"""Taming and tidying of the text that names are made of."""

from __future__ import annotations

import re
import unicodedata

MAXIMUM_NAME = 1024
"""Characters of a name that are looked at: four times what a filesystem allows in one name."""

MAXIMUM_TITLE = 200
"""Characters of a title that are kept; longer ones could not become a folder name with room for a year."""

_HEAD = 768
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_GAP = re.compile(r"\s{4,}")
_SPACES = re.compile(r"\s+")
# Full-width brackets, CJK quotation marks, low line and space.
_WIDE = str.maketrans(
    "\u3010\u3011\uff3b\uff3d\uff08\uff09\uff5b\uff5d\uff3f\u3000\u300c\u300d\u300e\u300f\u3014\u3015",
    "[][](){}_ [][][]",
)
_EDGES = " \t-\u2012\u2013\u2014_.,:;~+|/\\&=*#"
_ACRONYM = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?)")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def tame(name: str) -> str:
    """A name that is safe to look at: printable, of bounded length, its brackets of one width.

    Bytes that were not UTF-8 (lone surrogates) stay as they are, so that the name can still be written back.
    """
    if len(name) > MAXIMUM_NAME:
        name = name[:_HEAD] + " " + name[_HEAD - MAXIMUM_NAME + 1 :]
    name = unicodedata.normalize("NFC", name)
    printable = _UNPRINTABLE.sub(" ", name).translate(_WIDE)
    return _GAP.sub("   ", printable)[:MAXIMUM_NAME]


def words(text: str, separator: str | None = None) -> frozenset[str]:
    """The set of the words of a table written as one string; between ``separator``, else between spaces."""
    return frozenset(word.strip() for word in text.split(separator))


def clean_title(text: str) -> str:
    """The words of a title as people write them.

    ``The.Matrix`` becomes ``The Matrix``; ``S.W.A.T`` and ``Mr. Robot`` stay as they are.
    """
    text = _SPACES.sub(" ", text[:MAXIMUM_NAME].replace("_", " ")).lstrip(_EDGES)[:MAXIMUM_TITLE]
    text = _tidied(_balanced(text))
    while " " not in text and (spaced := _tidied(_undotted(text))) != text:
        text = spaced
    return text


def _tidied(text: str) -> str:
    return _trimmed(_SPACES.sub(" ", _without_empty_brackets(text)))


def _undotted(text: str) -> str:
    """Dots that stand for spaces become spaces, or hyphens where there are no dots; the dots of initials stay."""
    if "." in text.strip("."):
        kept = _ACRONYM.sub(lambda match: match[1].replace(".", "\0") + " ", text)
        return kept.replace(".", " ").replace("\0", ".")
    if text.count("-") > 1 or text.endswith("-"):
        return text.replace("-", " ")
    return text


def _balanced(text: str) -> str:
    """Without brackets that lack their other half, which were opened by or for a mark that has been cut away."""
    open_brackets: list[tuple[str, int]] = []
    drop: set[int] = set()
    for at, character in enumerate(text):
        if character in _PAIRS:
            open_brackets.append((_PAIRS[character], at))
        elif character in ")]}":
            if open_brackets and open_brackets[-1][0] == character:
                open_brackets.pop()
            else:
                drop.add(at)
    drop.update(at for _, at in open_brackets)
    return "".join(" " if at in drop else character for at, character in enumerate(text)) if drop else text


def _without_empty_brackets(text: str) -> str:
    """Also without brackets that hold nothing but such."""
    while (shorter := _EMPTY_BRACKETS.sub(" ", text)) != text:
        text = shorter
    return text


def _trimmed(text: str) -> str:
    stripped = text.strip(_EDGES)
    if re.search(r"(?:^|[\s.])(?:[^\W\d_]\.)+[^\W\d_]\Z", stripped) and text[
        text.find(stripped) + len(stripped) :
    ].startswith("."):
        stripped += "."
    return stripped
