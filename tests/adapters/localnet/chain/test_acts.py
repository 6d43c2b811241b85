"""What happens to the chain without an extrinsic: hyperparameters, replacements, epochs out of turn, new runtimes."""

import attrs
import pytest

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.pool import PoolError
from adapters.localnet.chain.storage import Item
from core.types import Block, Uid
from tests.adapters.localnet.chain.sending import (
    extrinsic,
    outcome,
    produce,
    produce_to,
    send,
    stored,
    weights,
)
from tests.adapters.localnet.chain.world import (
    MINER,
    OTHER_MINER,
    SECOND_VALIDATOR,
    VALIDATOR,
    genesis,
    hotkey,
    neuron,
)

ROW = ((MINER, 3), (OTHER_MINER, 1))


def test_time_is_the_callers_and_never_runs_backwards() -> None:
    """A block tells the time it is given, that of the block before if earlier, one block time more if none."""
    chain = LocalChain(genesis(block_time_s=2.0, started_ms=1_000))
    told = []
    for now_ms in (None, 10_000, 4_000, None):
        chain.produce_block(now_ms)
        told.append(chain.at().get(storage.NOW))

    assert told == [3_000, 10_000, 10_000, 12_000]


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (storage.TEMPO, 3),
        (storage.COMMIT_REVEAL_WEIGHTS_ENABLED, True),
        (storage.ALPHA_VALUES, (1, 2)),
        (storage.ALPHA_SIGMOID_STEEPNESS, -5),
        (storage.STAKE_THRESHOLD, 1 << 40),
        (storage.MAX_ALLOWED_UIDS, 4),
    ],
)
def test_a_hyperparameter_changes_with_the_next_block(item: Item[object], value: object) -> None:
    """The head keeps what it had, the next block reads the new value."""
    chain = LocalChain(genesis())
    before = chain.at().subnet(item)
    chain.set_hyperparameter(item, value)
    assert chain.at().subnet(item) == before != value

    produce(chain, 1)

    assert chain.at().subnet(item) == value
    assert chain.at(Block(0)).subnet(item) == before


@pytest.mark.parametrize(
    ("item", "value", "reason"),
    [
        (storage.LAST_UPDATE, (1,), "no hyperparameter"),
        (storage.SUBNET_EPOCH_CONSENSUS, "Null", "no hyperparameter"),
        (storage.TEMPO, 65_536, "no value"),
        (storage.TEMPO, -1, "no value"),
        (storage.TEMPO, True, "no value"),
        (storage.TEMPO, "9", "no value"),
        (storage.COMMIT_REVEAL_WEIGHTS_ENABLED, 1, "no value"),
        (storage.ALPHA_VALUES, (1,), "no value"),
        (storage.ALPHA_VALUES, (1, 65_536), "no value"),
        (storage.ALPHA_SIGMOID_STEEPNESS, 32_768, "no value"),
        (storage.MAX_ALLOWED_UIDS, 3, "4 uids are taken"),
    ],
)
def test_what_is_no_hyperparameter_is_refused(item: Item[object], value: object, reason: str) -> None:
    """Neither other state, nor values that the chain could not hold, nor a limit below what is there."""
    chain = LocalChain(genesis())

    with pytest.raises(ValueError, match=reason):
        chain.set_hyperparameter(item, value)


def test_every_hyperparameter_is_declared() -> None:
    """What can be set can be read by clients, too."""
    assert set(storage.HYPERPARAMETERS) <= set(storage.ITEMS)


def test_a_tempo_of_zero_stops_epochs() -> None:
    """As on the public chain; the emission of the time without is paid when they go on."""
    chain = LocalChain(genesis(tempo=3))
    send(chain, hotkey(VALIDATOR), weights(ROW))
    chain.set_hyperparameter(storage.TEMPO, 0)
    produce(chain, 10)
    assert chain.at().hyper(storage.SUBNET_EPOCH_INDEX) == 0

    chain.set_hyperparameter(storage.TEMPO, 5)
    produce(chain, 2)

    paid = chain.at().hyper(storage.EMISSION)
    assert chain.at().hyper(storage.LAST_EPOCH_BLOCK) == 12
    assert sum(paid) == pytest.approx(12 * 10**9, rel=1e-6)


def test_an_epoch_is_triggered_once_and_moves_the_schedule() -> None:
    """The triggered epoch fires at its block, and the next one a tempo after that."""
    chain = LocalChain(genesis(tempo=10))
    chain.trigger_epoch(Block(4))
    with pytest.raises(ValueError, match="triggered already"):
        chain.trigger_epoch(Block(3))
    produce_to(chain, 3)
    assert chain.at().hyper(storage.PENDING_EPOCH_AT) == 4
    with pytest.raises(ValueError, match="triggered already"):
        chain.trigger_epoch(Block(9))

    fired = []
    for _ in range(13):
        produce(chain, 1)
        if chain.at().hyper(storage.LAST_EPOCH_BLOCK) == chain.head:
            fired.append(chain.head)

    assert fired == [4, 14]
    assert chain.at().hyper(storage.PENDING_EPOCH_AT) == 0


def test_a_trigger_that_cannot_be_is_refused() -> None:
    """Not for a block that comes too soon, and not while commit-reveal counts on the schedule."""
    with pytest.raises(ValueError, match="too early"):
        LocalChain(genesis()).trigger_epoch(Block(1))
    with pytest.raises(ValueError, match="commit-reveal"):
        LocalChain(genesis(commit_reveal=True)).trigger_epoch(Block(9))


