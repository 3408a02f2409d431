"""Genres in one normal form, whatever vocabulary, language or spelling they came in.

A genre's name becomes the name of a folder, so it never holds ``/`` or control characters and is never long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from offliniofs.detect.genre_vocabulary import (
    ALIASES,
    ID3_GENRES,
    MORE_MUSIC_GENRES,
    NOT_A_GENRE_FOLDER,
    SCREEN_GENRES,
)
from offliniofs.domain.facts import Genre

MAX_GENRES = 16
"""More than this many genres for one title is noise."""

MAX_NAME_LENGTH = 48
"""Longest genre, in characters; longer ones are sentences, not genres."""

_MAX_VALUE_LENGTH = 1024
_MAX_VALUES = 256

GENRES: Final[tuple[str, ...]] = tuple(dict.fromkeys((*SCREEN_GENRES, *ID3_GENRES, *MORE_MUSIC_GENRES)))
"""Every normal name: films and television first, then music."""

_SEPARATORS = re.compile(r"[/\\,;|\x00\u00b7\u2022\u3001\uff0c\uff0f]+")
_CONJUNCTION = re.compile(r"\s*(?:&|\+|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\bи\b)\s*", re.IGNORECASE)
_ID3_REFERENCE = re.compile(r"\((\d{1,3})\)")
_ID3_NUMBER = re.compile(r"\d{1,3}")
_FOLDER_NOISE = re.compile(
    r"^(?:movies?|films?|filme|series|shows?|tv|music|genre)[\s\-:_]+|"
    r"[\s\-_]+(?:movies?|films?|filme|series|shows?|tv|music|classics|collection)$",
    re.IGNORECASE,
)


def _fold(text: str) -> str:
    """The comparable form: no case, accents, spaces or punctuation; ``and`` is ``&``."""
    words = re.sub(r"\band\b", "&", text.casefold()).replace("+", "&")
    decomposed = unicodedata.normalize("NFKD", words)
    return "".join(character for character in decomposed if character.isalnum() or character == "&")


def _lookup_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for name in GENRES:
        table.setdefault(_fold(name), name)
    for name, others in ALIASES.items():
        for other in others.split("|"):
            table.setdefault(_fold(other), name)
    return table


_KNOWN: Final = _lookup_table()


def known_genre(text: str) -> str | None:
    """The normal name that ``text`` means as a whole, or None."""
    return _KNOWN.get(_fold(text)) if len(text) <= MAX_NAME_LENGTH * 2 else None


def _clean(text: str) -> str:
    """Without control characters, with single spaces, in NFC."""
    visible = (" " if character.isspace() else character for character in text if _is_visible(character))
    return unicodedata.normalize("NFC", " ".join("".join(visible).split())).strip(" .-_&+\"'")


def _is_visible(character: str) -> bool:
    return character in "\t\n\r" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _without_numbers(text: str) -> list[str]:
    """Resolves what ID3 writes as ``(17)``, ``(17)(6)``, ``(17)Hard rock`` or ``17``."""
    parts = [ID3_GENRES[int(number)] for number in _ID3_REFERENCE.findall(text) if int(number) < len(ID3_GENRES)]
    rest = _ID3_REFERENCE.sub(" ", text).strip()
    if _ID3_NUMBER.fullmatch(rest) and int(rest) < len(ID3_GENRES):
        return [*parts, ID3_GENRES[int(rest)]]
    return [*parts, rest] if rest else parts


def _split(value: str) -> Iterator[str]:
    """The single genres in one value; ``&`` separates only what both sides of it know."""
    for piece in _SEPARATORS.split(value):
        for part in _without_numbers(_clean(piece)):
            halves = [half for half in _CONJUNCTION.split(part) if half]
            if known_genre(part) is None and len(halves) > 1 and all(known_genre(half) for half in halves):
                yield from halves
            else:
                yield part


def normalise_genres(values: Iterable[str]) -> tuple[Genre, ...]:
    """The genres that ``values`` name, in order, each once.

    Lists written in one value (``Drama / Crime``, ``Sci-Fi & Fantasy``) are split. A genre that no vocabulary has is
    kept as it was written, with ``known`` false; what cannot be a genre (nothing visible, too long) is left out. At
    most ``MAX_GENRES`` come back.
    """
    found: dict[str, Genre] = {}
    for count, value in enumerate(values):
        if count >= _MAX_VALUES or len(found) >= MAX_GENRES:
            break
        for part in _split(value[:_MAX_VALUE_LENGTH]):
            genre = _genre(part)
            if genre is not None:
                found.setdefault(_fold(genre.name), genre)
    return tuple(found.values())[:MAX_GENRES]


def _genre(part: str) -> Genre | None:
    name = known_genre(part)
    if name is not None:
        return Genre(name)
    if not any(character.isalnum() for character in part) or len(part) > MAX_NAME_LENGTH:
        return None
    return Genre(part, known=False)


def genre_from_folder(name: str) -> Genre | None:
    """The genre a folder is named after (``Horror``, ``Sci-Fi Movies``), or None for any other folder.

    Only a known genre counts, and not one whose word as a folder means something else (``Music``, ``Shorts``).
    """
    text = _clean(name[:_MAX_VALUE_LENGTH])
    found = known_genre(text) or known_genre(_FOLDER_NOISE.sub("", text))
    return Genre(found) if found is not None and found not in NOT_A_GENRE_FOLDER else None


def genres_from_folder(name: str) -> tuple[Genre, ...]:
    """All genres of a folder that is named after several (``Action & Adventure``); empty unless every one is known."""
    single = genre_from_folder(name)
    if single is not None:
        return (single,)
    found = normalise_genres([_FOLDER_NOISE.sub("", _clean(name[:_MAX_VALUE_LENGTH]))])
    usable = all(genre.known and genre.name not in NOT_A_GENRE_FOLDER for genre in found)
    return found if len(found) > 1 and usable else ()
