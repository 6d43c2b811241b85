"""Random walks: whatever happens in whatever order, the laws hold after every event (see `tests/core/checks.py`)."""

import functools
import os
import subprocess
import sys

import pytest

from core.machine import CONSEQUENCES, TRANSITIONS
from core.state import Stopped
from tests.core.checks import CheckedMachine
from tests.core.walk import Walk, fingerprint

SEEDS = range(120)


@functools.cache
def walked(seed: int) -> CheckedMachine:
    walk = Walk(seed)
    for _ in walk.steps():
        pass
    return walk.machine


@pytest.mark.parametrize("seed", SEEDS)
def test_the_laws_hold_after_every_event(seed: int) -> None:
    """No uid twice in a forward, one submission at most, each effect counted once, averages as the records say."""
    machine = walked(seed)
    assert machine.state.next_effect > 20
    assert machine.state.dropped_completions > 0


def test_walks_reach_every_target_of_the_table() -> None:
    """The table promises no phase that its handlers never lead to."""
    promised = {(phase, event, to) for (phase, event), row in TRANSITIONS.items() for to in row.targets}
    assert set().union(*(walked(seed).moves for seed in SEEDS)) == promised


def test_walks_reach_every_consequence() -> None:
    """What is said about the other parts is just what happens to them."""
    promised = {(phase, to) for phase, targets in CONSEQUENCES.items() for to in targets}
    assert set().union(*(walked(seed).consequences for seed in SEEDS)) == promised


def test_walks_end_by_themselves_too() -> None:
    """Among the walks are some that come to the end of their forwards, so that ending is walked through."""
    ended = [walked(seed).state.lifecycle for seed in SEEDS]
    assert Stopped("done") in ended


def test_same_events_same_decisions() -> None:
    """The machine remembers nothing outside its state: the second walk is the first, to the last effect."""
    assert fingerprint(7) == fingerprint(7)
    assert fingerprint(7) != fingerprint(8)


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_hash_randomisation_changes_nothing(hash_seed: str) -> None:
    """An interpreter that orders its sets otherwise takes the same decisions."""
    walk = subprocess.run(
        [sys.executable, "-m", "tests.core.walk", "7"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert walk.stdout.strip() == fingerprint(7)
