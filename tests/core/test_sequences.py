"""Sequences of events chosen by Hypothesis: the laws hold after each, and the journal always leads to where the machine is."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from core.machine import TRANSITIONS
from tests.core.sequences import Sequences

# The same sequences each time, some fifteen thousand events in all.
BOUNDED = settings(
    max_examples=200,
    stateful_step_count=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.timeout(180)
def test_the_laws_hold_and_the_journal_leads_to_the_state() -> None:
    """Whatever happens, in whatever order; and every phase of the table is left on the way, so that none is missed."""
    left: set[type] = set()

    class Watched(Sequences):
        def teardown(self) -> None:
            super().teardown()
            left.update(phase for phase, _, _ in self.machine.moves)

    run_state_machine_as_test(Watched, settings=BOUNDED)
    assert left == {phase for phase, _ in TRANSITIONS}
