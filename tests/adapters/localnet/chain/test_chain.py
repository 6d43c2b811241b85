"""The chain as a state machine: blocks, nonces, epochs, registration, history."""

import attrs
import pytest

from adapters.localnet.chain import Genesis, LocalChain, storage
from adapters.localnet.chain.calls import SetMechanismWeights
from adapters.localnet.chain.pool import POOL_LIMIT, Extrinsic, PoolError
from adapters.localnet.chain.store import HistoryError
from core.types import Block
from tests.adapters.localnet.chain.world import (
    MINER,
    OTHER_MINER,
    SECOND_VALIDATOR,
    VALIDATOR,
    genesis,
    hotkey,
    neuron,
)

WEIGHTS = SetMechanismWeights(1, 0, (MINER, OTHER_MINER), (3, 1), 0)
TAO = 10**9


def extrinsic(nonce: int = 0, uid: int = VALIDATOR, dies_at: int | None = None) -> Extrinsic:
    last = None if dies_at is None else Block(dies_at)
    return Extrinsic(b"", f"{uid}-{nonce}", hotkey(uid), nonce, WEIGHTS, last)


def produce(chain: LocalChain, blocks: int) -> None:
    for _ in range(blocks):
        chain.produce_block()


def test_permits_are_in_force_from_the_first_block() -> None:
    """Who has stake may set weights at once, before any epoch."""
    chain = LocalChain(genesis())

    assert chain.at().hyper(storage.VALIDATOR_PERMIT) == (True, True, False, False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"neurons": (neuron("n0"), neuron("n0"))}, "stands twice"),
        ({"neurons": (neuron("n0"), neuron("n1")), "max_uids": 1}, "max_uids"),
        ({"neurons": (neuron("n0"),), "owner_hotkey": neuron("n1").hotkey}, "owner_hotkey"),
        ({"reveal_period_epochs": 0}, "reveal_period_epochs"),
        ({"netuid": 0}, "netuid"),
        ({"tempo": 0}, "tempo"),
        ({"block_time_s": 0.0}, "block_time_s"),
    ],
)
def test_a_genesis_that_cannot_be_is_refused(change: dict[str, object], reason: str) -> None:
    """A contradictory genesis names what is wrong with it."""
    with pytest.raises(ValueError, match=reason):
        Genesis(**change)  # type: ignore[arg-type]  # from the table


def test_nonces_run_in_order_and_early_ones_wait() -> None:
    """An extrinsic runs when its nonce is next; later ones stay until then, spent ones are refused."""
    chain = LocalChain(genesis(weights_rate_limit_blocks=0))
    chain.submit(extrinsic(nonce=1))

    assert chain.next_nonce(hotkey(VALIDATOR)) == 0
    assert chain.produce_block().extrinsics == ()
    chain.submit(extrinsic(nonce=0))
    assert chain.next_nonce(hotkey(VALIDATOR)) == 2
    assert [each.nonce for each in chain.produce_block().extrinsics] == [0, 1]
    with pytest.raises(PoolError, match="outdated"):
        chain.submit(extrinsic(nonce=0))


def test_the_pool_takes_one_extrinsic_for_a_nonce_and_has_an_end() -> None:
    """Repeats, rivals of the same nonce and what exceeds the limit are refused with a node's codes."""
    chain = LocalChain(genesis())
    chain.submit(extrinsic())

    def code(refused: Extrinsic) -> int:
        with pytest.raises(PoolError) as caught:
            chain.submit(refused)
        return caught.value.code

    assert code(extrinsic()) == 1013
    assert code(attrs.evolve(extrinsic(), hash="another")) == 1014
    for nonce in range(1, POOL_LIMIT):
        chain.submit(extrinsic(nonce))
    assert code(extrinsic(POOL_LIMIT)) == 1016


def test_an_extrinsic_dies_with_its_era() -> None:
    """What was not included in time is dropped, and refused when sent again."""
    chain = LocalChain(genesis())
    chain.submit(extrinsic(nonce=1, dies_at=2))

    assert chain.produce_block().dropped == ()
    assert chain.produce_block().dropped == ("0-1",)
    with pytest.raises(PoolError, match="outdated"):
        chain.submit(extrinsic(nonce=1, dies_at=2))


