"""What is to become of a file outlives the daemon that received it."""

from __future__ import annotations

import pytest

from offliniofs.ingest.inbox_filing import way_back
from offliniofs.ingest.inbox_ledger import InboxLedger
from offliniofs.ingest.inbox_purposes import Aim, Purpose, aim_of, aim_of_group, group_name, target_number, target_of


@pytest.mark.parametrize("purpose", list(Purpose))
def test_words_lead_back(purpose: Purpose) -> None:
    aim = Aim(purpose, 12)
    assert aim_of(aim.word) == aim
    assert aim_of_group(group_name(77, 3, aim)) == aim


@pytest.mark.parametrize("word", [b"", b"d", b"x12", b"d1x", b"12"])
def test_anything_else_means_nothing(word: bytes) -> None:
    assert aim_of(word) is None


def test_a_group_of_the_inbox_has_no_aim() -> None:
    assert aim_of_group(group_name(77, 3, None)) is None
    assert way_back((b"inbox", b"a.mkv"), None) == (b"a.mkv",)
    assert way_back((b"Heat", b"a.mkv"), None) == (b"Heat", b"a.mkv")
    assert way_back((b"Season 01", b"a.mkv"), Aim(Purpose.INTO, 1)) == (b"a.mkv",)


def test_a_folder_of_the_library_has_a_place_in_staging() -> None:
    ledger = InboxLedger()
    ledger.put(500, target_number(12), b"film.srt")
    assert target_of(target_number(12)) == Aim(Purpose.INTO, 12)
    assert (target_of(0), target_of(-1), target_of(500)) == (None, None, None)
    assert ledger.way(500) == (b"/saves", b"d12", b"film.srt")
