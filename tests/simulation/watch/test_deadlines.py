"""Found: an effect or a forward that takes longer than it may, whether it ends at last or not."""

import attrs
import pytest

from core.effects import ReadMetagraph
from core.events import Event
from core.state import State
from core.step import Step
from tests.simulation.violation import Violation
from tests.simulation.watch.deadlines import Deadlines, forward_s
from tests.simulation.watch.doctoring import find
from tests.simulation.watch.lives import Lives


@pytest.mark.parametrize("held_s", [0.0, 30.0, 200.0])
def test_an_effect_ends_within_its_time(held_s: float) -> None:
    """A completion that comes too late is found; not so where that much was held up, told just after."""
    lives = Lives(3)
    effect = lives.awaited(ReadMetagraph)
    lives.now_s += effect.timeout_s + 100
    lives.complete(effect)
    lives.watch.held_up(held_s)
    if held_s < 100:
        with pytest.raises(Violation, match=r"ReadMetagraph \d+ was not over .* after its deadline"):
            lives._block()
    else:
        lives._block()


def test_an_effect_that_never_ends_is_found() -> None:
    """Not only late completions are found: also those that do not come."""
    lives = Lives(3)
    effect = lives.awaited(ReadMetagraph)
    lives.now_s += effect.timeout_s + 2
    lives._block()
    with pytest.raises(Violation, match="was not over"):
        lives._block()


def test_a_forward_ends_by_its_deadline() -> None:
    """A forward that goes on for longer than all its parts may take is found, whether it ends at last or not."""
    now_s = [0.0]
    most_s = forward_s(Lives(1, num_followup_steps=4).config)
    for ends in (True, False):
        deadlines = Deadlines(lambda: now_s[0])
        deadlines.forward_begins(Lives(1).state.next_forward, most_s)
        now_s[0] += most_s + 0.5
        if ends:
            deadlines.forward_ends(Lives(1).state.next_forward)
        deadlines.look()
        with pytest.raises(Violation, match=r"forward 0 was not over 0\.5 s after"):
            deadlines.judge()
    assert most_s > 9 * 305


def test_no_effect_is_granted_more_time() -> None:
    """An effect that may take longer than is stated is found."""

    def patient(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(attrs.evolve(effect, timeout_s=effect.timeout_s + 1) for effect in taken.effects)
        return attrs.evolve(taken, effects=effects)

    assert "is the most" in find(patient)