def test_what_the_block_makes_invalid_is_dropped_unrun() -> None:
    """Two weight sets of one hotkey in one block: the second breaks the rate limit and never runs."""
    chain = LocalChain(genesis())
    chain.submit(extrinsic(nonce=0))
    chain.submit(extrinsic(nonce=1))

    built = chain.produce_block()

    assert [each.nonce for each in built.extrinsics] == [0]
    assert built.dropped == ("0-1",)
    assert chain.next_nonce(hotkey(VALIDATOR)) == 1


def test_epochs_fire_every_tempo_and_pay_all_that_was_emitted() -> None:
    """At each tempo the blocks since the last epoch are paid out, half to miners and half to validators."""
    chain = LocalChain(genesis(tempo=5))
    chain.submit(extrinsic())
    before = [chain.at().stake_rao(hotkey(uid)) for uid in range(4)]
    produce(chain, 5)

    state = chain.at()
    gained = [state.stake_rao(hotkey(uid)) - before[uid] for uid in range(4)]
    assert state.hyper(storage.LAST_EPOCH_BLOCK) == 5
    assert state.hyper(storage.SUBNET_EPOCH_INDEX) == 1
    assert gained[MINER] == pytest.approx(5 * TAO / 2 * 3 / 4, rel=1e-4)
    assert gained[OTHER_MINER] == pytest.approx(5 * TAO / 2 / 4, rel=1e-4)
    assert gained[VALIDATOR] == pytest.approx(5 * TAO / 2, rel=1e-4)
    assert 5 * TAO - 8 <= sum(gained) <= 5 * TAO

    produce(chain, 5)
    assert chain.at().hyper(storage.LAST_EPOCH_BLOCK) == 10
    assert chain.at().hyper(storage.BLOCKS_SINCE_LAST_STEP) == 0


def test_the_past_reads_as_it_was() -> None:
    """State at an old block does not know what came later, and history has an end."""
    chain = LocalChain(genesis(history_blocks=3, emission_per_block_rao=0))
    produce(chain, 1)
    chain.submit(extrinsic())
    produce(chain, 1)

    assert chain.at(Block(1)).hyper(storage.LAST_UPDATE) == (0, 0, 0, 0)
    assert chain.at(Block(2)).hyper(storage.LAST_UPDATE) == (2, 0, 0, 0)
    produce(chain, 3)
    assert chain.block(Block(1)) is None
    assert chain.block(Block(2)) is not None
    for missing in (1, 6):
        with pytest.raises(HistoryError):
            chain.at(Block(missing))


def test_a_newcomer_gets_the_next_uid() -> None:
    """Registration takes effect with the next block, and a hotkey registers once."""
    chain = LocalChain(genesis())
    chain.register(neuron("late"))
    assert chain.at().uid_of(neuron("late").hotkey) is None

    produce(chain, 1)

    state = chain.at()
    assert state.uid_of(neuron("late").hotkey) == 4
    assert state.get(storage.BLOCK_AT_REGISTRATION, 1, 4) == 1
    assert state.hyper(storage.LAST_UPDATE) == (0, 0, 0, 0, 1)
    assert len(state.hyper(storage.EMISSION)) == len(state.hyper(storage.ACTIVE)) == 5
    with pytest.raises(ValueError, match="registered already"):
        chain.register(neuron("late"))


def test_on_a_full_subnet_the_least_paid_mature_neuron_makes_room() -> None:
    """The newcomer takes over the uid, and nothing of the old hotkey is left under it."""
    chain = LocalChain(genesis(max_uids=4, tempo=5, immunity_period_blocks=3))
    chain.submit(extrinsic())
    produce(chain, 5)
    chain.register(neuron("late"))
    produce(chain, 1)

    state = chain.at()
    assert state.uid_of(neuron("late").hotkey) == SECOND_VALIDATOR
    assert state.uid_of(hotkey(SECOND_VALIDATOR)) is None
    assert state.hyper(storage.EMISSION)[SECOND_VALIDATOR] == 0
    assert not state.hyper(storage.VALIDATOR_PERMIT)[SECOND_VALIDATOR]

    chain.register(neuron("later"))
    produce(chain, 1)
    assert chain.at().uid_of(neuron("later").hotkey) == OTHER_MINER


def test_listeners_hear_of_blocks_until_they_leave() -> None:
    """Each block is told once to who listens."""
    chain = LocalChain(genesis())
    heard: list[int] = []
    leave = chain.on_block(lambda built: heard.append(built.number))
    produce(chain, 2)
    leave()
    produce(chain, 1)

    assert heard == [1, 2]
