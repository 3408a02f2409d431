"""The catalogue against a model of it: whatever is filed, edited and saved, views, totals and fsck agree."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from offliniofs.domain.arrival import Arrival, ArrivalOutcome
from offliniofs.domain.content import FileRole
from offliniofs.domain.editing import EditableField, MetadataEdit
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue
from tests.unit.catalog_library import Library, digest_of, episode, film, media, sidecar, track

TITLES = ("Alien", "alien!", "Blade Runner", "The Thing")
GENRES = ("Drama", "Horror", "Science Fiction")
YEARS = (1979, 1982, None)
RESOLUTIONS = ("720p", "1080p", None)
CONTENTS = tuple(f"content {number}" for number in range(6))

films = st.builds(
    lambda title, year, resolution, genre, content, name: media(
        film(title, year, resolution=resolution, genre=tuple(genre)), content=content, name=f"{name}.mkv"
    ),
    st.sampled_from(TITLES),
    st.sampled_from(YEARS),
    st.sampled_from(RESOLUTIONS),
    st.sets(st.sampled_from(GENRES), max_size=2),
    st.sampled_from(CONTENTS),
    st.integers(0, 9),
)
episodes = st.builds(
    lambda series, season, number, resolution, content: media(
        episode(series, season, number, resolution=resolution), content=content, name=f"{series}{season}{number}.mkv"
    ),
    st.sampled_from(TITLES[2:]),
    st.integers(0, 2),
    st.integers(1, 3),
    st.sampled_from(RESOLUTIONS),
    st.sampled_from(CONTENTS),
)
tracks = st.builds(
    lambda album, number: media(track("Artist", album, number, f"Song {number}")),
    st.sampled_from(("One", "Two")),
    st.integers(1, 3),
)
arrivals = st.one_of(films, episodes, tracks)


class CatalogueMachine(RuleBasedStateMachine):
    """Rules change the catalogue and the model; invariants compare them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="offliniofs-machine-"))
        self.library = Library(self.folder / "catalog.sqlite")
        self.files: dict[int, tuple[bytes, int, int]] = {}
        self.genres: dict[int, set[str]] = {}
        self.years: dict[int, int] = {}
        self.favourites: set[int] = set()
        self.viewed: set[int] = set()
        self.saved: dict[str, str] = {}

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)

    @rule(batch=st.lists(arrivals, min_size=1, max_size=6), with_subtitles=st.booleans())
    def arrive(self, batch: list[Arrival], with_subtitles: bool) -> None:
        if with_subtitles:
            of = batch[-1]
            batch = [
                sidecar(of, of.identification, FileRole.SUBTITLE, ".srt", name=f"{of.source.inode}.srt"),
                sidecar(None, film("Alien", 1979), FileRole.ARTWORK, "poster.jpg", name="poster.jpg"),
                *batch,
            ]
        for arrival, filed in zip(batch, self.library.file(*batch), strict=True):
            digest = arrival.blob.digest
            if filed.outcome is ArrivalOutcome.ADDED:
                assert filed.file_id not in self.files
                self.files[filed.file_id] = (digest, arrival.blob.size, filed.title_id)
            else:
                assert self.files[filed.file_id][0] == digest

    @rule(data=st.data(), chosen=st.sets(st.sampled_from(GENRES), max_size=3))
    def set_genres(self, data: st.DataObject, chosen: set[str]) -> None:
        title = self._title(data)
        if title is not None:
            names = tuple(sorted(chosen))
            self.library.writer.edit_content(ContentId(title), MetadataEdit(EditableField.GENRES, names))
            self.genres[title] = chosen

    @rule(data=st.data(), year=st.integers(1980, 1983))
    def set_year(self, data: st.DataObject, year: int) -> None:
        title = self._title(data)
        if title is not None:
            self.library.writer.edit_content(ContentId(title), MetadataEdit(EditableField.YEAR, year))
            self.years[title] = year

    @rule(data=st.data(), mark=st.booleans())
    def set_favourite(self, data: st.DataObject, mark: bool) -> None:
        title = self._title(data)
        if title is not None:
            self.library.writer.edit_content(ContentId(title), MetadataEdit(EditableField.FAVOURITE, mark))
            (self.favourites.add if mark else self.favourites.discard)(title)

    @rule(data=st.data(), words=st.sampled_from(("Renamed", "Alien", "The Thing")))
    def rename(self, data: st.DataObject, words: str) -> None:
        title = self._title(data)
        if title is not None:
            self.library.writer.edit_content(ContentId(title), MetadataEdit(EditableField.TITLE, words))

    @rule(data=st.data())
    def view(self, data: st.DataObject) -> None:
        if self.files:
            file_id = data.draw(st.sampled_from(sorted(self.files)))
            self.library.writer.record_view(FileId(file_id), 10)
            self.viewed.add(self.files[file_id][2])

    @rule(name=st.sampled_from(("a", "b")), query=st.sampled_from(("alien", "runner")))
    def save(self, name: str, query: str) -> None:
        found = self.library.reader.saved_named(name)
        if found is None:
            self.library.writer.save_search(name, query)
        else:
            self.library.writer.edit_saved_search(found.search_id, query)
        self.saved[name] = query

    @rule(name=st.sampled_from(("a", "b")))
    def forget(self, name: str) -> None:
        found = self.library.reader.saved_named(name)
        if found is not None:
            self.library.writer.forget_saved_search(found.search_id)
            del self.saved[name]

    @invariant()
    def fsck_finds_nothing(self) -> None:
        assert self.library.findings() == []

    @invariant()
    def totals_are_those_of_the_model(self) -> None:
        totals = self.library.reader.library_totals()
        blobs = {digest: size for digest, size, _ in self.files.values()}
        assert totals.files == len(self.files)
        assert totals.shown_bytes == sum(size for _, size, _ in self.files.values())
        assert (totals.blobs, totals.stored_bytes) == (len(blobs), sum(blobs.values()))

    @invariant()
    def views_are_those_of_the_model(self) -> None:
        titles = {title for _, _, title in self.files.values()}
        assert self._listed() == titles
        assert self._listed(FacetValue(Facet.FAVOURITES)) == self.favourites
        assert self._listed(FacetValue(Facet.UNWATCHED)) == titles - self.viewed
        for row in self.library.reader.facet_page(Facet.GENRE, (), 0, 100):
            shown = self._listed(row.value)
            assert shown
            for title, chosen in self.genres.items():
                assert (title in shown) is (row.name in chosen)
        for row in self.library.reader.facet_page(Facet.YEAR, (), 0, 100):
            shown = self._listed(row.value)
            assert shown
            for title, year in self.years.items():
                assert (title in shown) is (row.value.key == year)

    @invariant()
    def facets_in_one_another_are_those_of_the_model(self) -> None:
        for genre in self.library.reader.facet_page(Facet.GENRE, (), 0, 100):
            shown = self._listed(genre.value)
            assert self._listed(genre.value, FacetValue(Facet.UNWATCHED)) == shown - self.viewed
            assert self._listed(FacetValue(Facet.FAVOURITES), genre.value) == shown & self.favourites
            for year in self.library.reader.facet_page(Facet.YEAR, (genre.value,), 0, 100):
                assert self._listed(year.value, genre.value) == shown & self._listed(year.value) != set()

    @invariant()
    def saved_searches_are_those_of_the_model(self) -> None:
        assert {found.name: found.query for found in self.library.reader.saved_searches()} == self.saved

    def _listed(self, *selection: FacetValue) -> set[int]:
        rows = self.library.reader.titles_page(selection, 0, 1000)
        assert len({row.name for row in rows}) == len(rows)
        assert self.library.reader.selection_totals(selection).titles == len(rows)
        return {row.content_id for row in rows}

    def _title(self, data: st.DataObject) -> int | None:
        titles = sorted({title for _, _, title in self.files.values()})
        return data.draw(st.sampled_from(titles)) if titles else None


CatalogueMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestCatalogue = CatalogueMachine.TestCase


def test_digests_of_the_model_differ() -> None:
    assert len({digest_of(content) for content in CONTENTS}) == len(CONTENTS)
