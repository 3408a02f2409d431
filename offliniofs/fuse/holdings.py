"""Which views the kernel holds folders of, so that a change is told for those and no others.

Every lookup and every listed entry makes the kernel hold one reference more of an inode; ``forget`` gives them back.
They are counted by context, not by inode: the answer is small, counting is nearly free, and telling the kernel of a
folder that it does not hold costs microseconds. The canonical tree is always told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from offliniofs.tree.inodes import MAX_CONTEXT

_KIND_SHIFT = 60
_DIRECTORY = 2
_CONTEXT_SHIFT = 32


class KernelHoldings:
    """References by context. Used on the event loop."""

    def __init__(self) -> None:
        self._references: dict[int, int] = {}
        self.on_new_context: Callable[[int], None] | None = None
        """Called before the kernel hears of a context of which it held nothing."""

    def took(self, inode: int, references: int = 1) -> None:
        """The kernel was told of ``references`` inodes in the context of ``inode``."""
        if inode >> _KIND_SHIFT == _DIRECTORY and references:
            context = inode >> _CONTEXT_SHIFT & MAX_CONTEXT
            held = self._references.get(context)
            if held is None:
                held = 0
                if context and self.on_new_context is not None:
                    self.on_new_context(context)
            self._references[context] = held + references

    def gave_back(self, forgotten: Iterable[tuple[int, int]]) -> None:
        """The kernel forgot these inodes, each with the number of references it held."""
        references = self._references
        for inode, number in forgotten:
            if inode >> _KIND_SHIFT == _DIRECTORY:
                context = inode >> _CONTEXT_SHIFT & MAX_CONTEXT
                left = references.get(context, 0) - number
                if left > 0:
                    references[context] = left
                else:
                    references.pop(context, None)

    def contexts(self) -> tuple[int, ...]:
        """Every context but the canonical one of which the kernel holds something."""
        return tuple(context for context in self._references if context)
