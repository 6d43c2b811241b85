"""Commit-reveal: sealed rows come to light an epoch later, and only then count."""

from typing import Any

import attrs
import pytest

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.calls import (
    CommitTimelockedMechanismWeights,
    DispatchError,
    TimelockedWeightsCommitted,
    TimelockedWeightsNotRevealed,
    TimelockedWeightsRevealed,
    WeightsSet,
)
from adapters.timelock import STAND_IN_VERSION
from core.types import Hotkey, Uid
from tests.adapters.localnet.chain.sending import (
    commit,
    events,
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
    key,
    neuron,
)

ROW = ((MINER, 3), (OTHER_MINER, 1))
UPSCALED = ((MINER, 65_535), (OTHER_MINER, 21_845))
STRANGER = Hotkey(key("stranger").ss58_address)
GOOD = commit(ROW, VALIDATOR)
FAR_ROUND = 1 << 40


def sealing_chain(**changes: Any) -> LocalChain:
    """A chain with commit-reveal on and an epoch every five blocks, without emission."""
    changes = {"commit_reveal": True, "tempo": 5, "weights_rate_limit_blocks": 0} | changes
    return LocalChain(genesis(emission_per_block_rao=0, **changes))


def pending(chain: LocalChain, epoch: int) -> tuple[storage.Commit, ...]:
    return chain.at().get(storage.TIMELOCKED_WEIGHT_COMMITS, 1, epoch)


@pytest.mark.parametrize("period", [1, 2, 3])
def test_a_row_comes_to_light_in_its_epoch_and_not_before(period: int) -> None:
    """A commit of epoch 0 is set in the very block whose epoch is the reveal period's, and is gone from the map."""
    chain = sealing_chain(reveal_period_epochs=period)
    assert outcome(chain, hotkey(VALIDATOR), GOOD) is None
    assert pending(chain, 0) == ((hotkey(VALIDATOR), 1, GOOD.commit, 1_000),)

    produce_to(chain, 5 * period - 1)
    assert stored(chain, VALIDATOR) == ()
    produce(chain, 1)

    assert stored(chain, VALIDATOR) == UPSCALED
    assert pending(chain, 0) == ()
    assert events(chain) == [WeightsSet(1, VALIDATOR), TimelockedWeightsRevealed(1, hotkey(VALIDATOR))]


def test_the_epoch_that_reveals_a_row_pays_by_it() -> None:
    """The row is opened before Yuma Consensus runs."""
    chain = LocalChain(genesis(commit_reveal=True, tempo=5))
    send(chain, hotkey(VALIDATOR), GOOD)
    produce_to(chain, 5)

    assert chain.at().hyper(storage.INCENTIVE) == (0, 0, 49_151, 16_383)


def test_a_commit_counts_as_the_update() -> None:
    """LastUpdate and the rate limit are the commit's; revealing changes neither."""
    chain = sealing_chain(weights_rate_limit_blocks=4)
    produce(chain, 1)
    assert outcome(chain, hotkey(VALIDATOR), GOOD) is None
    assert chain.at().hyper(storage.LAST_UPDATE)[VALIDATOR] == 2
    assert outcome(chain, hotkey(VALIDATOR), GOOD) == DispatchError.COMMITTING_WEIGHTS_TOO_FAST

    produce_to(chain, 5)
    assert stored(chain, VALIDATOR) == UPSCALED
    assert chain.at().hyper(storage.LAST_UPDATE)[VALIDATOR] == 2
    assert outcome(chain, hotkey(VALIDATOR), GOOD) is None


def test_the_event_of_a_commit_tells_its_hash_and_round() -> None:
    """The commit is told of with blake2b-256 of its bytes, and not with what it holds."""
    chain = sealing_chain()
    send(chain, hotkey(VALIDATOR), GOOD)
    produce(chain, 1)

    told = events(chain)[0]
    assert isinstance(told, TimelockedWeightsCommitted)
    assert (told.hotkey, told.netuid_index, told.reveal_round) == (hotkey(VALIDATOR), 1, 1_000)
    assert len(told.commit_hash) == 32


