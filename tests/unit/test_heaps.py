"""Folders of things that cannot be identified: which of their names stands for them."""

from __future__ import annotations

import pytest

from offliniofs.detect.heaps import Heap, camera_folders, heap_of


@pytest.mark.parametrize(
    ("below", "heap"),
    [
        ((), None),
        (("Tax",), Heap("Tax", ())),
        (("Tax", "2019", "Letters"), Heap("Tax", ("2019", "Letters"))),
        (("Downloads", "Holiday 2019", "Day 1"), Heap("Holiday 2019", ("Day 1",))),
        (("home", "Bilder", "Ausflug"), Heap("Ausflug", ())),
        (("Downloads",), Heap("Downloads", ())),
        (("Media", "Movies"), Heap("Movies", ())),
        (("Tax", "Downloads"), Heap("Tax", ("Downloads",))),
    ],
)
def test_the_outermost_folder_that_is_no_mere_place_stands_for_what_is_in_it(
    below: tuple[str, ...], heap: Heap | None
) -> None:
    assert heap_of(below) == heap


def test_what_was_handed_over_as_a_whole_stands_for_all_that_is_in_it() -> None:
    assert heap_of(("Movies", "Day 1"), "Downloads") == Heap("Downloads", ("Movies", "Day 1"))
    assert heap_of((), "Downloads") == Heap("Downloads", ())


def test_two_files_of_a_camera_make_a_folder_one_of_photographs() -> None:
    files = [
        ("Holiday", "IMG_0001.jpg"),
        ("Holiday", "VID_20190801_123456.mp4"),
        ("Heat (1995)", "poster.jpg"),
        ("Heat (1995)", "fanart.jpg"),
        ("Heat (1995)", "IMG_0001.jpg"),
        ("DSC00001.JPG",),
        ("_DSC0002.JPG",),
    ]
    assert camera_folders(files) == {("Holiday",), ()}
