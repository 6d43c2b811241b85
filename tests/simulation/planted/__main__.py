"""`python -m tests.simulation.planted`: put one bug after the other into a copy of the program, and see that the simulation finds each.

What is looked for is a law broken by one of the seeds, run in order; a bug that none of them finds is a hole in the simulation.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.simulation.planted.bugs import Bug, read_bugs
from tests.simulation.planted.planting import Caught, seek

SEEDS = 500


def main(argv: Sequence[str] | None = None) -> int:
    """Seek all bugs; 0 if each was found, else 1."""
    options, console = _options(argv), Console(stderr=True)
    bugs = [bug for bug in read_bugs() if options.only in bug.name]
    caught = []
    for found in _sought(bugs, options):
        caught.append(found)
        where = "NOT FOUND" if found.seed is None else f"seed {found.seed}"
        console.print(
            f"{where:>10}  {found.bug.name}: {found.violation}", markup=False, highlight=False, soft_wrap=True
        )
    found_count = sum(found.seed is not None for found in caught)
    console.print(f"{found_count} of {len(bugs)} planted bugs caught", style="bold")
    if options.json:
        options.json.write_text(json.dumps(_as_json(bugs, caught), indent=2) + "\n", encoding="utf-8")
    return 0 if found_count == len(bugs) else 1


def _sought(bugs: Sequence[Bug], options: argparse.Namespace) -> Iterator[Caught]:
    """What becomes of each, in the order in which it is known; each is sought in a process of its own."""
    with ThreadPoolExecutor(options.jobs) as threads:
        tasks = [threads.submit(seek, bug, range(1, options.seeds + 1), options.forwards) for bug in bugs]
        yield from (task.result() for task in as_completed(tasks))


def _as_json(bugs: Sequence[Bug], caught: Sequence[Caught]) -> dict[str, Any]:
    by_name = {found.bug.name: found for found in caught}
    return {
        "planted": len(bugs),
        "caught": sum(found.seed is not None for found in caught),
        "bugs": [
            {
                "bug": bug.name,
                "file": bug.file,
                "seed": by_name[bug.name].seed,
                "law": by_name[bug.name].violation,
            }
            for bug in bugs
        ],
    }


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"in which each must be found; {SEEDS}")
    parser.add_argument("--forwards", type=int, default=20, help="of each run; 20")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="bugs sought at once; one a core"
    )
    parser.add_argument("--only", default="", help="those whose name has this in it")
    parser.add_argument("--json", type=Path, help="write what was found here, too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
