"""Which branches of the core a few simulations take: run in a process of its own, so that the core is not loaded before it is watched.

    python -m tests.simulation.covering --seeds 1-40 --forwards 40

What the core holds for others (whom a miner lets in, what an operator may set) is not looked at.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from coverage import Coverage

LEFT_OUT = ("core/callers.py", "core/priority.py", "core/config.py", "core/version.py")


@attrs.frozen
class Covered:
    """Branches of the core.

    Attributes:
        branches, taken: how many there are, and how many were taken.
        missed: "module: line -> line" of each that was not; "line -> -n" is a way out.
    """

    branches: int
    taken: int
    missed: tuple[str, ...]


def covered(first: int, last: int, forwards: int) -> Covered:
    """What the simulations of these seeds take."""
    command = [sys.executable, "-m", "tests.simulation.covering", "--seeds", f"{first}-{last}"]
    done = subprocess.run(
        [*command, "--forwards", str(forwards)], check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(done.stdout)
    return Covered(found["branches"], found["taken"], tuple(found["missed"]))


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
    counting = {name: file for name, file in files.items() if not name.endswith(LEFT_OUT)}
    branches = sum(file["summary"]["num_branches"] for file in counting.values())
    taken = sum(file["summary"]["covered_branches"] for file in counting.values())
    missed = [
        f"{name}: {start} -> {end}"
        for name, file in sorted(counting.items())
        for start, end in file["missing_branches"]
    ]
    return Covered(branches, taken, tuple(missed))


if __name__ == "__main__":
    main()
