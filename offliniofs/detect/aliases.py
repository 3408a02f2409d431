"""Names that hold one title twice: in two languages, in two scripts, or behind AKA."""

from __future__ import annotations

import re

from offliniofs.detect.text import clean_title

_AKA = re.compile(r"[\s._]+a\.?k\.?a\.?[\s._]+", re.IGNORECASE)
_SLASH = re.compile(r"\s[/|]\s|[/\uff0f]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{3}")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_IDEOGRAPHS = "\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff64"
_TWO_SCRIPTS = re.compile(
    rf"\W*[{_IDEOGRAPHS}][^A-Za-z]{{0,120}}?[\s._\-/\]]+(?P<latin>[A-Za-z][^{_IDEOGRAPHS}]{{2,}})\Z"
)
_ARTICLE_LAST = re.compile(
    r"(?P<title>[^,]{2,}),\s?(?P<article>The|An|A|Les|Le|La|Die|Der|Das|El|Los)\Z", re.IGNORECASE
)
_PEOPLE = re.compile(r"[\s._]*\([^()]*/[^()]*\)\s*")


def split_alias(text: str) -> tuple[str, str | None]:
    """The title of a piece of a name, cleaned, and its other title.

    Of several languages the one in Latin letters is the title, since databases and media servers know it by that one.
    """
    text = _PEOPLE.sub(" ", text) if "/" in text else text
    for parts in (_AKA.split(text), _SLASH.split(text)):
        titles = [title for title in map(clean_title, parts[:6]) if title]
        if len(titles) > 1:
            chosen = next((title for title in titles if _LATIN_WORD.search(title)), titles[0])
            first = titles[0] if titles[0] != chosen else titles[1]
            return chosen, first
    match = _TWO_SCRIPTS.match(text)
    if match and _LATIN_WORD.search(match["latin"]):
        return clean_title(match["latin"]), clean_title(text[: match.start("latin")])
    return _article_first(clean_title(text)), None


def _article_first(title: str) -> str:
    """``Simpsons, The`` as people say it."""
    match = _ARTICLE_LAST.match(title)
    return f"{match['article']} {match['title'].rstrip()}" if match else title
