"""The mounted filesystem: every request the kernel makes, answered by the group of handlers it belongs to."""

from __future__ import annotations

from offliniofs.fuse.attribute_handlers import AttributeHandlers
from offliniofs.fuse.directory_handlers import DirectoryHandlers
from offliniofs.fuse.editing_handlers import EditingHandlers
from offliniofs.fuse.inbox_routing import InboxRouting
from offliniofs.fuse.naming_handlers import NamingHandlers
from offliniofs.fuse.reading_handlers import ReadingHandlers


class Filesystem(InboxRouting, NamingHandlers, DirectoryHandlers, ReadingHandlers, AttributeHandlers, EditingHandlers):
    """OfflinioFS as pyfuse3 sees it."""
