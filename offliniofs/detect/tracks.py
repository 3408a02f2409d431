"""Music files: disc, track and title from a name."""

from __future__ import annotations

import re

from offliniofs.detect.text import clean_title, tame

_DISC_TRACK = re.compile(
    r"\s*(?:cd|disc|disk)?[\s._]?(\d{1,2})[-.](\d{1,3})(?:[\s._\-]+|\Z)(.*)\Z", re.IGNORECASE | re.DOTALL
)
_WORDED = re.compile(r"\s*(?:track|titel|piste)[\s._\-#]{0,3}(\d{1,3})(?:[\s._\-]+(.*))?\Z", re.IGNORECASE | re.DOTALL)
_TRACK = re.compile(r"\s*[\[(]?(\d{1,3})[\])]?(?:[\s._]*[-\u2013.)\]][\s._]*|[\s_]+)(.+)\Z", re.DOTALL)
_INNER_TRACK = re.compile(r"(.{1,200}?)[\s_]-[\s_](\d{1,3})[\s_](?:-[\s_])?(.+)\Z", re.DOTALL)
_BARE = re.compile(r"\s*(\d{1,3})\s*\Z")
_JOINED = re.compile(r"([1-9])(\d\d)\Z")


def parse_track_name(stem: str) -> tuple[int | None, int | None, str]:
    """Disc, track and title of a music file's name without its extension.

    ``01 - Title`` · ``1-05 Title`` · ``2.03. Title`` · ``Track 7`` · ``Artist - 03 - Title`` · ``203 Title`` (disc 2,
    track 3). Whatever is not there is None; a name that holds no number is all title.
    """
    text = tame(stem)
    if match := _DISC_TRACK.match(text):
        return int(match[1]), int(match[2]), clean_title(match[3])
    if match := _WORDED.match(text):
        return None, int(match[1]), clean_title(match[2] or "")
    if match := _BARE.match(text):
        return None, int(match[1]), ""
    if match := _TRACK.match(text):
        disc, track = _split_number(match[1])
        return disc, track, clean_title(match[2])
    if match := _INNER_TRACK.match(text):
        return None, int(match[2]), clean_title(match[3])
    return None, None, clean_title(text)


def _split_number(figures: str) -> tuple[int | None, int]:
    joined = _JOINED.match(figures)
    return (int(joined[1]), int(joined[2])) if joined else (None, int(figures))