def test_a_replaced_uid_starts_anew() -> None:
    """Another hotkey holds the uid from the next block on: no permit, no bonds, no weights by it or for it."""
    chain = LocalChain(genesis(tempo=3))
    send(chain, hotkey(VALIDATOR), weights(ROW))
    send(chain, hotkey(SECOND_VALIDATOR), weights(ROW))
    produce(chain, 3)
    stake = chain.at().stake_rao(hotkey(SECOND_VALIDATOR))
    chain.replace(Uid(SECOND_VALIDATOR), neuron("one"))
    chain.replace(Uid(MINER), neuron("two"))
    produce(chain, 1)

    state = chain.at()
    assert state.hotkeys() == (hotkey(0), neuron("one").hotkey, neuron("two").hotkey, hotkey(3))
    assert state.hyper(storage.VALIDATOR_PERMIT) == (True, False, False, False)
    assert (stored(chain, SECOND_VALIDATOR), stored(chain, VALIDATOR)) == (
        (),
        ((MINER, 0), (OTHER_MINER, 21_845)),
    )
    assert state.get(storage.BONDS, 1, SECOND_VALIDATOR) == ()
    assert state.hyper(storage.EMISSION)[MINER] == state.hyper(storage.INCENTIVE)[MINER] == 0
    assert state.hyper(storage.LAST_UPDATE)[MINER] == state.get(storage.BLOCK_AT_REGISTRATION, 1, MINER) == 4
    assert state.stake_rao(hotkey(SECOND_VALIDATOR)) == stake
    produce(chain, 2)
    assert chain.at().get(storage.BONDS, 1, VALIDATOR) == ((OTHER_MINER, 65_535),)


def test_a_replacement_that_cannot_be_is_refused() -> None:
    """Not by who is there or queued, not of a uid that is not there, and not of the owner's."""
    chain = LocalChain(genesis(owner_hotkey=hotkey(MINER)))
    chain.replace(Uid(OTHER_MINER), neuron("late"))

    for uid, newcomer, reason in (
        (3, neuron("late"), "registered already"),
        (3, neuron("n0"), "registered already"),
        (4, neuron("new"), "no uid 4"),
        (-1, neuron("new"), "no uid -1"),
        (MINER, neuron("new"), "owner"),
    ):
        with pytest.raises(ValueError, match=reason):
            chain.replace(Uid(uid), newcomer)


def test_the_owner_needs_neither_stake_nor_permit() -> None:
    """The subnet owner's hotkey validates from the first block, whatever its stake."""
    chain = LocalChain(genesis(owner_hotkey=hotkey(MINER), stake_threshold_rao=10**9, tempo=5))

    assert chain.at().hyper(storage.VALIDATOR_PERMIT) == (True, True, True, False)
    assert outcome(chain, hotkey(MINER), weights(((OTHER_MINER, 1),))) is None
    assert outcome(chain, hotkey(OTHER_MINER), weights(((MINER, 1),))) == "Custom error: 1"
    produce_to(chain, 5)
    assert chain.at().hyper(storage.VALIDATOR_PERMIT) == (True, True, True, False)


def test_bonds_follow_the_hyperparameters() -> None:
    """Yuma3 stores bonds as they are, where the classic rule scales each column up."""
    chains = [LocalChain(genesis(tempo=3, yuma3=yuma3)) for yuma3 in (False, True)]
    for chain in chains:
        send(chain, hotkey(VALIDATOR), weights(ROW))
        produce(chain, 3)

    classic, yuma3 = (chain.at().get(storage.BONDS, 1, VALIDATOR) for chain in chains)
    assert classic == ((MINER, 65_535), (OTHER_MINER, 65_535))
    assert dict(yuma3)[MINER] == pytest.approx(65_535 * 0.1 * 3 / 4, abs=2)


def test_who_is_silent_for_too_long_does_not_count() -> None:
    """Past the activity cutoff a validator is inactive, and its row pays nobody."""
    chain = LocalChain(genesis(tempo=5, activity_cutoff_factor_milli=1_000))
    send(chain, hotkey(VALIDATOR), weights(ROW))
    produce(chain, 5)
    assert chain.at().hyper(storage.ACTIVE)[VALIDATOR]
    produce(chain, 5)

    assert not chain.at().hyper(storage.ACTIVE)[VALIDATOR]
    assert chain.at().hyper(storage.INCENTIVE) == (0, 0, 0, 0)


def test_a_new_runtime_counts_up_and_keeps_the_old_one_in_the_past() -> None:
    """Each block knows the version it was built by."""
    chain = LocalChain(genesis())
    produce(chain, 1)
    chain.upgrade_runtime()
    produce(chain, 1)

    assert [chain.at(Block(block)).spec_version() for block in range(3)] == [1, 1, 2]


def test_what_was_signed_for_the_old_runtime_is_refused() -> None:
    """In the pool it is dropped with the upgrade, afterwards it is a bad signature; what is bound to none passes."""
    chain = LocalChain(genesis())
    waiting = attrs.evolve(extrinsic(hotkey(VALIDATOR), 0, weights(ROW)), spec_version=1)
    chain.submit(waiting)
    chain.upgrade_runtime()
    assert chain.produce_block().dropped == (waiting.hash,)

    with pytest.raises(PoolError, match="bad signature"):
        chain.submit(waiting)
    chain.submit(attrs.evolve(waiting, spec_version=2))
    assert outcome(chain, hotkey(SECOND_VALIDATOR), weights(ROW)) is None
    assert stored(chain, VALIDATOR) == ((MINER, 65_535), (OTHER_MINER, 21_845))
