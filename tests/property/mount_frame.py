"""The frame of the machine in ``test_mount_machine.py``: a mounted library and its model.

Whoever makes a change changes the model as well and calls ``done``; what must be refused goes to ``refused``, what must
change nothing to ``unchanged``, and what cannot be taken back to ``final``.
"""

from __future__ import annotations

import contextlib
import copy
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from offliniofs.catalog.integrity import check_integrity
from tests.mount.inbox_support import settings
from tests.mount.programs import CommandLine, Ran
from tests.mount.support import Daemon, Library, small_library, start_daemon, wait_until
from tests.property.mount_model import Model, Picture, Title, difference, digests, disagreement, files_of, picture

SOON = 3.0
"""Seconds within which a change must show; those of other processes may take half a second."""
NOTICED = 0.5
"""Seconds within which the mount shows what another process did."""


Change = tuple[str, dict[str, object]]
"""The name of a method of the machine and its arguments."""
CHANGES: list[st.SearchStrategy[Change]] = []
_Method = TypeVar("_Method", bound=Callable[..., None])


def change(**arguments: st.SearchStrategy[object]) -> Callable[[_Method], _Method]:
    """Marks what the machine can do. Of several rules Hypothesis tries but a few in each run."""

    def marked(method: _Method) -> _Method:
        CHANGES.append(st.tuples(st.just(method.__name__), st.fixed_dictionaries(arguments)))
        return method

    return marked


@dataclass(slots=True)
class Step:
    """A step of the history, and the library before and after it."""

    number: int
    before: Picture
    after: Picture
    model_before: Model
    model_after: Model
    arrival: bool
    """It brought files; taken back, they lie in the trash."""


class MountFrame(RuleBasedStateMachine):
    """A library that is mounted for each run."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="offliniofs-machine-"))
        self.library = Library(self.folder / "store", self.folder / "sources")
        self.library.create()
        settings(self.library, quiet_ms=100, linger_ms=0)
        small_library(self.library)
        self.top = self.folder / "mount"
        self.top.mkdir()
        self.daemon: Daemon = start_daemon(self.library, self.top, self.folder / "said")
        self.cli = CommandLine(self.library.root)
        self.model = Model()
        self.steps: list[Step] = []
        self.undone: list[Step] = []
        """Steps that were taken back, with nothing done since."""
        self.consistent = False
        """Nothing has gone wrong so far."""
        self.imported = 0
        self.dropped = 0
        self.sources: dict[int, Path] = {}
        """What was dropped into the inbox, by the title that it became."""

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
        self.known = copy.deepcopy(self.model)
        self.consistent = True

    def teardown(self) -> None:
        try:
            if self.consistent:
                self.take_everything_back()
        finally:
            self.cli.close()
            self.daemon.stop()
            findings = check_integrity(self.library.catalogue)
            said = (self.folder / "said").read_text(errors="replace")
            shutil.rmtree(self.folder)
        assert findings == []
        assert "Traceback" not in said

    def take_everything_back(self) -> None:
        """The end of a life."""
        raise NotImplementedError

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

    def done(self, ran: Ran, *, arrival: bool = False) -> None:
        """What was run did what the model says by now, in one step of the history or in none."""
        self.agreed(ran)
        before, self.now, last = self.now, self.settled() if ran.elsewhere else picture(self.top), self.last_step()
        was, self.known = self.known, copy.deepcopy(self.model)
        if last != self.known_step():
            self.steps.append(Step(last, before, self.now, was, self.known, arrival))
            self.undone.clear()
        else:
            self.equal(before, self.now)
        assert check_integrity(self.library.catalogue) == []

    def final(self, ran: Ran) -> None:
        """What was run did what the model says by now; no shelf and no view shows it, and it cannot be taken back."""
        self.agreed(ran)
        self.known = copy.deepcopy(self.model)
        self.undone.clear()
        self.unchanged()

    def unchanged(self) -> None:
        """Nothing was changed."""
        assert self.last_step() == self.known_step()
        self.equal(self.now, self.settled())
        assert check_integrity(self.library.catalogue) == []

    def agreed(self, ran: Ran) -> None:
        """What was run succeeded, and soon all is as the model says."""
        assert ran.code == 0, ran.said + (self.top / ".offliniofs/health.txt").read_text()
        with self.told(f"{ran}: {{}}"):
            wait_until(lambda: not disagreement(self.model, self.top), SOON, "the mount is as the model says")

    def known_step(self) -> int:
        """The last step that can be taken back."""
        return self.steps[-1].number if self.steps else self.bottom

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
    def told(self, text: str, how: Callable[[], str] | None = None) -> Iterator[None]:
        """Says more of what is wrong: ``how`` it stands, or where the mount is not as the model says."""
        try:
            yield
        except AssertionError:
            raise AssertionError(text.format(how() if how else disagreement(self.model, self.top))) from None

    def refused(self, ran: Ran) -> None:
        """What was run said so, and changed nothing."""
        assert ran.code != 0, ran.said
        assert ran.said
        assert self.last_step() == self.known_step()
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

    # --- looking ------------------------------------------------------------------------------------------------------

    @invariant()
    def every_folder_lists_what_the_model_says(self) -> None:
        assert disagreement(self.model, self.top) == ""

    def looks(self, wanted: Picture, after: str = "") -> None:
        """All that shows soon looks as it must."""

        def looks() -> bool:
            with contextlib.suppress(OSError):  # it may change while it is looked at
                return picture(self.top) == wanted
            return False

        with contextlib.suppress(AssertionError):
            wait_until(looks, SOON, "the tree is as it was")
        unlike = difference(wanted, picture(self.top))
        assert not unlike, f"{after}{unlike}"
