"""What every command shares: options before and after the verb, messages, exit codes, printing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from offliniofs.app import diagnosis
from offliniofs.cli import main as cli_main
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.main import VERBS, run
from offliniofs.cli.output import emit_json, facts, human_duration, human_size, printable, table
from offliniofs.domain.errors import ExitCode, OfflinioError, QuerySyntaxError, SourceError


def probe_with(error: BaseException | None = None, code: int | None = None) -> click.Command:
    @click.command("probe")
    @verb
    def command(invocation: Invocation) -> int | None:
        if error is not None:
            raise error
        emit_json({"store": str(invocation.layout.root), "json": invocation.as_json})
        return code

    return command


def use(monkeypatch: pytest.MonkeyPatch, command: click.Command) -> None:
    monkeypatch.setattr(cli_main.command_line, "get_command", lambda ctx, name: command)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--store", "/a", "--json", "probe"],
        ["probe", "--store", "/a", "--json"],
        ["--store", "/b", "probe", "--json", "--store", "/a"],
    ],
)
def test_shared_options_stand_before_or_after_the_verb(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, probe_with())
    assert run(arguments) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out) == {"store": "/a", "json": True}


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (OfflinioError("It \x1b[2J broke."), 1, "offliniofs: It \ufffd[2J broke.\n"),
        (SourceError("One file."), 3, "offliniofs: One file.\n"),
        (ExceptionGroup("", [ExceptionGroup("", [OfflinioError("Inner.")])]), 1, "offliniofs: Inner.\n"),
        (PermissionError(13, "Permission denied", "/a/b"), 1, "offliniofs: /a/b: Permission denied.\n"),
        (KeyboardInterrupt(), 130, "offliniofs: interrupted\n"),
        (click.Abort(), 130, "offliniofs: interrupted\n"),
        (click.UsageError("No."), 2, "Error: No."),
        (
            QuerySyntaxError("Unknown field.", "foo:bar", 0, 3),
            2,
            "offliniofs: Unknown field.\n    foo:bar\n    ^^^\n",
        ),
    ],
)
def test_errors_become_messages_and_exit_codes(
    error: BaseException, code: int, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, probe_with(error))
    assert run(["probe"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert text in captured.err


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, probe_with(ExceptionGroup("", [ValueError("bug"), OfflinioError("x")])))
    with pytest.raises(ExceptionGroup):
        run(["probe"])


def test_a_code_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, probe_with(code=ExitCode.PARTLY_DONE))
    assert run(["probe"]) == 3


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in VERBS:
        assert run([name, "--help"]) == ExitCode.DONE
        assert f"offliniofs {name}" in capsys.readouterr().out
    assert run(["--help"]) == ExitCode.DONE
    assert all(line in capsys.readouterr().out for line in ["init"])


def test_an_unknown_verb_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["frobnicate"]) == ExitCode.WRONG_USE
    assert "No such command" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    script = f'"{sys.executable}" -m offliniofs --help | true'
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert "Traceback" not in result.stderr


def test_output_that_cannot_be_written_is_an_error_not_a_traceback() -> None:
    command = [sys.executable, "-m", "offliniofs", "doctor"]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, "offliniofs: Cannot print: No space left on device.\n")


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == ExitCode.DONE
    assert capsys.readouterr().out.startswith("offliniofs, version 0.")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == ExitCode.DONE
    assert "_OFFLINIOFS_COMPLETE" in capsys.readouterr().out


def test_doctor_speaks_to_people_and_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "is_stale", lambda _: False)  # mounts of other tests are none of its business
    assert run(["--store", str(tmp_path / "s"), "doctor"]) == ExitCode.DONE
    assert "offliniofs init" in capsys.readouterr().out
    assert run(["--store", str(tmp_path / "s"), "doctor", "--json"]) == ExitCode.DONE
    assert {"fuse device", "store"} <= {check["name"] for check in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 1024**4, "5.0 TiB"), (2**70, "1048576.0 PiB")],
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert human_size(size) == text


def test_durations_are_readable() -> None:
    assert (human_duration(65.4), human_duration(3723)) == ("1:05", "1:02:03")


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b]0;x\x07b\tc\n") == "a\ufffd]0;x\ufffdb\tc\n"


def test_tables_align(capsys: pytest.CaptureFixture[str]) -> None:
    table(["name", "size"], [["b\x1b", 5], ["longer", 12]])
    assert capsys.readouterr().out == "name    size\nb\ufffd         5\nlonger    12\n"


def test_tables_align_wide_letters(capsys: pytest.CaptureFixture[str]) -> None:
    table(["name", "type"], [["\u5343\u3068", "a"], ["e\u0301tude", "b"]])
    assert capsys.readouterr().out == "name   type\n\u5343\u3068   a\ne\u0301tude  b\n"


def test_facts_leave_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    facts([("title", "X"), ("year", None), ("plot", "")])
    assert capsys.readouterr().out == "title  X\n"
