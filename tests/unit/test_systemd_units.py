"""The units are understood by systemd as they are shipped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
# Options that give a service its own mount namespace, where nobody else would see the mount (systemd.exec(5)),
# and those that keep fusermount3 from becoming root.
HIDING = re.compile(
    r"^(PrivateTmp|PrivateDevices|PrivateMounts|PrivateUsers|Protect\w+|ReadOnlyPaths|ReadWritePaths|InaccessiblePaths|"
    r"BindPaths|TemporaryFileSystem|RootDirectory|MountFlags|DynamicUser|NoNewPrivileges|SystemCall\w+|Restrict\w+|"
    r"MemoryDenyWriteExecute|LockPersonality)=",
    re.MULTILINE,
)


def installed(name: str, folder: Path) -> Path:
    """The unit as after installation: with a program at the path it names."""
    program = str(Path(sys.executable).with_name("offliniofs"))
    text = re.sub(r"^(ExecStart|ExecReload)=\S+", rf"\1={program}", (UNITS / name).read_text(), flags=re.MULTILINE)
    target = folder / name
    target.write_text(text)
    return target


@pytest.mark.parametrize(("name", "scope"), [("offliniofs.service", "--user"), ("offliniofs@.service", "--system")])
def test_systemd_accepts_the_unit(name: str, scope: str, tmp_path: Path) -> None:
    unit = installed(name, tmp_path)
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", scope, str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert name not in result.stderr


def test_systemd_would_refuse_a_broken_unit(tmp_path: Path) -> None:
    unit = installed("offliniofs.service", tmp_path)
    unit.write_text(
        unit.read_text().replace("Type=notify", "Type=nonsense").replace("ExecStart=", "ExecStart=relative/")
    )
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--user", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0 or "offliniofs.service" in result.stderr


@pytest.mark.parametrize("name", ["offliniofs.service", "offliniofs@.service"])
def test_nothing_hides_the_mount(name: str) -> None:
    text = (UNITS / name).read_text()
    assert not HIDING.search(text)
    assert "Type=notify" in text
    assert "WatchdogSec=" in text
    assert "Restart=on-failure" in text
