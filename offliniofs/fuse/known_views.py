"""Which views the kernel was told of, kept so that the next daemon of the mount knows them too.

The number of a search or a nested facet means something only to the registry that gave it out, and what the kernel must
forget after a change depends on which views it holds. Both outlive the daemon in the session memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.session_memory import SessionMemory
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import MAX_CONTEXT, directory_base


class KnownViews:
    """Used on the event loop. Without a memory it only gives the registry its stored views."""

    def __init__(self, memory: SessionMemory | None, contexts: ContextRegistry, holdings: KernelHoldings) -> None:
        self._memory = memory
        self._contexts = contexts
        self._holdings = holdings
        self._noted: set[int] = set()

    def restore(self, opened: Iterable[tuple[int, str]]) -> None:
        """Gives numbers their meaning back: those the kernel holds first, then those of views that were ``opened``."""
        if self._memory is not None:
            kept = [(context, text) for context, text in self._memory.views() if context <= MAX_CONTEXT]
            self._noted.update(context for context, _ in kept)
            self._contexts.seed((context, text) for context, text in kept if text)
            for context, _ in kept:
                self._holdings.took(directory_base(context))
        self._contexts.seed(opened)
        self._holdings.on_new_context = self._note

    def _note(self, context: int) -> None:
        """The kernel is about to hear of ``context`` for the first time."""
        if self._memory is None or context in self._noted:
            return
        self._noted.add(context)
        if not self._memory.add_view(*self._entry(context)):
            held = set(self._holdings.contexts()) | {context}
            self._noted = held
            self._memory.rewrite_views(self._entry(known) for known in sorted(held))

    def _entry(self, context: int) -> tuple[int, str]:
        stored = self._contexts.stored_form(context)
        return context, "" if stored is None else stored[1]
