"""The journal's benchmark runs on a small day. Nothing is timed here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIGURES = {
    "verify, all of it",
    "verify, peak memory",
    "restart after a clean end",
    "restart after a clean end: events folded",
    "restart after a clean end: imports, not counted",
    "restart after a kill",
    "restart after a kill: events folded",
    "restart after a kill: imports, not counted",
    "append of a step, median",
    "append of a step, p99",
    "append of a step: rows without disk",
    "append of a step: share with a snapshot",
    "two plain commits, median",
    "two plain commits, p99",
    "append of a step / two plain commits",
    "file per forward",
    "file per day of 1000 forwards",
    "events, JSON / compressed",
    "core.machine.step per event",
    "effects.decision.decided per event",
    "decided / step",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("bench")
    size = ["--forwards", "2", "--miners", "5", "--uids", "20", "--runs", "1"]
    places = ["--keep", str(folder / "day"), "--json", str(folder / "report.json")]
    command = [sys.executable, "-m", "tests.bench.journal", *size, *places]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.timeout(120)
def test_every_figure_is_told(report: dict[str, Any]) -> None:
    """The report names the machine, and every figure, those with a target beside it."""
    assert {"processor", "cores", "python", "sqlite", "day", "miners"} <= set(report["header"])
    assert {figure["name"] for figure in report["figures"]} == FIGURES
    assert sum(figure["target"] is not None for figure in report["figures"]) == 5


@pytest.mark.timeout(120)
def test_the_day_verifies(report: dict[str, Any]) -> None:
    """What was made is a journal whose every decision is decided alike again."""
    events = report["contents"]["events"]
    assert report["verification"]["output"].startswith(f"{events} events replayed")


@pytest.mark.timeout(120)
def test_a_kill_leaves_events_to_fold_and_a_clean_end_none(report: dict[str, Any]) -> None:
    """Both kinds of start are what they are called."""
    assert report["restart"]["clean"]["after_snapshot"] == 0
    assert report["restart"]["killed"]["after_snapshot"] > 0
