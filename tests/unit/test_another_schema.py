"""A store made by a version that was never released: refused at once, by every command, with what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from offliniofs.app.diagnosis import Check, Verdict, check_catalogue
from offliniofs.app.layout import StoreLayout
from offliniofs.cli.main import run


@pytest.fixture
def store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = tmp_path / "store"
    assert run(["--store", str(made), "init"]) == 0
    capsys.readouterr()
    connection = apsw.Connection(str(made / "catalog.sqlite"))
    connection.execute("ALTER TABLE content RENAME COLUMN sort_title TO order_title").fetchall()
    connection.execute("UPDATE schema_migrations SET checksum = 'that of another file'").fetchall()
    connection.close()
    return made


def require_advice(said: str) -> None:
    said = " ".join(said.split())
    assert "0001_initial differs from the one that was applied" in said
    assert "offliniofs init" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("search", "x"),
        ("import", "{media}"),
        ("edit", "1", "--year", "1999"),
        ("undo", "--yes"),
        ("fsck",),
        ("migrate",),
    ],
    ids=" ".join,
)
def test_every_command_says_what_to_do(
    arguments: tuple[str, ...], store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "Heat (1995).mkv").write_bytes(b"film")
    before = (store / "catalog.sqlite").read_bytes()
    assert run(["--store", str(store), *(each.format(media=media) for each in arguments)]) == 1
    require_advice(capsys.readouterr().err)
    assert (store / "catalog.sqlite").read_bytes() == before


@pytest.mark.parametrize("options", [(), ("--foreground",)], ids=["background", "foreground"])
def test_nothing_is_mounted(options: tuple[str, ...], store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    command = [sys.executable, "-P", "-m", "offliniofs", "--store", str(store), "mount", *options, str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    require_advice(ended.stderr)
    assert not folder.is_mount()


def test_the_doctor_finds_it(store: Path) -> None:
    check = check_catalogue(StoreLayout(store))
    assert (check.verdict, check.remedy) == (Verdict.PROBLEM, "offliniofs migrate --check")
    require_advice(check.message)


def test_the_doctor_opens_a_sound_one(tmp_path: Path) -> None:
    layout = StoreLayout(tmp_path / "other")
    assert check_catalogue(layout) == Check("catalogue", Verdict.OK, "There is no catalogue to look at yet.")
    assert run(["--store", str(layout.root), "init"]) == 0
    assert check_catalogue(layout) == Check("catalogue", Verdict.OK, f"{layout.catalogue} can be opened.")


def test_the_check_names_the_difference(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", str(store), "migrate", "--check"]) == 1
    assert "PROBLEM: migration 0001_initial differs from the one that was applied" in capsys.readouterr().out