def test_of_several_commits_the_last_one_stands() -> None:
    """Commits of one epoch are opened in their order."""
    chain = sealing_chain()
    send(chain, hotkey(VALIDATOR), GOOD)
    send(chain, hotkey(VALIDATOR), commit(((OTHER_MINER, 1),), VALIDATOR))
    produce_to(chain, 5)

    assert stored(chain, VALIDATOR) == ((OTHER_MINER, 65_535),)


def test_a_commit_in_the_block_of_an_epoch_belongs_to_the_next() -> None:
    """Extrinsics come after the epoch of their block."""
    chain = sealing_chain()
    produce_to(chain, 4)
    send(chain, hotkey(VALIDATOR), GOOD)
    produce(chain, 1)
    assert len(pending(chain, 1)) == 1

    produce_to(chain, 9)
    assert stored(chain, VALIDATOR) == ()
    produce_to(chain, 10)
    assert stored(chain, VALIDATOR) == UPSCALED


def test_a_commit_for_drand_expires_and_says_so() -> None:
    """It waits through its reveal epoch as on the public chain, and is then given up."""
    chain = sealing_chain()
    sealed = CommitTimelockedMechanismWeights(1, 0, b"\x8f" * 300, FAR_ROUND, 4)
    assert outcome(chain, hotkey(VALIDATOR), sealed) is None

    produce_to(chain, 9)
    assert len(pending(chain, 0)) == 1
    produce(chain, 1)

    (told,) = events(chain)
    assert isinstance(told, TimelockedWeightsNotRevealed)
    assert (told.hotkey, pending(chain, 0), stored(chain, VALIDATOR)) == (hotkey(VALIDATOR), (), ())


@pytest.mark.parametrize(
    ("sealed", "reason"),
    [
        (commit(ROW, SECOND_VALIDATOR), "another hotkey"),
        (commit(((MINER, 1), (77, 1)), VALIDATOR, version_key=7), "UidVecContainInvalidOne"),
        (commit(ROW, VALIDATOR, version_key=6), "IncorrectWeightVersionKey"),
    ],
)
def test_a_row_that_breaks_a_rule_is_not_set(sealed: CommitTimelockedMechanismWeights, reason: str) -> None:
    """The committer must be the one inside, and the row must keep the rules of its reveal; else it is told why not."""
    chain = sealing_chain(weights_version_key=7)
    assert outcome(chain, hotkey(VALIDATOR), sealed) is None
    produce_to(chain, 5)

    (told,) = events(chain)
    assert isinstance(told, TimelockedWeightsNotRevealed)
    assert reason in told.reason
    assert (pending(chain, 0), stored(chain, VALIDATOR)) == ((), ())


def test_a_committer_who_was_replaced_sets_nothing() -> None:
    """A commit belongs to its hotkey, not to the uid."""
    chain = sealing_chain()
    send(chain, hotkey(VALIDATOR), GOOD)
    produce(chain, 1)
    chain.replace(Uid(VALIDATOR), neuron("late"))
    produce_to(chain, 5)

    assert stored(chain, VALIDATOR) == ()
    assert events(chain) == [
        TimelockedWeightsNotRevealed(1, hotkey(VALIDATOR), DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET)
    ]


# Each step breaks one rule more than the step after it, in the order in which the chain must name them.
BROKEN = (
    (DispatchError.COMMIT_PAYLOAD_TOO_LARGE, {"commit": bytes(5_001)}),
    (DispatchError.MECHANISM_DOES_NOT_EXIST, {"mecid": 1}),
    (DispatchError.INCORRECT_COMMIT_REVEAL_VERSION, {"commit_reveal_version": 3}),
)


@pytest.mark.parametrize("first", range(len(BROKEN)))
def test_of_several_broken_rules_of_a_commit_the_chains_first_is_named(first: int) -> None:
    """With a rule and all later ones broken, down to registration, the earliest gives the error."""
    changes: dict[str, Any] = {}
    for _, change in reversed(BROKEN[first:]):
        changes |= change

    bad = attrs.evolve(GOOD, **changes)
    assert outcome(sealing_chain(), STRANGER, bad) == BROKEN[first][0]


