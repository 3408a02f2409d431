"""Generated files as bytes, and a bounded memory of those that were rendered.

``stat`` must tell the size of a generated file, so it is rendered for that; what is read afterwards comes from
memory. The memory is emptied when the catalogue changes. Rendering asks the catalogue many things and happens in a
worker thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import trio

from offliniofs.catalog.reader import Reader
from offliniofs.domain.errors import NotFoundError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet
from offliniofs.fuse.counters import Tally
from offliniofs.fuse.services import Catalogue
from offliniofs.tree.plans import Document, RenderedFile
from offliniofs.tree.readme import render_readme
from offliniofs.tree.searches import search_error_text
from offliniofs.tree.views import LIBRARY_KEY

Renderer = Callable[[], bytes]
"""Makes one of the documents that tell of the running mount, something else each time; runs in a worker thread.

It must not fail when the catalogue does: these are where people look then."""

_REMEMBERED = 2048
_LARGEST_REMEMBERED = 64 * 1024
_LIVE_SECONDS = 1.0
_EXAMPLES = 6
"""Genres the README names."""


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered file. ``changed_ns`` is ``None`` for a live one."""

    content: bytes
    changed_ns: int | None


class Documents:
    """Renders and remembers. Used on the event loop."""

    def __init__(self, catalogue: Catalogue, renderers: Mapping[Document, Renderer], tally: Tally) -> None:
        self._catalogue = catalogue
        self._renderers = renderers
        self._tally = tally
        self._texts: OrderedDict[int, tuple[Text, float]] = OrderedDict()
        self.generation = 0
        """Which state of the catalogue the memory is of: what was asked for before a change is not remembered after."""

    def forget(self) -> None:
        """Drops what was rendered, because the catalogue has changed."""
        self._texts.clear()
        self.generation += 1

    def known(self, plan: RenderedFile) -> Text | None:
        """The text, if it was rendered and still holds."""
        kept = self._texts.get(plan.inode)
        if kept is None or trio.current_time() > kept[1]:
            return None
        self._tally.hits += 1
        return kept[0]

    async def text(self, plan: RenderedFile) -> Text:
        """The text of a generated file. Raises ``NotFoundError`` when what it is about is gone."""
        kept = self.known(plan)
        if kept is not None:
            return kept
        generation = self.generation
        renderer = self._renderers.get(plan.document)
        if renderer is not None:
            text = Text(await trio.to_thread.run_sync(renderer), None)
        else:
            text = await self._catalogue.ask(lambda reader: self.render(reader, plan))
        self.remember(plan, text, generation)
        return text

    def render(self, reader: Reader, plan: RenderedFile) -> Text:
        """Renders now; for worker threads that have a reader already."""
        match plan.document:
            case Document.MOVIE_NFO | Document.SERIES_NFO:
                content_id = ContentId(plan.key)
                row = reader.directory(content_id)
                if row is None:
                    raise NotFoundError(f"Title {content_id} is not in the catalogue.")
                from offliniofs.fuse.nfo_documents import title_nfo

                return Text(title_nfo(reader, content_id), row.modified_ns)
            case Document.EPISODE_NFO:
                file = reader.file(FileId(plan.key))
                if file is None:
                    raise NotFoundError(f"File {plan.key} is not in the catalogue.")
                from offliniofs.fuse.nfo_documents import episode_nfo

                return Text(episode_nfo(reader, file.file_id), file.added_ns)
            case Document.QUERY_ERROR:
                return Text(search_error_text(plan.query).encode(), reader.view_changed_ns(LIBRARY_KEY))
            case Document.README:
                genres = [row.name for row in reader.facet_page(Facet.GENRE, (), 0, _EXAMPLES)]
                readme = render_readme(reader.library_totals(), genres)
                return Text(readme.encode(), reader.view_changed_ns(LIBRARY_KEY))
            case Document.STATUS | Document.METRICS | Document.HEALTH:
                return Text(b"", None)  # of a mount that nobody told how to render them

    def remember(self, plan: RenderedFile, text: Text, generation: int) -> None:
        """Keeps a text that was asked for in ``generation`` until the catalogue changes; a live one for a second."""
        self._tally.misses += 1
        if len(text.content) > _LARGEST_REMEMBERED or generation != self.generation:
            return
        expires = trio.current_time() + _LIVE_SECONDS if text.changed_ns is None else float("inf")
        self._texts[plan.inode] = (text, expires)
        if len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)
