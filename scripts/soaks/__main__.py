"""``python -m scripts.soaks``: many deaths under load, and what clients noticed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scripts.soaks.trial import run

_MUST_BE_NONE = ("errors", "wrong_bytes", "missing", "doubled")


def main() -> int:
    """Prints a table and JSON; fails when anybody noticed more than a wait."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how often something happens (50)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the moments (1)")
    parser.add_argument("--replace", action="store_true", help="let another version take over instead of killing")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp/offliniofs-soak"), help="where everything is made")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    found = run(options.kills, options.seed, options.work, replace=options.replace)
    for name, figure in found.items():
        print(f"{name.replace('_', ' '):32} {figure}")
    text = json.dumps(found, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    return 1 if any(found[name] for name in _MUST_BE_NONE) else 0


if __name__ == "__main__":
    sys.exit(main())
