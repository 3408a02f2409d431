"""open, read, release, flush. A file's handle is its inode number."""

from __future__ import annotations

import errno
import os

import pyfuse3

from offliniofs.domain.content import FileRole
from offliniofs.fuse.editing_handlers import ChangingHandlers
from offliniofs.fuse.errors import answers, refusal, refused
from offliniofs.fuse.handles import OpenFile
from offliniofs.tree.inodes import FileNode, decode
from offliniofs.tree.plans import ConstantFile, Refused, RenderedFile

_WRITTEN = "This file is written by the library itself whenever it is read; nothing can be saved over it."


class ReadingHandlers(ChangingHandlers):
    """Hands out bytes."""

    @answers
    async def open(self, inode: int, flags: int, ctx: pyfuse3.RequestContext) -> pyfuse3.FileInfo:
        """Opens for reading. What is cached of a stored file stays, because it never changes."""
        if flags & (os.O_ACCMODE | os.O_TRUNC) != os.O_RDONLY:
            raise await self.refusing("open", ctx, _WRITTEN)
        node = decode(inode)
        if isinstance(node, FileNode):
            self.parts.handles.opened_file(inode, await self._file(inode, node.file_id))
            return pyfuse3.FileInfo(fh=inode, keep_cache=True)
        self.parts.handles.opened_text(inode, await self._text(inode))
        # Its size may be another one by the time it is read: past the page cache, the end of the answer is the end.
        return pyfuse3.FileInfo(fh=inode, direct_io=True, keep_cache=False)

    async def _file(self, inode: int, file_id: int) -> OpenFile:
        """The open file, made when nobody has it open."""
        known = self.parts.handles.files.get(inode)
        if known is not None:
            return known
        row = self.parts.resolver.file(file_id)
        descriptor = await self.parts.reader.descriptor(row.digest)
        return self.parts.handles.files.get(inode) or OpenFile(row.file_id, row.digest, row.size, row.role, descriptor)

    async def _text(self, inode: int) -> bytes:
        match self.parts.tree.attributes(inode):
            case ConstantFile(_, content):
                return content
            case RenderedFile() as plan:
                return (await self.parts.resolver.documents.text(plan)).content
            case Refused(reason):
                raise refused(reason)
            case _:
                raise refusal(errno.EISDIR)

    @answers
    async def read(self, fh: int, offset: int, size: int) -> bytes:
        """Reads; short only at the end. Knows handles that an earlier daemon gave out."""
        file = self.parts.handles.files.get(fh)
        if file is not None:
            return await self.parts.reader.read(file, offset, size)
        text = self.parts.handles.texts.get(fh)
        if text is not None:
            return text.content[offset : offset + size]
        node = decode(fh)
        if isinstance(node, FileNode):
            file = await self._file(fh, node.file_id)
            self.parts.handles.opened_file(fh, file)
            return await self.parts.reader.read(file, offset, size)
        return (await self._text(fh))[offset : offset + size]

    @answers
    async def release(self, fh: int) -> None:
        """Closes. Whoever read most of a film has seen it."""
        file = self.parts.handles.released(fh)
        if file is None or file.role is not FileRole.MEDIA:
            return
        read = file.coverage.distinct_bytes()
        if read and read * 100 >= file.size * self.parts.options.view_share:
            file.coverage.clear()
            self.parts.notes.viewed(file.file_id, read)

    @answers
    async def flush(self, fh: int) -> None:
        """There is nothing to flush: the kernel hears that once and does not ask at later closes."""
        raise refusal(errno.ENOSYS)
