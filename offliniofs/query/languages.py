"""Names of languages: what ``lang:`` accepts besides the tag itself.

Tags are BCP 47 primary tags, two letters where ISO 639-1 has them. Three-letter codes are those of ISO 639-2, both the
bibliographic and the terminological ones (https://www.loc.gov/standards/iso639-2/php/code_list.php).
"""

from __future__ import annotations

import re
from typing import Final

_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")

_NAMES: Final = {
    "ar": "ara arabic",
    "bg": "bul bulgarian",
    "bn": "ben bengali",
    "ca": "cat catalan",
    "cs": "cze ces czech",
    "da": "dan danish",
    "de": "ger deu german deutsch",
    "el": "gre ell greek",
    "en": "eng english",
    "es": "spa spanish castilian español espanol",
    "et": "est estonian",
    "eu": "baq eus basque",
    "fa": "per fas persian farsi",
    "fi": "fin finnish",
    "fr": "fre fra french français francais",
    "ga": "gle irish",
    "gl": "glg galician",
    "he": "heb hebrew",
    "hi": "hin hindi",
    "hr": "hrv croatian",
    "hu": "hun hungarian",
    "id": "ind indonesian",
    "is": "ice isl icelandic",
    "it": "ita italian italiano",
    "ja": "jpn japanese",
    "ka": "geo kat georgian",
    "ko": "kor korean",
    "la": "lat latin",
    "lt": "lit lithuanian",
    "lv": "lav latvian",
    "mk": "mac mkd macedonian",
    "ms": "may msa malay",
    "nb": "nob bokmål",
    "nl": "dut nld dutch",
    "nn": "nno nynorsk",
    "no": "nor norwegian",
    "pl": "pol polish",
    "pt": "por portuguese português portugues",
    "ro": "rum ron romanian",
    "ru": "rus russian",
    "sk": "slo slk slovak",
    "sl": "slv slovenian slovene",
    "sq": "alb sqi albanian",
    "sr": "srp serbian",
    "sv": "swe swedish",
    "ta": "tam tamil",
    "te": "tel telugu",
    "th": "tha thai",
    "tr": "tur turkish",
    "uk": "ukr ukrainian",
    "ur": "urd urdu",
    "vi": "vie vietnamese",
    "zh": "chi zho chinese mandarin",
}
_TAGS: Final = {name: tag for tag, names in _NAMES.items() for name in names.split()}


def language_tag(text: str) -> str | None:
    """The primary tag for a tag (``pt-BR``), a code (``ger``) or a name (``german``), else ``None``."""
    lowered = text.strip().casefold()
    named = _TAGS.get(lowered)
    if named is not None:
        return named
    tag = _TAG.fullmatch(lowered)
    return None if tag is None else _TAGS.get(tag[1], tag[1])
