"""Languages as BCP 47 primary tags, from the codes and words that files, tracks and subtitle names use."""

from __future__ import annotations

import re
from typing import Final

UNDETERMINED = frozenset({"und", "zxx", "mis", "mul", "qaa", "unknown", "none"})
"""Codes that name no language (ISO 639-2), and words to the same effect."""

_TABLE: Final = (
    # tag: ISO 639-2/T, ISO 639-2/B, names (English and own)
    "en:eng english|de:deu ger german deutsch|fr:fra fre french francais vf vff vfq truefrench|es:spa spanish "
    "espanol castellano esp|it:ita italian italiano|pt:por portuguese portugues|nl:nld dut dutch "
    "nederlands|sv:swe swedish svenska|no:nor norwegian norsk|nb:nob bokmal|nn:nno nynorsk|da:dan danish "
    "dansk|fi:fin finnish suomi|is:isl ice icelandic islenska|pl:pol polish polski|cs:ces cze czech cesky "
    "cestina|sk:slk slo slovak slovencina|sl:slv slovenian slovene|hu:hun hungarian magyar|ro:ron rum "
    "romanian romana|bg:bul bulgarian|hr:hrv croatian hrvatski|sr:srp serbian srpski|bs:bos bosnian|mk:mkd "
    "mac macedonian|sq:sqi alb albanian|el:ell gre greek|tr:tur turkish turkce|ru:rus russian русский|uk:ukr "
    "ukrainian|be:bel belarusian|et:est estonian eesti|lv:lav latvian|lt:lit lithuanian|ja:jpn japanese "
    "日本語|zh:zho chi chinese mandarin chs cht cmn 中文|yue:yue cantonese|ko:kor korean 한국어|th:tha thai|vi:vie "
    "vietnamese|id:ind indonesian|ms:msa may malay|tl:tgl tagalog|fil:fil filipino|hi:hin hindi|bn:ben "
    "bengali|ta:tam tamil|te:tel telugu|ml:mal malayalam|kn:kan kannada|mr:mar marathi|gu:guj gujarati|pa:pan "
    "punjabi|ur:urd urdu|si:sin sinhala|fa:fas per persian farsi|ar:ara arabic العربية|he:heb hebrew|ka:kat "
    "geo georgian|hy:hye arm armenian|az:aze azerbaijani|kk:kaz kazakh|uz:uzb uzbek|mn:mon mongolian|my:mya "
    "bur burmese|km:khm khmer|lo:lao|ne:nep nepali|eu:eus baq basque euskara|ca:cat catalan catala|gl:glg "
    "galician galego|ga:gle irish gaeilge|cy:cym wel welsh cymraeg|gd:gla gaelic|af:afr afrikaans|sw:swa "
    "swahili|am:amh amharic|la:lat latin|eo:epo esperanto|lb:ltz luxembourgish|mt:mlt maltese|fo:fao "
    "faroese|so:som somali|zu:zul zulu|xh:xho xhosa|ku:kur kurdish|ps:pus pashto|bo:bod tib tibetan"
)


def _language_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for entry in _TABLE.split("|"):
        tag, _, words = entry.partition(":")
        table[tag] = tag
        for word in words.split():
            table[word] = tag
    return table


_TAGS: Final = _language_table()
_WORDS: Final = frozenset(word for word in _TAGS if len(word) > 3)
_SUBTAGS: Final = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8}){0,3}")


def language_tag(code: str | None) -> str | None:
    """The primary tag for a code or a name of a language (``ger``, ``de-AT``, ``Deutsch`` → ``de``), else None."""
    if code is None or len(code) > 32:
        return None
    lowered = code.strip().casefold()
    if lowered in UNDETERMINED:
        return None
    if lowered in _TAGS:
        return _TAGS[lowered]
    return _TAGS.get(re.split(r"[-_]", lowered, maxsplit=1)[0]) if _SUBTAGS.fullmatch(lowered) else None


def language_in_words(word: str) -> str | None:
    """Like ``language_tag``, but only full names count: for text in which ``it`` or ``no`` is likely just a word."""
    lowered = word.strip().casefold()
    return _TAGS[lowered] if lowered in _WORDS else None
