"""Who runs a command, for the audit log, and the ids and paths that it was given."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from offliniofs.app.library import OpenLibrary
from offliniofs.app.locate import Found, locate
from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.errors import NotFoundError, UsageError
from offliniofs.domain.ids import ContentId


@contextmanager
def as_caller(library: OpenLibrary) -> Iterator[Writer]:
    """The writer, acting for the user who runs this command; all that the command changes is one step."""
    actor = Actor(os.getuid(), os.getgid(), os.getpid(), "offliniofs")
    with library.writer.acting_as(actor), library.writer.one_step():
        yield library.writer


def located(library: OpenLibrary, subjects: Sequence[bytes]) -> list[tuple[str, Found]]:
    """What each id or path means, all looked up before the first is changed. Raises ``NotFoundError``."""
    return [(name, locate(library, name)) for name in (os.fsdecode(subject) for subject in subjects)]


def title_of(library: OpenLibrary, subject: str) -> ContentId:
    """The title that an id or path belongs to. Raises ``NotFoundError``, and ``UsageError`` for an artist."""
    found = locate(library, subject)
    if found.file_id is not None:
        file = library.reader.file_details(found.file_id)
        if file is None:
            raise NotFoundError(f"There is no file {found.file_id}.")
        return file.title_id
    content = library.reader.content_details(found.content_id) if found.content_id is not None else None
    if content is None:
        raise NotFoundError(f"There is no title {found.content_id}.")
    if content.title_id is None:
        raise UsageError(f"{content.title!r} is an artist; name an album.")
    return content.title_id


def group_id(name: str) -> int:
    """A group's number by its name or number. Raises ``UsageError``."""
    if name.isascii() and name.isdigit() and len(name) < 11:
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise UsageError(f"There is no group {name!r} on this machine; 'getent group' lists them.") from None