def test_strangers_and_switched_off_chains_are_told_so() -> None:
    """Commit-reveal is asked before the version, registration after it."""
    old = attrs.evolve(GOOD, commit_reveal_version=3)

    assert outcome(sealing_chain(), STRANGER, GOOD) == DispatchError.HOTKEY_NOT_REGISTERED_IN_SUBNET
    assert outcome(LocalChain(genesis()), hotkey(VALIDATOR), old) == DispatchError.COMMIT_REVEAL_DISABLED


def test_a_hotkey_commits_ten_times_an_epoch_at_most() -> None:
    """The eleventh is refused, another hotkey's is not, and the next epoch takes ten again."""
    chain = sealing_chain()
    for _ in range(10):
        send(chain, hotkey(VALIDATOR), GOOD)
    produce(chain, 1)

    assert outcome(chain, hotkey(VALIDATOR), GOOD) == DispatchError.TOO_MANY_UNREVEALED_COMMITS
    assert outcome(chain, hotkey(SECOND_VALIDATOR), GOOD) is None
    produce_to(chain, 5)
    assert outcome(chain, hotkey(VALIDATOR), GOOD) is None


def test_the_pool_refuses_little_stake_and_rounds_that_are_over() -> None:
    """A round of drand that lies before the chain's time is refused by code; a stand-in's round means nothing."""
    chain = sealing_chain(stake_threshold_rao=1)
    past = attrs.evolve(GOOD, commit_reveal_version=4, reveal_round=1)

    assert outcome(chain, hotkey(MINER), GOOD) == "Custom error: 1"
    assert outcome(chain, hotkey(VALIDATOR), past) == "Custom error: 15"
    assert outcome(chain, hotkey(VALIDATOR), attrs.evolve(past, reveal_round=FAR_ROUND)) is None
    assert outcome(chain, hotkey(VALIDATOR), attrs.evolve(GOOD, reveal_round=0)) is None


def test_open_weights_are_refused_while_rows_are_sealed() -> None:
    """set_mechanism_weights fails by the chain's name, before any other rule."""
    chain = sealing_chain()

    assert outcome(chain, hotkey(MINER), weights(((9, 1),))) == DispatchError.COMMIT_REVEAL_ENABLED


def test_the_chain_announces_the_stand_in() -> None:
    """A client can know before it seals that this chain's seals hide nothing."""
    assert sealing_chain().at().get(storage.COMMIT_REVEAL_WEIGHTS_VERSION) == STAND_IN_VERSION


def test_a_miner_that_came_after_the_commit_is_not_paid_by_it() -> None:
    """A pending commit older than a uid's registration takes that uid out of its validator's row."""
    chain = LocalChain(
        genesis(commit_reveal=True, tempo=5, reveal_period_epochs=3, weights_rate_limit_blocks=0)
    )
    send(chain, hotkey(VALIDATOR), GOOD)
    produce_to(chain, 12)
    chain.replace(Uid(MINER), neuron("late"))
    send(chain, hotkey(VALIDATOR), GOOD)
    produce_to(chain, 15)

    assert stored(chain, VALIDATOR) == UPSCALED
    assert chain.at().hyper(storage.INCENTIVE)[MINER] == 0
    assert chain.at().hyper(storage.INCENTIVE)[OTHER_MINER] == 65_535


def test_commits_do_not_pile_up() -> None:
    """However long a chain runs, only those of two epochs are in the map: what was revealed or expired is gone."""
    chain = sealing_chain(history_blocks=6)
    for _ in range(30):
        send(chain, hotkey(VALIDATOR), GOOD)
        send(chain, hotkey(SECOND_VALIDATOR), CommitTimelockedMechanismWeights(1, 0, b"\x8f", FAR_ROUND, 4))
        produce(chain, 5)

    assert set(chain.at().keys(storage.TIMELOCKED_WEIGHT_COMMITS)) == {(1, 29)}
