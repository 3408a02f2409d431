"""The frame of the machine in ``test_mount_machine.py``: a mounted library, its model, and the way back.

Whoever makes a change changes the model as well and calls ``done``; what must be refused goes to ``refused``.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from offliniofs.catalog.integrity import check_integrity
from tests.mount.programs import CommandLine, Ran
from tests.mount.support import Daemon, Library, small_library, start_daemon, wait_until
from tests.property.mount_model import Model, Picture, Title, difference, digests, disagreement, files_of, picture

SOON = 3.0
"""Seconds within which a change must show; those of other processes may take half a second."""
NOTICED = 0.5
"""Seconds within which the mount shows what another process did."""


@dataclass(slots=True)
class Step:
    """A step of the history, and what the library looked like before and after it."""

    number: int
    before: Picture
    after: Picture


class MountFrame(RuleBasedStateMachine):
    """A library that is mounted for each run."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="offliniofs-machine-"))
        self.library = Library(self.folder / "store", self.folder / "sources")
        self.library.create()
        small_library(self.library)
        self.top = self.folder / "mount"
        self.top.mkdir()
        self.daemon: Daemon = start_daemon(self.library, self.top, self.folder / "said")
        self.cli = CommandLine(self.library.root)
        self.model = Model()
        self.steps: list[Step] = []
        self.imported = 0

    @initialize()
    def begin(self) -> None:
        """Takes the library down as it is; what was imported is the bottom that nothing is taken back below."""
        for kind, year, name, chosen, artist in (
            ("movie", 1982, "Blade Runner", {"Science Fiction", "Drama"}, ""),
            ("movie", 1995, "Heat", {"Crime", "Drama"}, ""),
            ("movie", 2001, "Amélie", {"Comedy"}, ""),
            ("series", 2002, "The Wire", {"Crime"}, ""),
            ("album", 1957, "Blue Train", set(), "John Coltrane"),
        ):
            self.know(Title(0, kind, name, year, {}, artist, set(chosen)))
        self.bottom = self.last_step()
        self.started = picture(self.top)
        self.digests = digests(self.top)
        self.now = self.started

    def teardown(self) -> None:
        try:
            if hasattr(self, "bottom"):
                self._take_everything_back()
        finally:
            self.cli.close()
            self.daemon.stop()
            findings = check_integrity(self.library.catalogue)
            said = (self.folder / "said").read_text(errors="replace")
            shutil.rmtree(self.folder)
        assert findings == []
        assert "Traceback" not in said

    # --- what every rule does -----------------------------------------------------------------------------------------

    def know(self, title: Title) -> Title:
        path = self.top / title.path
        title.content_id = int(path.stat().st_ino & 0xFFFFFFFF)
        title.files = files_of(path)
        self.model.titles[title.content_id] = title
        return title

    def last_step(self) -> int:
        reader = self.library.reader()
        try:
            found = list(reader.undoable_steps(1))
        finally:
            reader.close()
        return found[0].step if found else 0

    def done(self, ran: Ran) -> None:
        """What was run did what the model says by now, in one step of the history or in none."""
        assert ran.code == 0, ran.said
        wait = f"{ran}: {{}}"
        with self.told(wait):
            wait_until(lambda: not disagreement(self.model, self.top), SOON, "the mount is as the model says")
        before, self.now, last = self.now, self.settled() if ran.elsewhere else picture(self.top), self.last_step()
        known = self.steps[-1].number if self.steps else self.bottom
        if last != known:
            self.steps.append(Step(last, before, self.now))
        else:
            self.equal(before, self.now)
        assert check_integrity(self.library.catalogue) == []

    def settled(self) -> Picture:
        """The library once it has stood still for as long as the mount may take to notice what others do."""
        last, since = picture(self.top), time.monotonic()

        def stands_still() -> bool:
            nonlocal last, since
            found = picture(self.top)
            if found != last:
                last, since = found, time.monotonic()
            return time.monotonic() - since > NOTICED

        wait_until(stands_still, SOON, "the library stands still")
        return last

    def equal(self, wanted: Picture, found: Picture) -> None:
        unlike = difference(wanted, found)
        assert not unlike, unlike

    @contextlib.contextmanager
    def told(self, text: str) -> Iterator[None]:
        try:
            yield
        except AssertionError:
            raise AssertionError(text.format(disagreement(self.model, self.top))) from None

    def refused(self, ran: Ran) -> None:
        """What was run said so, and changed nothing."""
        assert ran.code != 0, ran.said
        assert ran.said
        assert self.last_step() == (self.steps[-1].number if self.steps else self.bottom)
        self.equal(self.now, picture(self.top))

    def title(self, number: int, *kinds: str) -> Title | None:
        found = [title for title in self.model.live if not kinds or title.kind in kinds]
        return found[number % len(found)] if found else None

    def free(self, name: str, year: int, but: Title) -> bool:
        """Whether no other title has that name, alive or in the trash."""
        others = (title for title in self.model.titles.values() if title is not but and not title.purged)
        return all((title.name, title.year) != (name, year) for title in others)

    def renamed(self, title: Title, name: str, year: int) -> None:
        """Names of files follow, unless somebody gave them one."""
        before = title.folder
        title.name, title.year = name, year
        for number, known in title.files.items():
            title.files[number] = title.folder + known.removeprefix(before) if known.startswith(before) else known

    # --- the way back -------------------------------------------------------------------------------------------------

    @invariant()
    def every_folder_lists_what_the_model_says(self) -> None:
        assert disagreement(self.model, self.top) == ""

    def runs(self, ran: Ran) -> None:
        assert ran.code == 0, ran.said

    def looks(self, wanted: Picture) -> None:
        def looks() -> bool:
            with contextlib.suppress(OSError):  # it may change while it is looked at
                return picture(self.top) == wanted
            return False

        with contextlib.suppress(AssertionError):
            wait_until(looks, SOON, "the tree is as it was")
        self.equal(wanted, picture(self.top))

    def _take_everything_back(self) -> None:
        end = self.now
        for step in reversed(self.steps):
            self.runs(self.cli.run("undo", "--yes"))
            self.looks(step.before)
        self.looks(self.started)
        assert digests(self.top) == self.digests
        assert check_integrity(self.library.catalogue) == []
        for _ in self.steps:
            self.runs(self.cli.run("undo", "--redo", "--yes"))
        self.looks(end)
