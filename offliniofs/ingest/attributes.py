"""Extended attributes that other programs left on a source file: where it came from, and the tags its owner gave it.

Browsers, curl and wget write ``user.xdg.origin.url``, file managers ``user.xdg.tags``
(https://www.freedesktop.org/wiki/CommonExtendedAttributes/). Both are other people's text: bounded, printable, and an
address is kept without the name and password that may stand in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import xattr

from offliniofs.detect.text import tame

_ORIGIN = "user.xdg.origin.url"
_TAGS = "user.xdg.tags"
_LONGEST_ADDRESS = 2048
_LONGEST_TAG = 128
_MOST_TAGS = 64


@dataclass(frozen=True, slots=True)
class LeftAttributes:
    """What was left on a file; nothing of it need be there."""

    origin_url: str | None = None
    tags: tuple[str, ...] = ()


def left_attributes(path: bytes) -> LeftAttributes:
    """Reads both without following a link. What cannot be read or makes no sense is not there. Raises nothing."""
    return LeftAttributes(_address(_value(path, _ORIGIN)), _split(_value(path, _TAGS)))


def _value(path: bytes, name: str) -> str:
    try:
        value: bytes = xattr.getxattr(path, name, symlink=True)  # of the path itself, should it be a link by now
    except (OSError, ValueError):
        return ""
    return value.decode("utf-8", "replace")


def _address(text: str) -> str | None:
    text = text.strip().rstrip("\0")
    if len(text) > _LONGEST_ADDRESS or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if not parts.scheme:
        return None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _split(text: str) -> tuple[str, ...]:
    words = (
        " ".join(tame(word).split())[:_LONGEST_TAG] for word in text.rstrip("\0").split(",", _MOST_TAGS)[:_MOST_TAGS]
    )
    return tuple(dict.fromkeys(word for word in words if word))
