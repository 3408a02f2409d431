"""Whether a mount still stands, asked of its descriptor."""

from __future__ import annotations

import select


def is_disconnected(descriptor: int) -> bool:
    """Whether the mount behind a /dev/fuse descriptor is gone: unmounted, or aborted. Never waits."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _, events in poll.poll(0))
