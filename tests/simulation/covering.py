"""Which branches of the core a few simulations take: run in a process of its own, so that the core is not loaded before it is watched.

    python -m tests.simulation.covering --seeds 1-40 --forwards 40

What the core holds for others (whom a miner lets in, what an operator may set) is not looked at. Left out, and counted apart, is what no run of
today's validator can take: the way past the last case of a `match` that mypy proves to be complete, and the rules of older logic versions,
which recorded journals are held to (`tests/episodes`).
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from coverage import Coverage

OF_OTHERS = ("core/callers.py", "core/priority.py", "core/config.py", "core/version.py")
# The line that a branch leads to, or comes from, and why no run can take it.
PAST_THE_LAST_CASE = re.compile(r"case \w+:$")
OLDER_LOGIC = re.compile(r"logic_version|not _dates_submissions\(|not follows_the_chain\(")
# No task asks for paragraphs, though a criterion may.
NOT_ASKED_FOR = re.compile(r"case Unit\.PARAGRAPHS:$")


@attrs.frozen
class Covered:
    """Branches of the core.

    Attributes:
        branches, taken: how many there are, and how many were taken.
        left_out: that no run can take.
        missed: "module: line -> line: the first of them" of each that was not; "line -> -n" is a way out.
    """

    branches: int
    taken: int
    left_out: int
    missed: tuple[str, ...]


def covered(first: int, last: int, forwards: int) -> Covered:
    """What the simulations of these seeds take."""
    command = [sys.executable, "-m", "tests.simulation.covering", "--seeds", f"{first}-{last}"]
    done = subprocess.run(
        [*command, "--forwards", str(forwards)], check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(done.stdout)
    return Covered(found["branches"], found["taken"], found["left_out"], tuple(found["missed"]))


def main(argv: Sequence[str] | None = None) -> None:
    """Print, as JSON, what the seeds take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", required=True)
    parser.add_argument("--forwards", type=int, required=True)
    options = parser.parse_args(argv)
    first, last = map(int, options.seeds.split("-"))
    with TemporaryDirectory() as folder:
        print(json.dumps(attrs.asdict(_watched(Path(folder), range(first, last + 1), options.forwards))))  # noqa: T201 - for the one that called


def _watched(folder: Path, seeds: Sequence[int], forwards: int) -> Covered:
    watching = Coverage(data_file=None, branch=True, source_pkgs=["core"], config_file=False)
    with watching.collect():
        # Only now, so that what runs while a module is loaded counts as well.
        from tests.simulation.simulation import simulate

        for seed in seeds:
            simulate(seed, forwards)
    watching.json_report(outfile=str(folder / "report.json"))
    return _summed(json.loads((folder / "report.json").read_text(encoding="utf-8"))["files"])


def _summed(files: Mapping[str, Any]) -> Covered:
    counting = {name: file for name, file in files.items() if not name.endswith(OF_OTHERS)}
    branches = sum(file["summary"]["num_branches"] for file in counting.values())
    taken = sum(file["summary"]["covered_branches"] for file in counting.values())
    missed, left_out = [], 0
    for name, file in sorted(counting.items()):
        lines = Path(name).read_text(encoding="utf-8").splitlines()
        for start, end in file["missing_branches"]:
            if _cannot_be_taken(lines, start, end):
                left_out += 1
            else:
                missed.append(f"{name}: {start} -> {end}: {lines[start - 1].strip()}")
    return Covered(branches - left_out, taken, left_out, tuple(missed))


def _cannot_be_taken(lines: Sequence[str], start: int, end: int) -> bool:
    came_from, leads_to = lines[start - 1].strip(), lines[abs(end) - 1].strip()
    is_past = PAST_THE_LAST_CASE.match(leads_to) is not None and "assert_never(" in lines[end]
    is_not_asked_for = any(NOT_ASKED_FOR.match(line) for line in (came_from, leads_to))
    return is_past or is_not_asked_for or OLDER_LOGIC.search(came_from) is not None


if __name__ == "__main__":
    main()
