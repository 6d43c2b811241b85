"""A few kills, so that the harness itself keeps working; `python -m tests.crash` is for many."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cmd.program import ROOT

KILLS = 3


@pytest.mark.timeout(150)
def test_a_killed_validator_goes_on_with_nothing_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    """Killed three times, then stopped: every count of what went wrong is 0, and it says so."""
    target = tmp_path / "report.json"
    command = [sys.executable, "-m", "tests.crash", "--kills", str(KILLS), "--json", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["kills"] == KILLS
    assert (found["lost"], found["doubled"], found["double_submissions"]) == (0, 0, 0)
    assert found["problems"] == []
    assert found["counts"]["forwards_complete"] > 0
