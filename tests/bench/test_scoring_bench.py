"""The benchmark runs, and both of its sides agree. Nothing is timed here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.kits import MemoryKit
from tests.bench.measuring import measured
from tests.bench.scales import QUICK
from tests.bench.scoring import ROWS

MODELLED = (
    "dpo",
    "dpo short",
    "dpo half identical",
    "rlhf",
    "reciprocate",
    "dahoas",
    "prompt_based",
    "relevance with diversity",
    "nsfw",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("bench") / "report.json"
    command = [sys.executable, "-m", "tests.bench.scoring", "--quick", "--runs", "2", "--json", str(target)]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


@pytest.mark.timeout(120)
def test_every_row_is_told_with_what_it_ran_on(report: dict[str, Any]) -> None:
    """The report names the machine, every component with positive times, and the sum of the default stack."""
    assert {"processor", "cores", "threads", "torch", "dtype", "matmul_peak_gflops"} <= set(report["header"])
    assert [row["name"] for row in report["components"]] == list(ROWS)
    for row in report["components"]:
        assert min(row["reference_ms"], row["batched_ms"], row["ratio"]) > 0
    assert report["default_stack"]["reference_ms"] > 0


@pytest.mark.timeout(120)
def test_both_sides_give_the_same(report: dict[str, Any]) -> None:
    """No component's batched numbers are farther from its reference's than rounding."""
    assert {
        row["name"]: row["max_abs_diff"] for row in report["components"] if row["max_abs_diff"] >= 1e-4
    } == {}


@pytest.mark.timeout(120)
def test_tokens_are_counted(report: dict[str, Any]) -> None:
    """Where a model reads, the product reads no less than has to be read, and hardly more."""
    rows = {row["name"]: row for row in report["components"]}
    for name in MODELLED:
        row = rows[name]
        assert row["least_tokens"] <= row["tokens"] < 1.5 * row["least_tokens"]
        assert row["peak_share"] > 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", MODELLED)
def test_models_made_in_memory_agree_too(name: str) -> None:
    """The way that a GPU takes, tried here: models made on the device, without a folder, give the same on both sides."""
    assert measured(name, ROWS[name](MemoryKit(QUICK)), 1).max_abs_diff < 1e-4
