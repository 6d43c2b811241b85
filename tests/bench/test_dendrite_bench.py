"""The dendrite's benchmark runs on a few calls. Nothing is timed here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.types import Wire
from tests.interop.peer import PYTHON

FIGURES = {"targets", "calls_per_s", "client_cpu_ms_per_call", "p50_ms", "p95_ms", "failed"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("bench") / "report.json"
    size = ["--calls", "8", "--targets", "3", "5"]
    command = [sys.executable, "-m", "tests.bench.dendrite", *size, "--json", str(path)]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.timeout(120)
def test_every_figure_is_told(report: dict[str, Any]) -> None:
    """Both of our wires and the v10 SDK have every figure for every number of targets."""
    assert PYTHON.exists(), "make .venv-v10/installed"
    assert [(row["targets"], row["wire"]) for row in report["ours"]] == [
        (targets, wire) for targets in (3, 5) for wire in Wire
    ]
    assert [row["targets"] for row in report["v10"]] == [3, 5]
    assert all(set(row) == {*FIGURES, "wire"} for row in report["ours"])
    assert all(set(row) == FIGURES for row in report["v10"])


@pytest.mark.timeout(120)
def test_every_call_is_answered(report: dict[str, Any]) -> None:
    """The servers speak each client's wire: nothing fails, and every figure is one."""
    for row in [*report["ours"], *report["v10"]]:
        assert row["failed"] == 0
        assert row["calls_per_s"] > 0
        assert row["client_cpu_ms_per_call"] > 0
        assert row["p95_ms"] >= row["p50_ms"] > 0
