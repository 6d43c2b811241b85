"""The simulation itself: it repeats, it finds, it makes small."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from tests.simulation.__main__ import main
from tests.simulation.planted.bugs import Bug, read_bugs
from tests.simulation.planted.planting import ROOT, seek
from tests.simulation.simulation import Run, simulate

FORWARDS = 12


def fingerprint(run: Run) -> str:
    """All that happened, in one line."""
    told = (
        run.seconds,
        run.events,
        run.lives,
        run.forwards,
        [(strike.kind.name, strike.number) for strike in run.strikes],
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_one_seed_is_one_run(seed: int) -> None:
    """The same seed twice: the same faults at the same moments, the same events, the same end."""
    assert simulate(seed, FORWARDS) == simulate(seed, FORWARDS)


def test_the_faults_of_a_run_alone_are_the_run() -> None:
    """Repeated with just the faults that happened, everything happens again."""
    run = simulate(7, FORWARDS)
    assert run.strikes
    assert simulate(7, FORWARDS, run.strikes) == run


def test_without_its_faults_a_run_is_quiet() -> None:
    """Nothing goes wrong that was not allowed to."""
    run = simulate(7, FORWARDS, only=())
    assert (run.violation, run.strikes) == (None, ())
    assert run.forwards >= FORWARDS


def test_hash_randomisation_changes_nothing() -> None:
    """An interpreter that orders its sets otherwise lives the same lives."""
    here = fingerprint(simulate(9, FORWARDS))
    command = f"from tests.simulation.test_simulation import *; print(fingerprint(simulate(9, {FORWARDS})))"
    for hash_seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        there = subprocess.run(
            [sys.executable, "-c", command],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here


def test_a_report_for_programs(tmp_path: Path) -> None:
    """The figures that are asked for stand in the JSON."""
    assert (
        main(
            [
                "--seeds",
                "1-2",
                "--forwards",
                "3",
                "--jobs",
                "1",
                "--no-branches",
                "--json",
                str(tmp_path / "j"),
            ]
        )
        == 0
    )
    found = json.loads((tmp_path / "j").read_text(encoding="utf-8"))
    assert (found["seeds"], found["violations"]) == (2, 0)
    assert found["forwards"] >= 6
    assert {"faults", "transitions_covered", "seconds"} <= found.keys()


@pytest.mark.parametrize("words", ["5", "5-3", "a-b", "1-"])
def test_a_range_that_is_none_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the form that it must have, and exit code 2."""
    with pytest.raises(SystemExit) as left:
        main(["--seeds", words])
    assert left.value.code == 2
    assert "give the first and the last, as in 1-100" in capsys.readouterr().err


@pytest.mark.parametrize("bug", read_bugs(), ids=lambda bug: bug.name)
def test_every_bug_can_be_planted(bug: Bug) -> None:
    """Its right text is in the program, once, and the wrong one is still Python."""
    source = (ROOT / bug.file).read_text(encoding="utf-8")
    compile(bug.planted(source), bug.file, "exec")
    assert bug.planted(source) != source


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "name", ["a tie goes to the higher uid", "effects are begun before their event is durable"]
)
def test_a_planted_bug_is_found(name: str) -> None:
    """One in the core and one in the runner, each within a few seeds; all of them, `python -m tests.simulation.planted` seeks."""
    (bug,) = (bug for bug in read_bugs() if bug.name == name)
    found = seek(bug, range(1, 11), FORWARDS)
    assert found.seed is not None
    assert found.violation


def test_a_bug_whose_place_is_gone_is_said() -> None:
    """A change of the program must not make a planted bug vanish silently."""
    bug = attrs.evolve(read_bugs()[0], right="what nobody wrote")
    with pytest.raises(ValueError, match="its right text is 0 times in"):
        bug.planted((ROOT / bug.file).read_text(encoding="utf-8"))
