"""Searches as folders: which names are queries, what a bad one says, and the link to a near miss."""

from __future__ import annotations

import re
from typing import Final

from offliniofs.domain.errors import QuerySyntaxError
from offliniofs.tree.plans import Refusal

MAX_NAME_BYTES: Final = 255
"""NAME_MAX of Linux: the longest name of one component."""

SUGGESTION_PREFIX: Final = "did you mean "

_PROBED: Final = frozenset(
    {
        "desktop.ini",
        "thumbs.db",
        "ehthumbs.db",
        "autorun.inf",
        "autorun.sh",
        "autorun",
        "folder.jpg",
        "folder.png",
        "folder.gif",
        "cover.jpg",
        "cover.png",
        "albumart.jpg",
        "albumartsmall.jpg",
        "system volume information",
        "$recycle.bin",
        "recycler",
        "recycled",
        "lost+found",
        "error.txt",
        "readme.txt",
        "video_ts",
        "audio_ts",
        "bdmv",
        "dcim",
    }
)
"""Names that file managers, desktops, Windows through Samba and media centres look for in any folder, in lower case."""

_PROBED_ENDINGS: Final = (".nfo", ".lnk", ".url", ".desktop", ".ifo", ".cue", ".m3u", ".pls", "~", ".tmp", ".part")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def is_probe(name: str) -> bool:
    """Whether programs ask for this name in every folder they enter, so that nobody can have meant it as a query."""
    folded = name.casefold()
    return name.startswith(".") or folded in _PROBED or folded.endswith(_PROBED_ENDINGS)


def decoded(name: bytes) -> str | None:
    """The name as text; ``None`` if it is not UTF-8, which no name of ours is."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return None


def query_refusal(name: str) -> Refusal | None:
    """Why a name in ``search/`` is not taken for a query, or ``None`` when it is one (which may still be a bad one)."""
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return Refusal.NAME_TOO_LONG
    if not name.strip() or "/" in name or is_probe(name) or _CONTROL.search(name):
        return Refusal.NOT_FOUND
    return None


def query_problem(query: str) -> QuerySyntaxError | None:
    """What is wrong with a query, or ``None``."""
    from offliniofs.query.parser import parse

    try:
        parse(query)
    except QuerySyntaxError as problem:
        return problem
    return None


def search_error_text(query: str) -> str:
    """The text of ``ERROR.txt`` in the folder of a bad query: the message, and a caret under the place."""
    problem = query_problem(query)
    if problem is None:
        return "This search can be read.\n"
    return (
        f"This search cannot be read: {problem.message}\n\n{problem.caret()}\n\n"
        "README.txt at the top of this folder explains the search language.\n"
    )


def suggestion_name(suggestion: str) -> str | None:
    """The name of the link to a better query; ``None`` when it would not be a legal name."""
    if query_refusal(suggestion) is not None:
        return None
    name = SUGGESTION_PREFIX + suggestion
    return name if len(name.encode()) <= MAX_NAME_BYTES else None


def suggestion_target(suggestion: str) -> bytes:
    """Where that link leads: the better query is a folder beside this one."""
    return b"../" + suggestion.encode()
