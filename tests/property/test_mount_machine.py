"""A real mount, edited at random with the programs people have and from the command line, against a model in memory.

After every change every folder must list what the model says, and the catalogue must be sound. At the end everything
is taken back step by step: after each undo the whole tree must look as it did before that step. Then all undos are
taken back, and it must look as it did at the end.
"""

from __future__ import annotations

import subprocess

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.mount.programs import Ran, program
from tests.property.mount_coming import ComingAndGoing
from tests.property.mount_frame import CHANGES, Change, change
from tests.property.mount_marks import MarkRules
from tests.property.mount_model import OURS
from tests.property.mount_titles import TitleRules, titles
from tests.property.mount_way_back import WayBack


class MountMachine(TitleRules, MarkRules, ComingAndGoing, WayBack):
    """What people do; each either does what the model says, or is refused and changes nothing."""

    # --- the daemon dies ----------------------------------------------------------------------------------------------

    @change(number=titles, during=st.booleans())
    def kill_the_daemon(self, number: int, during: bool) -> None:
        """``kill -9``, while somebody edits or looks: neither notices."""
        self.daemon.wait_for_another(0)
        title = self.title(number)
        if title is None or not during:
            self.daemon.kill_daemon()
            self.done(program("ls", self.top / "movies"))
            return
        line = ["setfattr", "-n", OURS + "rating", "-v", "9.5", str(self.top / title.path)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as editing:
            self.daemon.kill_daemon()
            said, _ = editing.communicate(timeout=60)
        title.attributes["rating"] = "9.5"
        self.done(Ran(editing.returncode, said.decode()))

    # --- what is always refused ---------------------------------------------------------------------------------------

    @change(
        number=titles,
        what=st.sampled_from(
            (
                ("mv", "{}", "by-quality/720p"),
                ("mv", "{}", "search/heat"),
                ("mv", "{}", "recent/"),
                ("mv", "{}", "by-genre/"),
                ("mv", "{}", "music/"),
                ("mv", "by-year/{year}", "by-year/1903"),
                ("rm", "-rf", "search/{folder}"),
                ("rm", "-rf", "by-year/{year}"),
                ("rm", "-rf", "recent"),
                ("rm", "-rf", "by-quality/1080p"),
                ("mkdir", "{}/new"),
                ("mkdir", "movies/New"),
                ("ln", "-s", "{}", "favourites/link"),
                ("ln", "README.txt", "favourites/"),
                ("mkdir", "by-year/soon"),
                ("mkdir", "by-genre/a:b"),
                ("truncate", "-s", "1", "README.txt"),
                ("cp", "README.txt", "movies/"),
            )
        ),
    )
    def do_what_has_no_meaning(self, number: int, what: tuple[str, ...]) -> None:
        title = self.title(number, "movie", "series")
        if title is not None:
            words = (word.format(title.path, year=title.year, folder=title.folder) for word in what)
            ran = program(*words, cwd=self.top)
            self.refused(ran)

    @rule(change=st.one_of(CHANGES))
    def do(self, change: Change) -> None:
        """Anything of the above."""
        name, arguments = change
        self.consistent = False
        getattr(self, name)(**arguments)
        self.consistent = True


MountMachine.TestCase.settings = settings(
    max_examples=4,
    stateful_step_count=20,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # a life takes seconds: making a failing one small takes hours
    suppress_health_check=list(HealthCheck),
)
TestMount = MountMachine.TestCase
