"""Found: what is performed or completed twice, too early, by another process, or with another content."""

import pytest

from core.effects import Effect, QueryMiners, ReadMetagraph, ScoreCompletions, SetWeights, Sleep
from core.events import Started
from core.machine import step
from core.types import Prompting
from tests.simulation.violation import Violation
from tests.simulation.watch.lives import AT_S, Lives
from tests.simulation.watch.performing import call_of


def test_nothing_is_performed_before_it_is_durable() -> None:
    """A call that no durable effect asks for is found, whatever it holds."""
    lives = Lives(1)
    lives.watch.begins(lives.state)
    with pytest.raises(Violation, match="metagraph is performed, but no durable effect"):
        lives.watch.performs(("metagraph",))


@pytest.mark.parametrize("kind", [ReadMetagraph, QueryMiners, ScoreCompletions, SetWeights, Sleep])
def test_an_effect_is_performed_once(kind: type[Effect]) -> None:
    """The second call of one effect is found, and so is one of another content."""
    lives = Lives(3, await_epoch=False, max_forwards=0, disable_set_weights=False)
    call = call_of(lives.awaited(kind))
    with pytest.raises(Violation, match="no durable effect is left"):
        lives.watch.performs(call)


def test_another_content_is_another_effect() -> None:
    """Miners that are prompted with another text than was decided on are found."""
    name, targets, synapse, timeout_s = call_of(Lives(3).awaited(QueryMiners))
    lives = Lives(3)
    lives.awaited(QueryMiners)
    other = Prompting(synapse.roles, (f"{synapse.messages[0]} Please.",))
    with pytest.raises(Violation, match="query of uids"):
        lives.watch.performs((name, targets, other, timeout_s))


def test_an_effect_ends_with_its_process() -> None:
    """What a dead process had been about to do is done by nobody."""
    lives = Lives(3)
    call = call_of(lives.awaited(QueryMiners))
    lives.watch.died()
    with pytest.raises(Violation, match="no durable effect is left"):
        lives.watch.performs(call)


def test_an_effect_completes_once() -> None:
    """The completion that comes a second time is found, though the machine would drop it."""
    lives = Lives(3)
    effect = lives.awaited(QueryMiners)
    event = lives._world.completion(effect, AT_S)
    lives.take(event)
    with pytest.raises(Violation, match="not under way in this life"):
        lives.take(event)


def test_what_was_not_performed_cannot_complete() -> None:
    """A completion of an effect that no port was called for is found."""
    lives = Lives(3)
    lives.watch.begins(lives.state)
    started = Started(AT_S)
    taken = step(lives.state, started)
    lives.watch.durable([(lives.state, started, taken)])
    event = lives._world.completion(taken.effects[0], AT_S)
    with pytest.raises(Violation, match="never performed"):
        lives.watch.durable([(taken.state, event, step(taken.state, event))])
