"""What is mounted for a trial: films that are read, and ten thousand titles that are only listed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import click

import offliniofs
from offliniofs.catalog.writer import Writer
from offliniofs.domain.arrival import Arrival, SourceFile, StoredBlob
from offliniofs.domain.content import ContentKind, FileRole, PlacementMode
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification
from offliniofs.domain.ids import Digest
from offliniofs.tree.names import LibraryNaming

TITLES = 10_000
FILMS = 6
FILM_BYTES = 48 << 20
PROGRAM = [sys.executable, "-P", "-m", "offliniofs"]
_BATCH = 1000
_PARTLY = 3
"""Random bytes are stored, but nothing is known of what they contain."""


def make_media(folder: Path) -> Path:
    """Films of random bytes, and one that can be played; made once. Returns the playable one."""
    played = folder / "Test Card (2020)" / "Test Card (2020) 360p.mkv"
    if not played.exists():
        shutil.rmtree(folder, ignore_errors=True)
        for number in range(FILMS):
            path = folder / f"Bytes {number} (20{number:02})" / f"Bytes {number} (20{number:02}) 1080p.mkv"
            path.parent.mkdir(parents=True)
            path.write_bytes(os.urandom(FILM_BYTES))
        played.parent.mkdir()
        source = "testsrc2=duration=60:size=640x360:rate=25,noise=alls=40:allf=t"
        encode = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "mpeg4", "-b:v", "12M"]
        subprocess.run([*encode, str(played.with_suffix(".part.mkv"))], check=True)
        played.with_suffix(".part.mkv").rename(played)
    return played


def make_store(store: Path, media: Path) -> None:
    """A new store with the media in it, and titles whose blobs do not exist."""
    shutil.rmtree(store, ignore_errors=True)
    subprocess.run([*PROGRAM, "--store", str(store), "init"], check=True, capture_output=True)
    done = subprocess.run([*PROGRAM, "--store", str(store), "import", str(media)], check=False, capture_output=True)
    if done.returncode not in {0, _PARTLY}:
        raise RuntimeError(done.stderr.decode())
    writer = Writer(store / "catalog.sqlite", LibraryNaming())
    try:
        for start in range(0, TITLES, _BATCH):
            writer.file_arrivals([_arrival(number) for number in range(start, start + _BATCH)])
    finally:
        writer.close()


def _arrival(number: int) -> Arrival:
    title = f"Title {number:05}"
    return Arrival(
        source=SourceFile(os.fsencode(f"/nowhere/{number}.mkv"), 1, number + 1, 10, 10**18),
        blob=StoredBlob(Digest(hashlib.sha256(title.encode()).digest()), 10, PlacementMode.COPY, existed=False),
        identification=Identification(
            name=title,
            kind=ContentKind.MOVIE,
            title=title,
            year=1950 + number % 50,
            genres=(Genre("Drama"),),
            resolution="1080p",
            quality="WEBDL-1080p",
            why={"title": Evidence(EvidenceSource.NAME, title)},
        ),
        role=FileRole.MEDIA,
        extension=".mkv",
    )


def another_version(folder: Path, version: str) -> str:
    """The interpreter of a copy of the program that says it is ``version``."""
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, symlinks=True, with_pip=False)
    package = folder / "copied" / "offliniofs"
    shutil.copytree(Path(offliniofs.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    told = package / "__init__.py"
    told.write_text(told.read_text().replace(offliniofs.__version__, version))
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "first.pth").write_text(f"{package.parent}\n{Path(click.__file__).parents[1]}\n")
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-P", "-m", "offliniofs", "--version"], check=True, capture_output=True)  # compiles it
    return python
