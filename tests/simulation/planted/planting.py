"""A copy of the program with a bug in it, and the search for a seed that finds it.

Only the package that has the bug is copied, the others are the ones of this checkout.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from tests.simulation.planted.bugs import Bug

ROOT = Path(__file__).parents[3]
PACKAGES = ("core", "effects", "adapters", "tests")


@attrs.frozen
class Caught:
    """What became of a bug.

    Attributes:
        seed: the first that broke a law; None where none did.
        violation: the law.
    """

    bug: Bug
    seed: int | None
    violation: str


def seek(bug: Bug, seeds: Sequence[int], forwards: int) -> Caught:
    """Run the seeds in order with the bug planted, until one finds it."""
    with TemporaryDirectory(prefix="planted-") as folder:
        plant(bug, Path(folder))
        found = _sought(Path(folder), seeds, forwards)
    return Caught(bug, found["seed"], found["violation"])


def plant(bug: Bug, folder: Path) -> None:
    """Make the program in the folder, with the bug in it."""
    for package in PACKAGES:
        if bug.file.startswith(f"{package}/"):
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / package).symlink_to(ROOT / package)
    file = folder / bug.file
    file.write_text(bug.planted(file.read_text(encoding="utf-8")), encoding="utf-8")


def _sought(folder: Path, seeds: Sequence[int], forwards: int) -> dict[str, Any]:
    words = ("--first", seeds[0], "--last", seeds[-1], "--forwards", forwards)
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation.planted.seeking", *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return dict(json.loads(done.stdout))
