"""Whom a miner answers: each rule, which one wins, and that what is remembered stays small."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.callers import (
    DENIED,
    NO_PERMIT,
    NOT_REGISTERED,
    REPEATED,
    STRANGERS,
    TOO_LITTLE_STAKE,
    TOO_MANY,
    UNKNOWN,
    Callers,
    CallersPolicy,
    CallersState,
    admitted,
    answered,
    callers_of,
    prompt_digest,
    refusal,
)
from core.types import Hotkey, Prompting
from tests.core.builders import OWN, metagraph

# OWN holds a permit and 10000 TAO; hk1 to hk3 are miners without either.
CALLERS = callers_of(metagraph(range(1, 4)))
MINER, STRANGER = Hotkey("hk1"), Hotkey("stranger")
OPEN = CallersPolicy(needs_registration=False, needs_permit=False)
DIGEST, OTHER = b"one", b"other"


def asked(
    policy: CallersPolicy,
    hotkey: Hotkey,
    state: CallersState | None = None,
    callers: Callers | None = CALLERS,
    now_s: float = 100.0,
) -> str | None:
    return refusal(policy, state or CallersState(), callers, hotkey, DIGEST, now_s)


@pytest.mark.parametrize(
    ("changes", "hotkey", "reason"),
    [
        ({}, OWN, None),
        ({}, MINER, NO_PERMIT),
        ({}, STRANGER, NOT_REGISTERED),
        ({"needs_permit": False}, MINER, None),
        ({"needs_permit": False}, STRANGER, NOT_REGISTERED),
        ({"needs_registration": False}, STRANGER, NO_PERMIT),
        ({"needs_registration": False, "needs_permit": False}, STRANGER, None),
        ({"min_stake_tao": 10_000.0}, OWN, None),
        ({"min_stake_tao": 10_000.1}, OWN, TOO_LITTLE_STAKE),
        ({"needs_registration": False, "needs_permit": False, "min_stake_tao": 1.0}, STRANGER, TOO_LITTLE_STAKE),
        ({"deny": frozenset({OWN})}, OWN, DENIED),
        ({"allow": frozenset({STRANGER}), "min_stake_tao": 1e9}, STRANGER, None),
        ({"allow": frozenset({OWN}), "deny": frozenset({OWN})}, OWN, DENIED),
    ],
)  # fmt: skip
def test_each_rule_refuses_with_its_own_reason(
    changes: dict[str, Any], hotkey: Hotkey, reason: str | None
) -> None:
    """Registration, permit and stake are asked as the policy says; the deny list wins over the allow list, that over all else."""
    assert asked(CallersPolicy(**changes), hotkey) == reason


def test_before_the_subnet_is_known_only_the_allow_list_is_answered() -> None:
    """Also where strangers would be: which of them are validators cannot be told."""
    assert asked(OPEN, OWN, callers=None) == UNKNOWN
    assert asked(CallersPolicy(allow=frozenset({OWN})), OWN, callers=None) is None
    assert asked(CallersPolicy(deny=frozenset({OWN})), OWN, callers=None) == DENIED


def let_in(policy: CallersPolicy, *requests: tuple[Hotkey, float]) -> CallersState:
    state = CallersState()
    for hotkey, now_s in requests:
        state = admitted(policy, state, CALLERS, hotkey, now_s)
    return state


def test_more_than_so_many_requests_in_the_window_are_refused() -> None:
    """The bound is each hotkey's own, and the window slides."""
    policy = CallersPolicy(needs_permit=False, max_requests=2, window_s=10.0)
    state = let_in(policy, (OWN, 0.0), (OWN, 5.0), (MINER, 5.0))
    assert asked(policy, OWN, state, now_s=9.9) == TOO_MANY
    assert asked(policy, MINER, state, now_s=9.9) is None
    assert asked(policy, OWN, state, now_s=10.0) is None


def test_strangers_share_one_allowance() -> None:
    """A new hotkey costs nothing, so it brings no allowance of its own; the registered are not touched by it."""
    policy = attrs.evolve(OPEN, max_requests=1)
    state = let_in(policy, (STRANGER, 0.0))
    assert asked(policy, Hotkey("another stranger"), state, now_s=1.0) == TOO_MANY
    assert asked(policy, OWN, state, now_s=1.0) is None


