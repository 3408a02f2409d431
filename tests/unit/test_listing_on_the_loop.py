"""What a listing asks of the event loop's own connection: pages, never a whole folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast

import pyfuse3
import pytest

from offliniofs.catalog.reader import Reader
from offliniofs.catalog.service import Catalogue
from offliniofs.catalog.writer import Writer
from offliniofs.domain.actors import Actor
from offliniofs.domain.content import FileRole
from offliniofs.domain.ids import ContentId
from offliniofs.domain.listing import FileRow
from offliniofs.fuse.attributes import AttributeMaker
from offliniofs.fuse.counters import Tally
from offliniofs.fuse.documents import Documents
from offliniofs.fuse.holdings import KernelHoldings
from offliniofs.fuse.listing import Lister
from offliniofs.fuse.options import MountOptions
from offliniofs.fuse.resolving import Resolver
from offliniofs.tree.inodes import CANONICAL, directory_base
from offliniofs.tree.names import LibraryNaming
from offliniofs.tree.tree import Tree
from tests.unit.catalog_library import Library, episode, film, media, sidecar, titles_with_words

_T = TypeVar("_T")
_MOST_ROWS = 100
"""Half a millisecond of rows."""


class LoopReader:
    """Notes how many rows were asked for at once."""

    def __init__(self, reader: Reader, asked: list[int]) -> None:
        self._reader = reader
        self._asked = asked

    def files_page(self, folder: ContentId, after: int, limit: int, height: int | None = None) -> list[FileRow]:
        self._asked.append(limit)
        return self._reader.files_page(folder, after, limit, height)

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)


class Watched:
    """A catalogue whose loop's reader is watched."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.asked: list[int] = []

    @property
    def reader(self) -> Reader:
        return cast("Reader", LoopReader(self._catalogue.reader, self.asked))

    def changed(self) -> bool:
        return self._catalogue.changed()

    async def ask(self, question: Callable[[Reader], _T]) -> _T:
        return await self._catalogue.ask(question)

    async def change(self, edit: Callable[[Writer], _T], actor: Actor | None = None) -> _T:
        return await self._catalogue.change(edit, actor)

    def hold(self) -> None:
        self._catalogue.hold()

    def let_go(self) -> None:
        self._catalogue.let_go()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "catalog.sqlite")
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["film", "season"])
@pytest.mark.parametrize("number", [3, 300])
async def test_a_folder_of_many_files_is_not_read_whole_on_the_loop(
    library: Library, monkeypatch: pytest.MonkeyPatch, kind: str, number: int
) -> None:
    if kind == "film":
        main = media(film())
        extras = (sidecar(main, film(), FileRole.SUBTITLE, f".{place}", name=f"{place}.srt") for place in range(number))
        filed = library.file(main, *extras)
        folder, nfos = filed[0].title_id, 1
    else:
        filed = library.file(*(media(episode("Show", 1, place)) for place in range(1, number + 1)))
        row = library.reader.file(filed[0].file_id)
        assert row is not None
        folder, nfos = row.folder_id, number
    catalogue = Watched(Catalogue(library.path, LibraryNaming(), titles_with_words))
    tree, make = Tree(), AttributeMaker(MountOptions(Path("/mnt"), Path("/store")))
    documents = Documents(catalogue, {}, Tally())
    resolver = Resolver(tree, catalogue, make, documents, lambda reader, text: None)
    lister = Lister(tree, catalogue, make, resolver, KernelHoldings())
    names: list[bytes] = []

    def reply(token: object, name: bytes, entry: object, cookie: int) -> bool:
        names.append(name)
        return True

    monkeypatch.setattr(pyfuse3, "readdir_reply", reply)
    await lister.list_into(cast("pyfuse3.ReaddirToken", object()), directory_base(CANONICAL) | folder, 0)
    assert sum(name.endswith(b".nfo") for name in names) == nfos
    assert len(names) > number
    assert max(catalogue.asked) <= _MOST_ROWS
    await catalogue._catalogue.close()
