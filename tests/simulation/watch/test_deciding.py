"""Found: weights that are sent too early, too late or though they are switched off, and others than the averages say."""

from collections.abc import Callable

import attrs
import pytest

from core.effects import QueryMiners, SetWeights
from core.events import BlockSeen, CompletionsScored, Event
from core.state import State
from core.step import Step
from core.types import Block
from tests.simulation.violation import Violation
from tests.simulation.watch.doctoring import find, under
from tests.simulation.watch.lives import AT_S, FAST, Doctor, Lives


@pytest.mark.parametrize(("epoch_length", "found"), [(14, "are not due"), (16, "are due, but none are sent")])
def test_the_epoch_rule_holds_to_the_block(epoch_length: int, found: str) -> None:
    """Weights one block too early are found, and so are weights one block too late."""
    assert found in find(under(epoch_length=epoch_length), seeds=60, **FAST)


def test_weights_that_are_switched_off_are_not_sent() -> None:
    """Weights in spite of `disable_set_weights` are found."""
    assert "are not due" in find(under(disable_set_weights=False), **{**FAST, "disable_set_weights": True})


def sending(change: Callable[[SetWeights], SetWeights]) -> Doctor:
    def doctored(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(change(e) if isinstance(e, SetWeights) else e for e in taken.effects)
        return attrs.evolve(taken, effects=effects)

    return doctored


def test_weights_are_what_the_averages_say() -> None:
    """Weights that are another's, another hotkey's, or of another version are found."""

    def turned(effect: SetWeights) -> SetWeights:
        uids = [uid for uid, _ in effect.weights]
        shares = [share for _, share in effect.weights]
        return attrs.evolve(effect, weights=tuple(zip(uids, (*shares[1:], shares[0]), strict=True)))

    assert "recounted" in find(sending(turned), **FAST)
    assert "are those of" in find(sending(lambda e: attrs.evolve(e, owners=e.owners[::-1])), **FAST)
    assert "version key" in find(sending(lambda e: attrs.evolve(e, version_key=2999)), **FAST)


def test_the_head_and_our_last_weights_are_the_chains() -> None:
    """A head that goes back, and an acceptance that nobody told of, are found."""

    def back(before: State, event: Event, taken: Step) -> Step:
        return taken.but(head=event.block) if isinstance(event, BlockSeen) else taken

    def guessing(_: State, event: Event, taken: Step) -> Step:
        return taken.but(accepted=taken.state.head) if isinstance(event, CompletionsScored) else taken

    lives = Lives(1, back)
    lives.awaited(QueryMiners)
    lives._block()
    lives.take(BlockSeen(AT_S, Block(50)))
    with pytest.raises(Violation, match="the head goes back from block 50 to 49"):
        lives.take(BlockSeen(AT_S, Block(49)))
    assert "our last weights are put at block" in find(guessing)
