"""Registration by extrinsic, and who makes room for it on a full subnet."""

from typing import Any

import attrs
import pytest

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import BurnedRegister, DispatchError, NeuronRegistered
from core.types import Hotkey, Uid
from tests.adapters.localnet.chain.sending import events, outcome, produce, send, weights
from tests.adapters.localnet.chain.world import (
    MINER,
    OTHER_MINER,
    SECOND_VALIDATOR,
    VALIDATOR,
    genesis,
    hotkey,
    key,
    neuron,
)

LATE = neuron("late")
REGISTER = BurnedRegister(1, LATE.hotkey)


def test_a_coldkey_registers_a_hotkey() -> None:
    """The hotkey has the next uid with the block, and belongs to the coldkey that signed."""
    chain = LocalChain(genesis())

    assert outcome(chain, LATE.coldkey, REGISTER) is None
    state = chain.at()
    assert (state.uid_of(LATE.hotkey), state.get(storage.OWNER, LATE.hotkey)) == (4, LATE.coldkey)
    assert NeuronRegistered(1, 4, LATE.hotkey) in events(chain)
    assert state.get(storage.ACCOUNT, LATE.coldkey).nonce == 1


# Each step breaks one rule more than the step after it, in the order in which the chain must name them.
BROKEN = (
    (DispatchError.REGISTRATION_NOT_PERMITTED_ON_ROOT_SUBNET, {"netuid": 0}),
    (DispatchError.SUBNET_NOT_EXISTS, {"netuid": 2}),
    (DispatchError.SUBNET_REGISTRATION_DISABLED, {"registration_allowed": False}),
    (DispatchError.HOTKEY_ALREADY_REGISTERED_IN_SUBNET, {"hotkey": hotkey(MINER)}),
    (DispatchError.NOT_ENOUGH_BALANCE_TO_STAKE, {"burn_rao": 1}),
)


@pytest.mark.parametrize("first", range(len(BROKEN)))
def test_of_several_broken_rules_of_a_registration_the_chains_first_is_named(first: int) -> None:
    """With a rule and all later ones broken, the earliest gives the error."""
    changes: dict[str, Any] = {}
    for _, change in reversed(BROKEN[first:]):
        changes |= change
    of_call = {name: changes.pop(name) for name in ("netuid", "hotkey") if name in changes}

    call = attrs.evolve(REGISTER, **of_call)
    assert outcome(LocalChain(genesis(**changes)), LATE.coldkey, call) == BROKEN[first][0]


def test_a_hotkey_stays_with_its_coldkey() -> None:
    """Who was replaced may come back by the coldkey that owns it, and by no other."""
    chain = LocalChain(genesis())
    stranger = Hotkey(key("stranger").ss58_address)
    chain.replace(Uid(MINER), LATE)
    produce(chain, 1)
    again = BurnedRegister(1, hotkey(MINER))

    assert outcome(chain, stranger, again) == DispatchError.NON_ASSOCIATED_COLDKEY
    assert outcome(chain, neuron("n2").coldkey, again) is None
    assert chain.at().uid_of(hotkey(MINER)) == 4


def test_who_comes_back_has_the_stake_that_it_left_with() -> None:
    """Stake is the hotkey's, registered or not."""
    chain = LocalChain(genesis())
    chain.replace(Uid(SECOND_VALIDATOR), LATE)
    produce(chain, 1)
    assert outcome(chain, neuron("n1").coldkey, BurnedRegister(1, hotkey(SECOND_VALIDATOR))) is None

    assert chain.at().stake_rao(hotkey(SECOND_VALIDATOR)) == 1_000 * 10**9


def pruned(chain: LocalChain) -> int | None:
    """The uid that the next registration gets; None where the chain names its error for none."""
    refused = outcome(chain, LATE.coldkey, REGISTER)
    assert refused in (None, DispatchError.NO_NEURON_ID_AVAILABLE)
    return chain.at().uid_of(LATE.hotkey)


def full_chain(blocks: int, **changes: Any) -> LocalChain:
    """Four uids of which the first three earn, and blocks enough for an epoch."""
    chain = LocalChain(genesis(max_uids=4, tempo=5, **changes))
    send(chain, hotkey(VALIDATOR), weights(((MINER, 1),)))
    send(chain, hotkey(SECOND_VALIDATOR), weights(((MINER, 1),)))
    produce(chain, blocks)
    return chain


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"immunity_period_blocks": 3}, OTHER_MINER),  # earns nothing
        ({"immunity_period_blocks": 100}, OTHER_MINER),  # all immune, earns nothing
        (
            {"immunity_period_blocks": 3, "min_non_immune_uids": 4},
            None,
        ),  # too few would be left, and none is immune
        ({"immunity_period_blocks": 100, "min_non_immune_uids": 4}, OTHER_MINER),  # an immune one goes
        (
            {"immunity_period_blocks": 3, "owner_hotkey": hotkey(OTHER_MINER)},
            SECOND_VALIDATOR,
        ),  # the owner stays
    ],
)
def test_the_least_paid_makes_room(changes: dict[str, Any], expected: int | None) -> None:
    """Lowest emission goes; the owner never, immune ones only where too few others are left."""
    assert pruned(full_chain(5, **changes)) == expected


def test_of_equals_the_earliest_goes_then_the_lower_uid() -> None:
    """Ties of emission go to the earlier registration, and then to the lower uid."""
    chain = LocalChain(genesis(max_uids=4, immunity_period_blocks=2))
    chain.replace(Uid(0), neuron("a"))
    produce(chain, 1)
    chain.replace(Uid(2), neuron("b"))
    produce(chain, 3)

    assert pruned(chain) == 1


def test_the_immune_wait_for_the_others() -> None:
    """A newcomer that earns nothing outlives an older neuron that earns."""
    chain = full_chain(3, immunity_period_blocks=5)
    chain.replace(Uid(OTHER_MINER), neuron("young"))
    produce(chain, 3)

    assert pruned(chain) == SECOND_VALIDATOR


def test_a_newcomer_that_gets_no_uid_changes_nothing() -> None:
    """Where nobody can go, a registration from outside is left out as well."""
    chain = full_chain(5, immunity_period_blocks=3, min_non_immune_uids=4)
    before = chain.at().hotkeys()
    chain.register(LATE)
    produce(chain, 1)

    assert chain.at().hotkeys() == before
