"""The rules of the two calls: the chain's names, in the chain's order."""

import ipaddress

import attrs
import pytest

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import (
    AxonServed,
    Call,
    DispatchError,
    EventRecord,
    ExtrinsicFailed,
    ExtrinsicSuccess,
    ServeAxon,
    SetMechanismWeights,
    WeightsSet,
)
from adapters.localnet.chain.pool import Extrinsic, PoolError
from core.types import Hotkey
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, VALIDATOR, genesis, hotkey, key

STRANGER = Hotkey(key("stranger").ss58_address)
GOOD = SetMechanismWeights(netuid=1, mecid=0, dests=(2, 3), weights=(65_535, 1_000), version_key=7)
AXON = ServeAxon(
    netuid=1,
    version=1,
    ip=int(ipaddress.ip_address("127.0.0.1")),
    port=8_091,
    ip_type=4,
    protocol=4,
    placeholder1=0,
    placeholder2=0,
)


def send(chain: LocalChain, signer: Hotkey, call: Call) -> None:
    nonce = chain.next_nonce(signer)
    chain.submit(Extrinsic(b"", f"{signer}-{nonce}", signer, nonce, call))


def outcome(chain: LocalChain, signer: Hotkey, call: Call) -> DispatchError | str | None:
    """Send a call and build a block: the dispatch error, the pool's reason, or None for success."""
    try:
        send(chain, signer, call)
    except PoolError as refusal:
        return refusal.data
    chain.produce_block()
    failures = [r.event.error for r in chain.at().get(storage.EVENTS) if isinstance(r.event, ExtrinsicFailed)]
    return failures[0] if failures else None


def strict_chain() -> LocalChain:
    return LocalChain(
        genesis(weights_version_key=7, min_allowed_weights=2, max_weights_limit=65_000, stake_threshold_rao=1)
    )


# Each step breaks one rule more than the step after it, in the order in which the chain must name them.
BROKEN_WEIGHTS = (
    (DispatchError.CAN_NOT_SET_ROOT_NETWORK_WEIGHTS, {"netuid": 0}),
    (DispatchError.WEIGHT_VEC_NOT_EQUAL_SIZE, {"weights": (65_535,)}),
    (DispatchError.MECHANISM_DOES_NOT_EXIST, {"mecid": 1}),
    (DispatchError.UIDS_LENGTH_EXCEED_UIDS_IN_SUBNET, {"dests": (9,) * 5, "weights": (1,) * 5}),
    (DispatchError.INCORRECT_WEIGHT_VERSION_KEY, {"version_key": 6}),
    (DispatchError.DUPLICATE_UIDS, {"dests": (9, 9), "weights": (1, 1)}),
    (DispatchError.UID_VEC_CONTAIN_INVALID_ONE, {"dests": (9,), "weights": (1,)}),
    (DispatchError.WEIGHT_VEC_LENGTH_IS_LOW, {"dests": (2,), "weights": (1,)}),
    (DispatchError.MAX_WEIGHT_EXCEEDED, {"weights": (65_535, 1)}),
)


@pytest.mark.parametrize(("error", "change"), BROKEN_WEIGHTS)
def test_weights_that_break_a_rule_fail_by_its_name(error: DispatchError, change: dict[str, object]) -> None:
    """A permitted validator's bad row is included, fails under the chain's name and changes nothing."""
    chain = strict_chain()

    assert outcome(chain, hotkey(VALIDATOR), attrs.evolve(GOOD, **change)) == error  # type: ignore[arg-type]  # table
    assert chain.at().get(storage.WEIGHTS, 1, VALIDATOR) == ()
    assert chain.at().hyper(storage.LAST_UPDATE)[VALIDATOR] == 0


@pytest.mark.parametrize("first", range(len(BROKEN_WEIGHTS)))
def test_of_several_broken_rules_the_chains_first_is_named(first: int) -> None:
    """With a rule and all later ones broken, the earliest gives the error."""
    changes: dict[str, object] = {}
    for _, change in reversed(BROKEN_WEIGHTS[first:]):
        changes |= change

    bad = attrs.evolve(GOOD, **changes)  # type: ignore[arg-type]  # from the table
    assert outcome(strict_chain(), hotkey(VALIDATOR), bad) == BROKEN_WEIGHTS[first][0]


