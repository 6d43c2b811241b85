"""The watch lets every honest life pass, and knows how much it has seen; what is beyond its bounds is found."""

import pytest

from core.effects import ReadMetagraph, Sleep
from core.events import Completion, Event, Started
from core.state import State
from core.step import Step
from core.types import EffectId
from effects.runner import MAILBOX_EVENTS
from tests.simulation.violation import Violation
from tests.simulation.watch.doctoring import find
from tests.simulation.watch.lives import AT_S, EVENTS, Lives


@pytest.mark.parametrize("seed", range(25))
def test_honest_lives_pass(seed: int) -> None:
    """Whatever the world does, a validator that keeps the laws is found to keep them, over all its lives."""
    lives = Lives(seed)
    lives.run()
    lives.watch.ended(lives.state)
    assert lives.watch.events > EVENTS
    assert lives.counted > 0


def test_lives_come_to_all_that_is_watched() -> None:
    """The lives that pass judge steps, send weights, and get rows on chain under limits that bind: there was something to find."""
    lives = [Lives(seed) for seed in range(12)]
    for life in lives:
        life.run()
    rows = [sent.row for life in lives for sent in life.chain.submissions if sent.row]
    assert len(rows) > 20
    assert any(value == 0 for row in rows for _, value in row)
    assert sum(life.counted for life in lives) > 100
    assert len(set().union(*(life.watch.moves for life in lives))) > 40


def test_the_mailbox_is_bounded() -> None:
    """One event more than the mailbox holds is found."""
    watch = Lives(1).watch
    watch.queued(MAILBOX_EVENTS)
    with pytest.raises(Violation, match="1025 events wait"):
        watch.queued(MAILBOX_EVENTS + 1)


def test_a_storm_of_effects_is_found() -> None:
    """A machine that begins more and more is found."""

    def storm(before: State, event: Event, taken: Step) -> Step:
        for _ in range(20):
            taken, _ = taken.do(lambda effect_id: Sleep(effect_id, 65.0, 5.0))
        return taken

    assert "nothing is begun that nobody waits for" in find(storm)


def test_events_are_counted_for_all_lives() -> None:
    """The watch knows how much it has seen."""
    lives = Lives(4)
    lives.begin()
    assert isinstance(lives.under_way[0], ReadMetagraph)
    assert lives.watch.events == 1
    assert not isinstance(Started(AT_S), Completion)
    assert lives.under_way[0].effect_id == EffectId(1)
