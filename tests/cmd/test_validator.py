"""The main job, for real: chain node, 27 HTTP miners, models, weights through the SDK, an epoch that pays. One run, looked at from all
sides; it takes the better part of a minute.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from adapters.journal.opening import reading
from core.version import LOGIC_VERSION
from tests.cmd.program import Ran, processes_of, python

pytestmark = pytest.mark.timeout(240)

MODELS = {
    f"reward.{name}_model"
    for name in ("dpo", "reciprocate", "relevance_bert", "relevance_mpnet", "diversity", "nsfw")
}

FORWARDS = 12
HONEST = ("good", "fair", "poor")
KEYS = {
    "forwards": {"id", "ended", "steps"},
    "weights": {"block", "uids", "weights", "accepted", "error"},
    "miners": {"uid", "hotkey", "behaviour", "score", "incentive"},
}
STEP_KEYS = {"index", "task_type", "uids", "statuses", "rewards", "best_uid"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def ran(home: Path) -> Ran:
    flags = ["--neuron.max_forwards", str(FORWARDS), "--logging.logging_dir", str(home / "runs")]
    return python(
        "-m", "cmd.validator", *flags, "--summary", str(home / "summary.json"), home=home, timeout_s=200
    )


@pytest.fixture(scope="module")
def summary(ran: Ran, home: Path) -> Mapping[str, Any]:
    assert ran.code == 0, ran.err[-3000:]
    loaded: Mapping[str, Any] = json.loads((home / "summary.json").read_text())
    return loaded


def test_ends_well_and_leaves_nothing_behind(ran: Ran, home: Path) -> None:
    """Exit code 0, no traceback, no process left, and a table of what came of it."""
    assert ran.code == 0, ran.err[-3000:]
    assert "Traceback" not in ran.err
    assert processes_of(home) == []
    assert "Miners by behaviour" in ran.out


def test_the_summary_has_the_promised_shape(summary: Mapping[str, Any]) -> None:
    """Every key that the documentation names is there, and nothing else inside the lists."""
    for name, keys in KEYS.items():
        assert summary[name]
        assert all(set(item) == keys for item in summary[name])
    assert all(set(step) == STEP_KEYS for forward in summary["forwards"] for step in forward["steps"])
    assert summary["duration_s"] > 0
    assert summary["dropped_completions"] == 0


def test_no_uid_is_prompted_twice_in_a_forward(summary: Mapping[str, Any]) -> None:
    """Within each forward the uids of all steps are disjoint, and a complete forward has nine steps."""
    assert len(summary["forwards"]) == FORWARDS
    for forward in summary["forwards"]:
        uids = [uid for step in forward["steps"] for uid in step["uids"]]
        assert len(uids) == len(set(uids))
        if forward["ended"] == "complete":
            assert [step["index"] for step in forward["steps"]] == list(range(9))
    assert sum(forward["ended"] == "complete" for forward in summary["forwards"]) >= 3


def test_weights_are_sets_of_shares_that_the_chain_took(summary: Mapping[str, Any]) -> None:
    """Every weight vector sums to 1 and was accepted."""
    for weights in summary["weights"]:
        assert weights["accepted"], weights["error"]
        assert math.isclose(sum(weights["weights"]), 1, abs_tol=1e-9)
        assert len(weights["uids"]) == len(set(weights["uids"])) == len(weights["weights"])


@pytest.mark.parametrize("measure", ["score", "incentive"])
def test_each_honest_quality_stands_above_every_bad_behaviour(
    summary: Mapping[str, Any], measure: str
) -> None:
    """By mean score, and by the incentives that the chain paid."""
    by_behaviour: dict[str, list[float]] = {}
    for miner in summary["miners"]:
        if miner["behaviour"]:
            by_behaviour.setdefault(miner["behaviour"], []).append(miner[measure])
    assert len(by_behaviour) == 15
    means = {behaviour: fmean(values) for behaviour, values in by_behaviour.items()}
    lowest_honest = min(means[quality] for quality in HONEST)
    highest_bad = max(mean for behaviour, mean in means.items() if behaviour not in HONEST)
    assert lowest_honest > highest_bad, means
    assert math.isclose(sum(miner["incentive"] for miner in summary["miners"]), 1, abs_tol=1e-2)


def test_no_update_was_lost_or_doubled(summary: Mapping[str, Any]) -> None:
    """The averages, reckoned once more from the step events alone, are the ones that the run ended with."""
    assert summary["recount"]["step_events"] == sum(len(f["steps"]) for f in summary["forwards"])
    assert summary["recount"]["differences"] == []


def test_the_journal_of_the_run_replays_to_the_same_decisions(summary: Mapping[str, Any], home: Path) -> None:
    """`python -m cmd.replay verify` on the run's journal finds every decision equal."""
    assert summary
    (journal,) = (home / "runs").glob("embedded/*/journal.sqlite")
    ran = python("-m", "cmd.replay", "verify", str(journal), home=home)
    assert ran.code == 0, ran
    assert "every decision is equal" in ran.out
    with reading(journal) as opened:
        ((first, header),) = opened.headers()
    assert (first, header.netuid, header.config.logic_version) == (1, 1, LOGIC_VERSION)
    assert {name for name, fingerprint in header.models if fingerprint} == MODELS
