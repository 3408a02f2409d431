"""A walk accounts for every name in a tree exactly once, whatever the names are; packing loses no file."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from offliniofs.domain.arrival import SourceFile
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.facts import Identification
from offliniofs.ingest.describe import Described
from offliniofs.ingest.discover import Gathering, discover, resolve
from offliniofs.ingest.guard import Guard
from offliniofs.ingest.problem import shown
from offliniofs.ingest.stage import PARCEL_BYTES, PARCEL_FILES, parcels

NOBODY = Guard(frozenset(), frozenset())
FOLDERS = st.sampled_from(
    [b"Season 01", b"Subs", b"Extras", b"Film (1999)", b"a", b"\xff", b".hidden", b"@eaDir", b"BDMV"]
)
NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & {0, 47} and name not in {b".", b".."})
FILM = Identification(name="film", kind=ContentKind.MOVIE, title="Film")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(FOLDERS, max_size=3), NAMES, st.integers(0, 2)), max_size=12))
def test_a_walk_accounts_for_every_file_once(tree: list[tuple[list[bytes], bytes, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = os.fsencode(folder)
        for folders, name, size in tree:
            above = os.path.join(root, *folders)
            os.makedirs(above, exist_ok=True)
            if not os.path.lexists(path := os.path.join(above, name)):
                with open(path, "wb") as stream:
                    stream.write(bytes(size))
        there = [os.path.join(above, name) for above, _, names in os.walk(root) for name in names]
        named: Counter[bytes] = Counter()
        for entry in discover(resolve([root], NOBODY), NOBODY):
            named.update([file.path for file in entry.files] if isinstance(entry, Gathering) else [entry.path])
    assert all(count == 1 for count in named.values())
    for path in there:
        itself_or_above = {
            path[:end] for end in range(len(root) + 1, len(path) + 1) if path[end : end + 1] in {b"/", b""}
        }
        assert len(itself_or_above & named.keys()) == 1, path


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_path_is_shown_on_one_line_without_control_characters(one: bytes, other: bytes) -> None:
    assert shown(one).isprintable()
    shown(one).encode()  # no lone surrogate is left to fail in a terminal
    if one.isascii() and other.isascii() and one != other and b"\\" not in one + other:
        assert shown(one) != shown(other)


@st.composite
def described_files(draw: st.DrawFn) -> Sequence[Described]:
    """Media files with their sidecars behind them."""
    files: list[Described] = []
    for number in range(draw(st.integers(0, 12))):
        path = b"/in/%d" % number
        for part in range(draw(st.integers(1, 6))):
            size = draw(st.integers(1, 2 * PARCEL_BYTES))
            file = SourceFile(path + b".%d" % part if part else path, 1, 1, size, 1)
            role = FileRole.SUBTITLE if part else FileRole.MEDIA
            files.append(Described(file, FILM, role, "", sidecar_of=path if part else None))
    return files


@given(described_files())
def test_parcels_keep_order_lose_nothing_and_never_part_a_sidecar_from_its_media(files: Sequence[Described]) -> None:
    packed = list(parcels(Gathering(b"/in", b"/in", ()), files))
    assert [file for parcel in packed for file in parcel.files] == list(files)
    for parcel in packed:
        paths = {file.source.path for file in parcel.files}
        assert {file.sidecar_of for file in parcel.files} - {None} <= paths
        media = [file for file in parcel.files if file.sidecar_of is None]
        assert len(media) <= PARCEL_FILES
        assert len(media) == 1 or sum(file.source.size for file in media) <= PARCEL_BYTES
