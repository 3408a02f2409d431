"""What is open in the mount.

A file handle is the file's inode number, so the kernel's handles mean the same to a daemon that has just started: this
table is a cache of what the catalogue says about them, plus what cannot matter after a restart (how far ahead to read,
how much was read).
"""

from __future__ import annotations

from offliniofs.domain.content import FileRole
from offliniofs.domain.ids import Digest, FileId
from offliniofs.fuse.coverage import ReadCoverage
from offliniofs.fuse.descriptors import Descriptor


class OpenFile:
    """A stored file that is open at least once. Sizes and positions in bytes."""

    __slots__ = ("advised", "cold", "coverage", "descriptor", "digest", "file_id", "opens", "position", "role", "size")

    def __init__(self, file_id: FileId, digest: Digest, size: int, role: FileRole, descriptor: Descriptor) -> None:
        self.file_id = file_id
        self.digest = digest
        self.size = size
        self.role = role
        self.descriptor = descriptor
        self.opens = 0
        self.coverage = ReadCoverage()
        self.position = 0
        """Where a sequential reader would go on."""
        self.advised = 0
        """Up to where the disk was asked to read ahead."""
        self.cold = False
        """Whether a read had to wait for the disk: only then is reading ahead worth a thread."""


class OpenText:
    """A generated file that is open: what it said when it was opened last."""

    __slots__ = ("content", "opens")

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.opens = 0


class HandleTable:
    """Open files by inode number. Bounded by what clients have open; a release drops the entry."""

    def __init__(self) -> None:
        self.files: dict[int, OpenFile] = {}
        self.texts: dict[int, OpenText] = {}
        self.is_complete = True
        """Whether no client can have a file open from an earlier daemon that nobody has read since."""

    def is_closed(self, inode: int) -> bool:
        """Whether certainly nobody has it open for reading."""
        return self.is_complete and inode not in self.files and inode not in self.texts

    def opened_file(self, inode: int, entry: OpenFile) -> None:
        """Counts one more open of a stored file."""
        self.files[inode] = entry
        entry.opens += 1
        entry.descriptor.opens += 1

    def opened_text(self, inode: int, content: bytes) -> None:
        """Counts one more open of a generated file; every reader sees the newest text."""
        entry = self.texts.get(inode)
        if entry is None:
            entry = self.texts[inode] = OpenText(content)
        entry.content = content
        entry.opens += 1

    def released(self, inode: int) -> OpenFile | None:
        """Counts one open less; the file's entry, or ``None`` for a text or a handle of an earlier daemon."""
        text = self.texts.get(inode)
        if text is not None:
            text.opens -= 1
            if text.opens <= 0:
                del self.texts[inode]
            return None
        entry = self.files.get(inode)
        if entry is None:
            return None
        entry.opens -= 1
        entry.descriptor.opens -= 1
        if entry.opens <= 0:
            del self.files[inode]
        return entry