def test_the_allow_list_is_not_counted() -> None:
    """Nor is anything remembered of it, or of anybody where there is no bound."""
    policy = CallersPolicy(allow=frozenset({OWN}), max_requests=1)
    state = let_in(policy, (OWN, 0.0), (OWN, 0.0))
    assert state == CallersState()
    assert asked(policy, OWN, state) is None
    assert let_in(CallersPolicy(), (OWN, 0.0)) == CallersState()
    assert admitted(policy, CallersState(), None, MINER, 0.0) == CallersState()


def test_an_answered_prompt_is_not_answered_again_to_anyone() -> None:
    """For the given time, the allow list included; another prompt is."""
    policy = CallersPolicy(repeat_s=10.0, allow=frozenset({STRANGER}))
    state = answered(policy, CallersState(), DIGEST, 100.0)
    assert asked(policy, OWN, state, now_s=109.9) == REPEATED
    assert asked(policy, STRANGER, state, now_s=109.9) == REPEATED
    assert asked(policy, OWN, state, now_s=110.0) is None
    assert refusal(policy, state, CALLERS, OWN, OTHER, 101.0) is None


def test_without_that_rule_no_prompt_is_remembered() -> None:
    """And any is answered again at once."""
    state = answered(CallersPolicy(), CallersState(), DIGEST, 100.0)
    assert state == CallersState()
    assert asked(CallersPolicy(), OWN, state) is None


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([0.0, 0.5, 2.5, 5.0, 10.0])), max_size=60))
def test_what_is_remembered_of_prompts_is_bounded_and_the_newest(steps: list[tuple[int, float]]) -> None:
    """The newest four that are not too old, each with its last time, the one just answered among them."""
    policy = CallersPolicy(repeat_s=10.0, max_prompts=4)
    state, now_s = CallersState(), 0.0
    last: dict[bytes, float] = {}
    for number, pause_s in steps:
        now_s += pause_s
        state = answered(policy, state, bytes([number]), now_s)
        last.pop(bytes([number]), None)
        last[bytes([number])] = now_s
        young = [(digest, at_s) for digest, at_s in last.items() if now_s - at_s < 10.0]
        assert list(state.prompts.items()) == young[-4:]


@given(st.lists(st.tuples(st.integers(0, 8), st.floats(0, 5)), max_size=60))
def test_whoever_asks_first_is_the_only_one_who_counts(steps: list[tuple[int, float]]) -> None:
    """Only those who were not refused are let in: then nobody has more than the bound in any window, and nothing else is kept."""
    policy = attrs.evolve(OPEN, max_requests=3, window_s=10.0)
    state, now_s = CallersState(), 0.0
    let: dict[str, list[float]] = {}
    for number, pause_s in steps:
        now_s += pause_s
        hotkey = Hotkey(f"hk{number}")
        if asked(policy, hotkey, state, now_s=now_s) is None:
            state = admitted(policy, state, CALLERS, hotkey, now_s)
            let.setdefault(hotkey if hotkey in CALLERS else STRANGERS, []).append(now_s)
        for times in let.values():
            assert len([at_s for at_s in times if now_s - at_s < 10.0]) <= 3
        assert set(state.requests) <= {*CALLERS, STRANGERS}


def test_who_left_the_subnet_is_forgotten() -> None:
    """With the next request that is let in."""
    policy = attrs.evolve(OPEN, max_requests=5)
    state = let_in(policy, (MINER, 0.0), (STRANGER, 0.0))
    later = callers_of(metagraph([2]))
    state = admitted(policy, state, later, OWN, 1.0)
    assert set(state.requests) == {OWN, STRANGERS}


def test_different_prompts_have_different_digests() -> None:
    """What is said, by which role, and where a message ends; also for texts that have no UTF-8 form."""
    synapses = [
        Prompting(("user",), ("ab",)),
        Prompting(("system",), ("ab",)),
        Prompting(("user", "user"), ("a", "b")),
        Prompting(("user", "user"), ("", "ab")),
        Prompting(("user",), ("\ud800",)),
    ]
    assert len({prompt_digest(synapse) for synapse in synapses}) == len(synapses)
    assert prompt_digest(synapses[0]) == prompt_digest(Prompting(("user",), ("ab",)))
