"""``offliniofs`` and ``python -m offliniofs``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Takes up a mount that the service manager kept, or runs the command line."""
    if "LISTEN_PID" in os.environ:
        from offliniofs.app.supervisor.resume import resume

        status = resume(sys.argv[1:])
        if status is not None:
            sys.exit(status)
    from offliniofs.cli.main import main as run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
