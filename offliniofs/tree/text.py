"""Text as it may stand in a name: which characters, how many bytes, and where it may be cut."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

FALLBACK: Final = "Untitled"
"""The name of what has no character left."""

MAX_BYTES: Final = 255
"""NAME_MAX of Linux, in bytes of UTF-8."""

# Controls; soft hyphen and zero-width space; directional marks, embeddings, overrides and isolates, which make a name
# read other than it is written (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing); the byte order
# mark, annotation marks and noncharacters. Joiners (U+200C, U+200D) stay: Persian and emoji need them.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
    "|[" + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17)) + "]"
)
_SPACE: Final = re.compile(r"\s+")

# What Windows refuses (https://learn.microsoft.com/windows/win32/fileio/naming-a-file), in the order it is replaced: a
# colon or bar between words becomes a dash, as people write such titles: "Alien: Romulus" is "Alien - Romulus".
_REPLACEMENTS: Final = (
    (re.compile(r"\s*:\s*$"), ""),
    (re.compile(r"\s*:\s+|\s+:\s*|\s+[|/\\]\s+"), " - "),
    (re.compile(r"[:|/\\*]"), "-"),
    (re.compile(r'"'), "'"),
    (re.compile(r"<"), "("),
    (re.compile(r">"), ")"),
    (re.compile(r"\?"), ""),
)

# Device names of Windows, with any extension; superscript digits count as digits there (same page).
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)

_JOINER: Final = "\u200d"


def readable(name: bytes) -> str:
    """Bytes of a foreign name as text: UTF-8, else Windows' Western code page, else Latin-1, which has all bytes."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")


def without_surrogates(text: str) -> str:
    """``text`` with the surrogates that stand for undecodable bytes read as :func:`readable` does; others go."""
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return readable(text.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            return text.encode("utf-8", "ignore").decode()
    return text


def legal(text: str) -> str:
    """``text`` with legal characters only, NFC, of any length; may be empty and may still be a device's name."""
    text = unicodedata.normalize("NFC", without_surrogates(text))
    text = _INVISIBLE.sub("", text)
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return _trimmed(unicodedata.normalize("NFC", _SPACE.sub(" ", text)))


def folded(name: str) -> str:
    """What two names that differ in case alone have in common (https://www.unicode.org/reports/tr15/, D145)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def component(text: str, limit: int = MAX_BYTES) -> str:
    """``text`` as a legal name of at most ``limit`` bytes. Never empty; a legal name of that length is left as it
    is."""
    return without_device(beginning(text, limit), limit)


def beginning(text: str, limit: int) -> str:
    """``text`` as the first part of a legal name, of at most ``limit`` bytes, never empty.

    A device's name may stand there: Windows takes ``Con (1997)`` for no device. The whole needs `without_device`.
    """
    return _trimmed(cut(legal(text), limit)) or FALLBACK


def without_device(name: str, limit: int = MAX_BYTES) -> str:
    """``name``, with an underscore behind it if Windows would take it for a device."""
    device = _DEVICE.match(name)
    if device is None:
        return name
    end = device.end(1)
    return _trimmed(cut(f"{name[:end]}_{name[end:]}", limit))


def cut(text: str, limit: int) -> str:
    """The beginning of ``text`` that fits ``limit`` bytes of UTF-8, never ending inside what is seen as one character.

    Only a single character that is longer than ``limit`` (a letter under hundreds of marks) is cut inside.
    """
    if len(text.encode()) <= limit:
        return text
    fitting = len(text.encode()[:limit].decode("utf-8", "ignore"))
    end = fitting
    while end > 0 and _joined(text, end):
        end -= 1
    return text[: end or fitting]


def _joined(text: str, index: int) -> bool:
    """Whether no cut may be made before ``text[index]``. A near enough reading of UAX #29's grapheme clusters."""
    character = text[index]
    if unicodedata.category(character).startswith("M") or character == _JOINER or text[index - 1] == _JOINER:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    return _regional(character) and _regional_before(text, index) % 2 == 1


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _regional_before(text: str, index: int) -> int:
    count = 0
    while index > 0 and _regional(text[index - 1]):
        index -= 1
        count += 1
    return count


def _trimmed(text: str) -> str:
    """Without what no name may begin (a space, a dot: hidden files are ours alone) or end with."""
    return text.lstrip(" .").rstrip(" .")
