"""``README.txt`` at the top of the mounted folder: how to use it, with today's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from offliniofs.domain.details import LibraryTotals


_MANUAL: Final = """
FOLDERS
  movies/  series/  music/  other/    everything once, named as Jellyfin, Kodi and Plex expect:
                                      add these, and only these, to a media server
  by-genre/  by-year/  by-quality/    the same titles, sorted another way; a file that stands
  recent/  unwatched/  favourites/    in several folders is stored once
  collections/
  search/                             enter any query as a folder name, see below
  saved/                              searches to keep
  .trash/                             what was deleted, for 30 days
  .offliniofs/                        status.json, metrics.prom and health.txt, about this mount

  Folders can be narrowed by going on: by-genre/Action/by-year/1999, search/alien/by-quality/2160p.
  The folders to go on with are not listed, but they are there.

SEARCH
  ls "search/blade runner"            all words, in any order; accents and case do not matter
  cd "search/genre:sci-fi year:1980..1989"

  "exact phrase"                      words in this order
  genre:drama  tag:holiday            person:"Sigourney Weaver"  lang:de
  year:1999  year:1980..1989          year:>=2010
  quality:>=1080p  type:movie         type:series  type:album
  added:<30d  views:0  size:>4G       added in the last 30 days; never watched; large
  A OR B   NOT A   -A   ( )           combined as you like

  A search that cannot be read is a folder with an ERROR.txt that says where the mistake is.
  A search that finds nothing may hold a link to one that would.

SAVED SEARCHES
  mkdir "saved/genre:western"         save a search
  mv "saved/genre:western" saved/Westerns
  rmdir saved/Westerns                forget it; the titles stay
  setfattr -n user.offliniofs.query -v 'genre:western year:<1970' saved/Westerns

WHAT IS KNOWN ABOUT A FILE
  getfattr -d FILE                    title, year, genres, quality, duration, hash, why, ...
  setfattr -n user.offliniofs.genres -v 'Drama, Crime' FILE

MOVING IS EDITING
  mv movies/Heat "movies/Heat (1995)"           a title's folder renamed: title and year, in every view
  mv by-genre/Drama/X by-genre/Action           Drama becomes Action; between years, its year changes
  mv movies/X favourites                        and into collections/NAME: added, it stays where it was
  cp -rl movies/X by-genre/Action               Action is added
  mv movies/X series                            it is a series after all
  mkdir by-genre/NAME  collections/NAME         an empty one; rmdir removes it, mv renames it
  rm -r movies/X                                into .trash; mv .trash/X movies brings it back
  rm -r by-genre/Drama/X                        it is no drama any more; nothing is deleted
  Deleting in any other view is refused. "offliniofs undo" takes every change back.
  What is refused says why in .offliniofs/health.txt.

What a file holds can be read, copied and played here, but not changed. Indexers that read everything (updatedb, Baloo,
Tracker) had better leave this folder out.
"""

_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def render_readme(totals: LibraryTotals, genres: Sequence[str] = ()) -> str:
    """The text. ``genres``: names of some genre folders, as examples."""
    counts = (
        _counted(totals.movies, "film", "films"),
        _counted(totals.series, "series", "series"),
        _counted(totals.albums, "album", "albums"),
        _counted(totals.others, "other title", "other titles"),
    )
    titles = f"{', '.join(counts[:-1])} and {counts[-1]}"
    files = f"{_counted(totals.files, 'file', 'files')}, {size_text(totals.shown_bytes)}"
    lines = ["OfflinioFS: your media library as a folder", "", f"Here are {titles}: {files}."]
    if totals.saved_bytes:
        lines.append(f"Keeping everything once saves {size_text(totals.saved_bytes)}.")
    if not totals.titles:
        lines.append("Fill it with: offliniofs import PATH")
    if genres:
        lines.append(f"Some genres: {', '.join(genres)}.")
    return "\n".join(lines) + "\n" + _MANUAL


def size_text(size: int) -> str:
    """Bytes for people: ``4.7 GiB``."""
    amount = float(size)
    for unit in _UNITS[:-1]:
        if amount < 1024:
            return f"{size} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} {_UNITS[-1]}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