def test_an_unregistered_or_unpermitted_signer_is_told_so() -> None:
    """Registration is asked before the version key, the permit after it."""
    chain = LocalChain(genesis(weights_version_key=7))
    old = attrs.evolve(GOOD, version_key=1)

    assert outcome(chain, STRANGER, old) == DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET
    assert outcome(chain, hotkey(MINER), old) == DispatchError.INCORRECT_WEIGHT_VERSION_KEY
    assert outcome(chain, hotkey(MINER), attrs.evolve(GOOD, dests=(9, 9))) == (
        DispatchError.NEURON_NO_VALIDATOR_PERMIT
    )


def test_good_weights_are_stored_upscaled() -> None:
    """The row is kept with its largest value at 65535, and the block of the update with it."""
    chain = LocalChain(genesis())
    assert outcome(chain, hotkey(VALIDATOR), attrs.evolve(GOOD, weights=(30, 10))) is None

    state = chain.at()
    assert state.get(storage.WEIGHTS, 1, VALIDATOR) == ((2, 65_535), (3, 21_845))
    assert state.hyper(storage.LAST_UPDATE)[VALIDATOR] == 1
    assert state.get(storage.EVENTS) == (
        EventRecord(0, WeightsSet(1, VALIDATOR)),
        EventRecord(0, ExtrinsicSuccess()),
    )


def test_a_miner_may_weigh_itself() -> None:
    """A single self weight needs neither permit nor length."""
    chain = LocalChain(genesis(min_allowed_weights=3, max_weights_limit=100))

    assert outcome(chain, hotkey(MINER), attrs.evolve(GOOD, dests=(MINER,), weights=(9,))) is None


def test_the_pool_refuses_too_little_stake_and_too_much_haste() -> None:
    """Stake threshold and rate limit are refused before inclusion, with the chain's custom codes."""
    chain = LocalChain(genesis(stake_threshold_rao=1, weights_rate_limit_blocks=10))

    assert outcome(chain, hotkey(MINER), GOOD) == "Custom error: 1"
    assert outcome(chain, hotkey(VALIDATOR), GOOD) is None
    assert outcome(chain, hotkey(VALIDATOR), GOOD) == "Custom error: 6"
    for _ in range(9):
        chain.produce_block()
    assert outcome(chain, hotkey(VALIDATOR), GOOD) is None
    assert chain.at().hyper(storage.LAST_UPDATE)[VALIDATOR] == 11


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"netuid": 2}, 3),
        ({"ip_type": 5}, 255),
        ({"ip": (1 << 32) - 1}, 11),
        ({"port": 0}, 13),
        ({"port": 0, "ip_type": 5}, 255),
    ],
)
def test_a_bad_axon_is_refused_by_code(change: dict[str, object], code: int) -> None:
    """The pool asks every rule of an axon, and answers with the chain's custom code."""
    call = attrs.evolve(AXON, **change)  # type: ignore[arg-type]  # from the table

    assert outcome(LocalChain(genesis()), hotkey(MINER), call) == f"Custom error: {code}"


def test_an_axon_is_served_and_may_not_move_too_soon() -> None:
    """A loopback address is taken, with the block of serving; strangers and early moves are refused."""
    chain = LocalChain(genesis(serving_rate_limit_blocks=3))

    assert outcome(chain, STRANGER, AXON) == "Custom error: 10"
    assert outcome(chain, hotkey(MINER), AXON) is None
    assert chain.at().get(storage.AXONS, 1, hotkey(MINER)) == storage.AxonInfo(
        block=1, version=1, ip=AXON.ip, port=8_091, ip_type=4, protocol=4
    )
    assert EventRecord(0, AxonServed(1, hotkey(MINER))) in chain.at().get(storage.EVENTS)
    assert outcome(chain, hotkey(MINER), AXON) == "Custom error: 12"
    assert outcome(chain, hotkey(OTHER_MINER), AXON) is None
    chain.produce_block()
    assert outcome(chain, hotkey(MINER), attrs.evolve(AXON, port=8_092)) is None
