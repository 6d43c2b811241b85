"""The policies over what the chain shows and what was asked before."""

import attrs

from adapters.miner.gate import Gate
from core.callers import NO_PERMIT, REPEATED, TOO_MANY, UNKNOWN, CallersPolicy
from core.types import Hotkey, Prompting
from tests.core.builders import OWN, metagraph

ONE, OTHER = Prompting(("user",), ("one",)), Prompting(("user",), ("other",))
MINER = Hotkey("hk1")


@attrs.define
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


def gate(policy: CallersPolicy, clock: Clock) -> tuple[Gate, list[str]]:
    refused: list[str] = []
    return Gate(policy, 4.0, refused.append, clock), refused


def test_nobody_is_let_in_before_the_metagraph_is_known() -> None:
    """And from then on whoever it shows with a permit; each refusal is told."""
    opened, refused = gate(CallersPolicy(), Clock())
    assert opened.refusal(OWN, ONE) == UNKNOWN
    opened.learn(metagraph([1, 2]))
    assert opened.refusal(OWN, ONE) is None
    assert opened.refusal(MINER, ONE) == NO_PERMIT
    assert refused == [UNKNOWN, NO_PERMIT]
    assert opened.neuron(OWN) is not None


def test_a_newer_metagraph_takes_over() -> None:
    """A validator that left the subnet is not answered any more."""
    opened, _ = gate(CallersPolicy(), Clock())
    opened.learn(metagraph([1]))
    opened.learn(metagraph([1], registered=False))
    assert opened.refusal(OWN, ONE) is not None
    assert opened.neuron(OWN) is None


def test_requests_are_counted_as_time_goes_by() -> None:
    """What is let in counts, what is refused does not."""
    clock = Clock()
    opened, _ = gate(CallersPolicy(max_requests=2, window_s=10.0), clock)
    opened.learn(metagraph([1]))
    assert [opened.refusal(OWN, ONE) for _ in range(4)] == [None, None, TOO_MANY, TOO_MANY]
    clock.now_s += 10.0
    assert opened.refusal(OWN, ONE) is None


def test_an_answered_prompt_is_remembered() -> None:
    """For as long as the policy says, and only once it was answered."""
    clock = Clock()
    opened, _ = gate(CallersPolicy(repeat_s=10.0), clock)
    opened.learn(metagraph([1]))
    assert opened.refusal(OWN, ONE) is None
    assert opened.refusal(OWN, ONE) is None
    opened.answered(ONE)
    assert opened.refusal(OWN, ONE) == REPEATED
    assert opened.refusal(OWN, OTHER) is None
    clock.now_s += 10.0
    assert opened.refusal(OWN, ONE) is None


def test_stake_and_waiting_decide_who_goes_first() -> None:
    """The largest stake is worth the patience; before anything is known, waiting alone counts."""
    opened, _ = gate(CallersPolicy(), Clock())
    assert opened.priority(OWN, 1.0) == opened.priority(MINER, 1.0)
    opened.learn(metagraph([1]))
    assert opened.priority(MINER, 4.1) > opened.priority(OWN, 0.0) > opened.priority(MINER, 3.9)
