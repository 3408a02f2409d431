"""``offliniofs info``: everything known about one title or file, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime

import click

from offliniofs.app.library import OpenLibrary, open_library
from offliniofs.app.locate import Found, locate
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, facts, human_duration, human_size, printable
from offliniofs.domain.details import ContentDetails, FileDetails
from offliniofs.domain.editing import written_number
from offliniofs.domain.errors import NotFoundError
from offliniofs.domain.facts import Evidence
from offliniofs.ingest.problem import shown


@click.command("info")
@click.argument("subject", metavar="ID|PATH", type=click.Path(readable=False, path_type=bytes))
@verb
def command(invocation: Invocation, subject: bytes) -> None:
    """Show everything known about a title or a file, and which evidence decided it.

    ID is a title's number as lists print it, or file:NUMBER. PATH lies in a mounted folder, or is given as it stands
    below its root, e.g. "movies/Film (1999)".
    """
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        found = locate(library, os.fsdecode(subject))
        if found.file_id is not None:
            file = library.reader.file_details(found.file_id)
            if file is None:
                raise NotFoundError(f"There is no file {found.file_id}.")
            _show_file(file, as_json=invocation.as_json)
        else:
            _show_content(library, found, as_json=invocation.as_json)


def _show_content(library: OpenLibrary, found: Found, *, as_json: bool) -> None:
    content = library.reader.content_details(found.content_id) if found.content_id is not None else None
    if content is None:
        raise NotFoundError(f"There is no title {found.content_id}.")
    files = list(library.files_below(content.content_id))
    if as_json:
        emit_json({**content_document(content), "files": [file_document(file) for file in files]})
        return
    facts(_content_facts(content))
    _print_why(content.why)
    for file in files:
        click.echo(f"\nfile:{file.file_id}  {printable(file.path)}  {human_size(file.size)}  {file.quality}")


def _show_file(file: FileDetails, *, as_json: bool) -> None:
    if as_json:
        emit_json(file_document(file))
        return
    facts(_file_facts(file))
    _print_why(file.why)
    for line in file.disagreements:
        click.echo(f"disagreed: {printable(line)}")


def _time(ns: int | None) -> str | None:
    return None if ns is None else datetime.fromtimestamp(ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z")


def _content_facts(content: ContentDetails) -> Iterator[tuple[str, object]]:
    yield "id", content.content_id
    yield "type", content.kind
    yield "title", content.title
    yield "original title", content.original_title
    yield "artist", content.artist
    yield "year", content.year
    yield "genres", ", ".join(genre.name if genre.known else f"{genre.name} (unknown)" for genre in content.genres)
    yield "people", ", ".join(person.name for person in content.people)
    yield "tags", ", ".join(content.tags)
    yield "collections", ", ".join(content.collections)
    yield "rating", None if content.rating is None else written_number(content.rating)
    yield "languages", ", ".join(content.languages)
    yield "quality", content.quality if content.media_count else None
    yield "resolutions", ", ".join(content.resolutions)
    yield "ids", ", ".join(f"{name}:{value}" for name, value in sorted(content.external_ids.items()))
    yield "plot", content.plot
    yield "files", content.file_count
    yield "size", human_size(content.total_size)
    yield "views", content.statistics.views
    yield "last viewed", _time(content.statistics.last_viewed_ns)
    yield "added", _time(content.added_ns)
    yield "path", content.path


def _file_facts(file: FileDetails) -> Iterator[tuple[str, object]]:
    yield "id", f"file:{file.file_id}"
    yield "title id", file.title_id
    yield "role", file.role
    yield "quality", file.quality
    yield "resolution", file.resolution
    yield "picture", f"{file.width}×{file.height}" if file.width else None
    yield "source", file.source
    yield "modifiers", ", ".join(file.modifiers)
    yield "edition", file.edition
    yield "group", file.group
    yield "container", file.container
    yield "codecs", ", ".join(codec for codec in (file.video_codec, file.audio_codec) if codec)
    yield "hdr", file.hdr
    yield "languages", ", ".join(file.languages)
    yield "duration", human_duration(file.duration_ms / 1000) if file.duration_ms is not None else None
    yield "type", file.mime_type
    yield "size", human_size(file.size)
    yield "hash", f"blake3:{file.digest.hex()}"
    yield "original", shown(file.original_path)
    yield "origin", file.origin_url
    yield "views", file.statistics.views
    yield "added", _time(file.added_ns)
    yield "path", file.path


def _print_why(why: Mapping[str, Evidence]) -> None:
    if why:
        click.echo("\nwhy")
        facts((f"  {field}", evidence) for field, evidence in sorted(why.items()))


def content_document(content: ContentDetails) -> dict[str, object]:
    """A title for ``--json``."""
    document = {field.name: getattr(content, field.name) for field in fields(content)}
    document["id"] = document.pop("content_id")
    document["type"] = document.pop("kind")
    document["genres"] = [asdict(genre) for genre in content.genres]
    document["people"] = [asdict(person) for person in content.people]
    document["external_ids"] = dict(content.external_ids)
    document["statistics"] = asdict(content.statistics)
    document["why"] = {name: str(evidence) for name, evidence in sorted(content.why.items())}
    return document


def file_document(file: FileDetails) -> dict[str, object]:
    """A file for ``--json``; names that are not UTF-8 are escaped."""
    document = {field.name: getattr(file, field.name) for field in fields(file)}
    document["id"] = document.pop("file_id")
    document["hash"] = document.pop("digest").hex()
    document["original_name"] = shown(file.original_name)
    document["original_path"] = shown(file.original_path)
    document["statistics"] = asdict(file.statistics)
    document["why"] = {name: str(evidence) for name, evidence in sorted(file.why.items())}
    return document
