"""What is measured in processes of its own: the verification of a journal, and starts over it."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from shutil import rmtree
from typing import Any

import attrs

from adapters.journal.header import Header, encode_header
from tests.bench.day import copy_journal

ROOT = Path(__file__).parents[2]


@attrs.frozen
class Verification:
    """What `cmd.replay verify` said and took, interpreter and imports included."""

    seconds: float
    cpu_s: float
    peak_mib: float
    output: str


@attrs.frozen
class Restart:
    """A start's medians.

    Attributes:
        opening_s: until every row is checked.
        recovering_s: until the state is there.
        after_snapshot: events that are folded.
    """

    imports_s: float
    opening_s: float
    recovering_s: float
    after_snapshot: int

    @property
    def seconds(self) -> float:
        return self.opening_s + self.recovering_s


def verification(journal: Path) -> Verification:
    """Verify a journal; ends the program where its decisions differ."""
    told = _told("tests.bench.child", sys.executable, "-m", "cmd.replay", "verify", str(journal))
    if told["code"] != 0:
        sys.exit(f"the journal does not verify:\n{told['output']}")
    return Verification(told["seconds"], told["cpu_s"], told["peak_mib"], told["output"])


def restart(journal: Path, header: Header, folder: Path, runs: int) -> Restart:
    """Starts over copies of a journal: a start may tidy up what a kill left."""
    told = [_restarted(journal, header, folder / f"start-{run}") for run in range(runs)]

    def median(name: str) -> float:
        return statistics.median(float(each[name]) for each in told)

    return Restart(
        median("imports_s"), median("opening_s"), median("recovering_s"), told[0]["after_snapshot"]
    )


def _restarted(journal: Path, header: Header, folder: Path) -> dict[str, Any]:
    copy = folder / journal.name
    copy_journal(journal, copy)
    told = _told("tests.bench.restart", str(copy), encode_header(header))
    rmtree(folder)
    return told


def _told(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    told: dict[str, Any] = json.loads(done.stdout)
    return told
