"""``offliniofs identify``: what a name or a file is, and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import click

from offliniofs.app.examine import examine
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, facts, printable
from offliniofs.detect.names import NameFacts, identify_name
from offliniofs.detect.probe import Prober
from offliniofs.domain.errors import ExitCode, SourceError, UsageError
from offliniofs.domain.facts import Identification

_MAX_LINE = 1024 * 1024
_WORDS = {"kind": "type"}
"""Fields that are called otherwise here than in the program."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One thing that was asked about: what it is, or why that cannot be said."""

    name: str
    document: Mapping[str, object]


@click.command("identify")
@click.argument("subjects", metavar="NAME|PATH…", nargs=-1, type=click.Path(readable=False, path_type=bytes))
@click.option("--stdin", "from_stdin", is_flag=True, help="Also read names from standard input, one a line.")
@verb
def command(invocation: Invocation, subjects: tuple[bytes, ...], from_stdin: bool) -> int:
    """Say what each NAME is. A PATH to a file is opened as well: streams and embedded tags are evidence, too.

    --json prints one object a line, in the order of the input.
    """
    if not subjects and not from_stdin:
        raise UsageError("Give a name or a path, or names on standard input with --stdin.")
    failed = False
    with Prober() as prober:
        for position, answer in enumerate(_answers(_asked(subjects, from_stdin), prober)):
            failed = failed or "error" in answer.document
            if invocation.as_json:
                emit_json(answer.document)
            else:
                _print(answer, first=position == 0)
    return ExitCode.PARTLY_DONE if failed else ExitCode.DONE


def _asked(subjects: Iterable[bytes], from_stdin: bool) -> Iterator[tuple[str, bool]]:
    """Each subject, and whether it may be a file: a line of standard input is a name and never opened."""
    for subject in subjects:
        yield os.fsdecode(subject), True
    if from_stdin:
        while line := sys.stdin.buffer.readline(_MAX_LINE):
            yield os.fsdecode(line.rstrip(b"\r\n")), False


def _answers(asked: Iterable[tuple[str, bool]], prober: Prober) -> Iterator[_Answer]:
    for name, may_be_file in asked:
        try:
            found = examine(name, prober) if may_be_file and os.path.isfile(name) else identify_name(name)
        except SourceError as error:
            yield _Answer(name, {"name": printable(name), "error": str(error)})
        else:
            yield _Answer(name, document_of(name, found))


def document_of(name: str, found: Identification | NameFacts) -> dict[str, object]:
    """The object of ``--json``: its fields are fixed, because scripts rely on them."""
    genres = found.genres if isinstance(found, Identification) else ()
    return {
        "name": name,
        "type": found.kind,
        "title": found.title,
        "year": found.year,
        "season": found.season,
        "episodes": list(found.episodes),
        "quality": found.quality,
        "resolution": found.resolution,
        "source": found.source,
        "modifiers": list(found.modifiers),
        "codec": found.codec,
        "hdr": found.hdr,
        "audio": list(found.audio),
        "languages": list(found.languages),
        "edition": found.edition,
        "group": found.group,
        "episode_title": found.episode_title,
        "air_date": found.air_date,
        "genres": [genre.name for genre in genres],
        "disagreements": list(found.disagreements) if isinstance(found, Identification) else [],
        "why": {_WORDS.get(field, field): str(evidence) for field, evidence in sorted(found.why.items())},
    }


def _print(answer: _Answer, *, first: bool) -> None:
    if not first:
        click.echo()
    why = answer.document.get("why")
    reasons = why if isinstance(why, dict) else {}
    facts(_with_reasons(answer.document, reasons))


def _with_reasons(document: Mapping[str, object], reasons: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field, value in document.items():
        text = _shown(value)
        if field != "why":
            yield field, f"{text}  ({reasons[field]})" if text and field in reasons else text


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
