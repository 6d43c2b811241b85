"""Epochs written down from a real chain, block by block."""

import pytest

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import BurnedRegister, Call, SetMechanismWeights
from adapters.localnet.chain.genesis import Genesis
from adapters.localnet.chain.pool import Extrinsic
from adapters.localnet.incentives.observing import EpochSeen, observe
from core.types import Hotkey
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, VALIDATOR, genesis, hotkey, key

TEMPO = 5
NEWCOMER = Hotkey(key("newcomer").ss58_address)


def small(max_uids: int = 256) -> Genesis:
    return genesis(tempo=TEMPO, weights_rate_limit_blocks=0, immunity_period_blocks=0, max_uids=max_uids)


def submit(chain: LocalChain, signer: Hotkey, call: Call) -> None:
    chain.submit(Extrinsic(b"", str(call), signer, chain.next_nonce(signer), call, None))


def epochs_of(chain: LocalChain, blocks: int) -> list[EpochSeen]:
    seen: list[EpochSeen] = []
    end = observe(chain, seen.append)
    for _ in range(blocks):
        chain.produce_block()
    end()
    return seen


def test_each_epoch_is_seen_once_at_its_block() -> None:
    """Every epoch must be told at its block, and none after the end of observing."""
    chain = LocalChain(small())
    assert [epoch.block for epoch in epochs_of(chain, 3 * TEMPO + 1)] == [TEMPO, 2 * TEMPO, 3 * TEMPO]
    told = epochs_of(chain, 0)
    chain.produce_block()
    assert told == []


def test_an_epoch_tells_what_it_paid() -> None:
    """Incentives and dividends must be shares, emission all that the blocks since the last epoch were worth, stake that before it."""
    chain = LocalChain(small())
    row = SetMechanismWeights(1, 0, (MINER, OTHER_MINER), (3, 1), 0)
    submit(chain, hotkey(VALIDATOR), row)
    (epoch,) = epochs_of(chain, TEMPO)
    assert epoch.paid
    assert [neuron.incentive for neuron in epoch.neurons] == pytest.approx([0, 0, 0.75, 0.25], abs=1e-4)
    assert [neuron.dividends for neuron in epoch.neurons] == pytest.approx([1, 0, 0, 0], abs=1e-4)
    assert epoch.neurons[VALIDATOR].vtrust == pytest.approx(1, abs=1e-4)
    assert [neuron.stake_tao for neuron in epoch.neurons] == [3_000, 1_000, 0, 0]
    assert sum(neuron.emission_tao for neuron in epoch.neurons) == pytest.approx(TEMPO, rel=1e-6)
    assert epoch.neurons[VALIDATOR].last_update == 1


def test_without_weights_nobody_is_paid() -> None:
    """An epoch before any weights must count as unpaid."""
    (epoch,) = epochs_of(LocalChain(small()), TEMPO)
    assert not epoch.paid


def test_commit_reveal_is_told() -> None:
    """What the subnet's owner turns on must be told from the next epoch on."""
    chain = LocalChain(small())
    (before,) = epochs_of(chain, TEMPO)
    chain.set_hyperparameter(storage.COMMIT_REVEAL_WEIGHTS_ENABLED, True)
    (after,) = epochs_of(chain, TEMPO)
    assert (before.commit_reveal, after.commit_reveal) == (False, True)


def test_who_is_replaced_in_the_block_of_an_epoch_is_left_out() -> None:
    """A block pays before it registers: what the epoch paid must not be told of the newcomer."""
    chain = LocalChain(small(max_uids=4))
    for _ in range(TEMPO - 1):
        chain.produce_block()
    submit(chain, Hotkey(key("cold").ss58_address), BurnedRegister(1, NEWCOMER))
    (epoch,) = epochs_of(chain, 1)
    uid = chain.at().uid_of(NEWCOMER)
    assert uid is not None
    assert uid not in {neuron.uid for neuron in epoch.neurons}
    assert len(epoch.neurons) == 3
