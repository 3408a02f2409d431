"""How the machine in ``test_mount_machine.py`` takes steps back: some in the middle of a life, all of them at its end.

What was purged cannot come back. So an undo of what deleted it must be refused and change nothing; from then on the
tree cannot be what it was, and further steps may be refused because of those that stay. Nothing else may be lost.
"""

from __future__ import annotations

import copy

from hypothesis import strategies as st

from offliniofs.catalog.integrity import check_integrity
from tests.mount.programs import Ran
from tests.property.mount_frame import MountFrame, Step, change
from tests.property.mount_model import Model, digests, files_of, listed, picture


class WayBack(MountFrame):
    """Undo and redo."""

    @change()
    def undo_and_redo(self) -> None:
        """Takes the last step back and does it again: the tree of before, and then that of now."""
        if self.steps and not self.lost(self.steps[-1]):
            last = self.steps[-1]
            self.runs(self.cli.run("undo", "--yes"))
            self.looks(last.before)
            self.runs(self.cli.run("undo", "--redo", "--yes"))
            self.looks(last.after)

    @change(count=st.integers(1, 3))
    def undo_some(self, count: int) -> None:
        """Takes steps back and leaves it at that."""
        last = self.steps[-count:]
        if not last or any(self.lost(step) for step in last):
            return
        ran = self.cli.run("undo", str(len(last)), "--yes")
        arrived: set[int] = set()
        for step in reversed(last):
            self.undone.append(self.steps.pop())
            arrived |= step.model_after.titles.keys() - step.model_before.titles.keys()
        purged = self.model
        self.model = copy.deepcopy(last[0].model_before)
        for number in arrived:
            self.model.titles[number] = copy.deepcopy(purged.titles[number])
            self.model.titles[number].trashed = True
        keep_purged(purged, self.model)
        self.agreed(ran)
        self.looks(last[0].before)
        self.now, self.known = last[0].before, copy.deepcopy(self.model)

    @change()
    def redo(self) -> None:
        """Does again what was taken back."""
        if not self.undone:
            return
        step = self.undone.pop()
        ran = self.cli.run("undo", "--redo", "--yes")
        purged, self.model = self.model, copy.deepcopy(step.model_after)
        keep_purged(purged, self.model)
        self.agreed(ran)
        self.looks(step.after)
        self.steps.append(step)
        self.now, self.known = step.after, copy.deepcopy(self.model)

    def lost(self, step: Step) -> bool:
        """Whether a step took away, or brought, what was purged since: then it cannot be taken back."""
        return not step.arrival and shown(step.model_before, self.model) != shown(step.model_after, self.model)

    # --- the end ------------------------------------------------------------------------------------------------------

    def take_everything_back(self) -> None:
        """Step by step to the beginning; and, if all of it could be taken back, to the end again."""
        end, intact = self.now, True
        for step in reversed(self.steps):
            before = picture(self.top) if intact else self.settled()
            ran = self.cli.run("undo", "--step", str(step.number), "--yes")
            lost = self.lost(step)
            assert not (lost and ran.code == 0), ran
            if ran.code != 0:
                assert lost or not intact, ran
                assert "removed for good" in ran.said or "stands in the way" in ran.said, ran
                self.equal(before, picture(self.top))
                intact = False
            elif intact:
                self.looks(step.before, ran.said)
        assert check_integrity(self.library.catalogue) == []
        if intact:
            self.looks(self.started)
        self._assert_nothing_else_is_lost()
        if intact and not self.model.purged_files:
            assert digests(self.top) == self.digests
            for _ in self.steps:
                self.runs(self.cli.run("undo", "--redo", "--yes"))
            self.looks(end)

    def _assert_nothing_else_is_lost(self) -> None:
        wanted = {number for title in self.model.titles.values() for number in title.files} | set(
            self.model.trashed_files
        )
        found = {number for shelf in ("movies", "series", "music", "other") for number in files_of(self.top / shelf)}
        for name in listed(self.top / ".trash"):
            path = self.top / ".trash" / name
            found |= files_of(path).keys() if path.is_dir() else {path.stat().st_ino & 0xFFFFFFFF}
        assert found == wanted - self.model.purged_files
        true = digests(self.top)
        assert all(true[number] == self.digests[number] for number in true.keys() & self.digests.keys())

    def runs(self, ran: Ran) -> None:
        """What was run succeeded."""
        assert ran.code == 0, ran.said


def keep_purged(before: Model, model: Model) -> None:
    """What was purged stays so whatever else becomes of the model."""
    model.purged_files = set(before.purged_files)
    for number in model.purged_files & model.trashed_files.keys():
        del model.trashed_files[number]
    for number, title in before.titles.items():
        if title.purged and number in model.titles:
            model.titles[number].purged = True


def shown(model: Model, now: Model) -> tuple[set[int], set[int]]:
    """Which titles and files of a model show that are purged now."""
    titles = {title.content_id for title in model.live if now.titles[title.content_id].purged}
    files = {number for title in model.live for number in title.files if number in now.purged_files}
    return titles, files
