"""Single rules of Yuma Consensus: who owns the subnet, what was committed before a uid changed hands."""

import attrs

from adapters.localnet.chain.fixed import U16_MAX
from adapters.localnet.chain.yuma import YumaInput, YumaParams, run_epoch

NOBODY: dict[int, int] = {}
# One validator that weighs three miners alike; the last two came at blocks 20 and 30.
SUBNET = YumaInput(
    block=50,
    emission_rao=1_000_000_000,
    stake_rao=(10, 0, 0, 0),
    weights=({1: U16_MAX, 2: U16_MAX, 3: U16_MAX}, NOBODY, NOBODY, NOBODY),
    bonds=(NOBODY,) * 4,
    permits=(True, False, False, False),
    last_update=(45, 0, 0, 0),
    registered=(0, 0, 20, 30),
    last_step_block=40,
)


def earning(subnet: YumaInput) -> list[int]:
    incentive = run_epoch(subnet, YumaParams()).incentive
    return [uid for uid, share in enumerate(incentive) if share]


def test_weights_committed_before_a_uid_changed_hands_do_not_reach_it() -> None:
    """Who was registered after the earliest pending commit gets nothing; at its very block it does (`test_epoch_does_not_mask_outside_window_but_masks_inside`)."""
    assert earning(SUBNET) == [1, 2, 3]
    assert earning(attrs.evolve(SUBNET, commit_blocks=(None,) * 4)) == [1, 2, 3]
    assert earning(attrs.evolve(SUBNET, commit_blocks=(29, None, None, None))) == [1, 2]
    assert earning(attrs.evolve(SUBNET, commit_blocks=(30, None, None, None))) == [1, 2, 3]
    assert earning(attrs.evolve(SUBNET, commit_blocks=(10, None, None, None))) == [1]
    assert earning(attrs.evolve(SUBNET, commit_blocks=(None, 10, 10, 10))) == [1, 2, 3]


def test_weights_and_commits_must_both_be_newer() -> None:
    """An old row is old, however late the commit."""
    stale = attrs.evolve(SUBNET, last_update=(20, 0, 0, 0), commit_blocks=(45, None, None, None))

    assert earning(stale) == [1]


def test_the_owner_needs_no_permit_and_no_threshold() -> None:
    """The owner's uid votes without a permit and below the threshold, and has a permit afterwards."""
    subnet = attrs.evolve(SUBNET, permits=(False,) * 4)
    params = YumaParams(stake_threshold_rao=100, max_validators=0)

    nobody = run_epoch(subnet, params)
    owner = run_epoch(attrs.evolve(subnet, owner_uid=0), params)

    assert (nobody.permits, sum(nobody.incentive)) == ((False,) * 4, 0)
    assert owner.permits == (True, False, False, False)
    assert [uid for uid, share in enumerate(owner.incentive) if share] == [1, 2, 3]


def test_only_the_owner_may_weigh_itself() -> None:
    """The owner's weight on itself counts, another's does not."""
    subnet = attrs.evolve(SUBNET, weights=({0: U16_MAX, 1: U16_MAX}, NOBODY, NOBODY, NOBODY))

    assert earning(subnet) == [1]
    assert earning(attrs.evolve(subnet, owner_uid=0)) == [0, 1]
    assert earning(attrs.evolve(subnet, owner_uid=1)) == [1]


def test_an_owner_without_stake_holds_a_permit_but_no_bonds() -> None:
    """A permit without stake earns nothing."""
    outcome = run_epoch(attrs.evolve(SUBNET, owner_uid=3), YumaParams())

    assert outcome.permits == (True, False, False, True)
    assert outcome.dividends == (U16_MAX, 0, 0, 0)
