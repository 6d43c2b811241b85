"""What is reckoned from the epochs of a run, on runs made by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.incentives.observing import NeuronSeen
from adapters.localnet.incentives.reckoning import ranks_of
from core.types import Block, Hotkey
from tests.adapters.localnet.incentives.runs import CAST, EARNING, FOUR, epoch, figures_of, hotkeys_of


def test_unpaid_epochs_count_for_no_mean() -> None:
    """An epoch in which no miner earned must lower no mean, and be in the number of epochs."""
    figures = figures_of(*FOUR)
    assert (figures.epochs, figures.paid_epochs) == (4, 3)
    assert figures.behaviours["good"].incentive == pytest.approx(0.5)


def test_dividends_are_relative_to_the_honest() -> None:
    """Two honest with equal dividends per stake are 1 each; a copier with as much per stake is 1 as well."""
    stakes = [validator.stake_rao for validator in CAST.validators]
    assert stakes[2] * 4 == pytest.approx(stakes[0], rel=1e-6)
    figures = figures_of(epoch(1, incentive=EARNING, dividends=(0.3, 0.3, 0.075, 0.15)))
    found = [validator.dividends_per_stake for validator in figures.validators]
    assert found == pytest.approx([1.0, 1.0, 1.0, 2.0], rel=1e-6)


def test_the_mean_of_the_honest_is_one() -> None:
    """Whatever the honest earn, their dividends per stake must have the mean 1."""
    figures = figures_of(epoch(1, incentive=EARNING, dividends=(0.6, 0.2, 0.1, 0.1)))
    honest = [validator.dividends_per_stake for validator in figures.validators[:2]]
    assert honest == pytest.approx([1.5, 0.5])


def test_without_honest_dividends_there_is_no_comparison() -> None:
    """Where the honest earned nothing there is nothing to be relative to."""
    figures = figures_of(epoch(1, incentive=EARNING, dividends=(0.0, 0.0, 1.0, 0.0)))
    assert all(validator.dividends_per_stake is None for validator in figures.validators)


def test_phases_are_told_apart() -> None:
    """Each stretch of epochs with commit-reveal alike is a phase, with the figures of its own epochs, and of their later half."""
    copier = figures_of(*FOUR).validators[2]
    off, on = copier.phases
    assert (off.commit_reveal, off.first_epoch, off.last_epoch) == (False, 1, 2)
    assert (on.commit_reveal, on.first_epoch, on.last_epoch) == (True, 3, 4)
    assert off.dividends_per_stake == pytest.approx(0.15 * 4 / 0.4, rel=1e-6)
    assert on.dividends_per_stake == pytest.approx(0.45 * 4 / 0.7, rel=1e-6)
    assert on.settled_dividends_per_stake == pytest.approx(4.0, rel=1e-6)


def test_landed_weights_are_counted() -> None:
    """Weights count as landed where the last update is not before the previous epoch; none at all count for nothing."""
    epochs = (
        epoch(1, incentive=EARNING, last_update=0),
        epoch(2, incentive=EARNING, last_update=10),
        epoch(3, incentive=EARNING, last_update=12),
        epoch(4, incentive=EARNING, last_update=39),
    )
    figures = figures_of(*epochs)
    assert figures.validators[0].weights_landed == 2
    assert figures.series.landed["validator"] == (False, True, False, True)


def test_ranks_are_places() -> None:
    """The best earning kind has the first place, those without anything share the mean of the last ones."""
    behaviours = figures_of(*FOUR).behaviours
    assert list(behaviours)[:3] == ["good", "fair", "poor"]
    assert [behaviours[kind].rank for kind in ("good", "fair", "poor")] == [1, 2, 3]
    assert behaviours["silent"].rank == pytest.approx(7)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.3]), max_size=12))
def test_ranks_share_all_places(incentives: list[float]) -> None:
    """Whatever was earned, places sum to those that there are, and who earned more stands before."""
    neurons = [
        NeuronSeen(uid, Hotkey(str(uid)), 0.0, share, 0.0, 0.0, 0.0, Block(0))
        for uid, share in enumerate(incentives)
    ]
    ranks = ranks_of(neurons)
    assert sum(ranks.values()) == pytest.approx(len(neurons) * (len(neurons) + 1) / 2)
    for one in neurons:
        for other in neurons:
            if one.incentive > other.incentive:
                assert ranks[one.hotkey] < ranks[other.hotkey]


def test_shares_of_emission_add_up() -> None:
    """What all kinds of miners and all validators earned must be all that was paid."""
    figures = figures_of(*FOUR[1:])
    miners = sum(row.earned_tao for row in figures.behaviours.values())
    validators = sum(validator.earned_tao for validator in figures.validators)
    shares = sum(row.share_of_emission for row in figures.behaviours.values())
    assert shares == pytest.approx(miners / (miners + validators))
    assert sum(row.incentive_total for row in figures.behaviours.values()) == pytest.approx(1.0)


def test_a_sybil_is_all_its_hotkeys() -> None:
    """What its later hotkeys earn must count as the sybil's, beside a steady miner of its behaviour."""
    later = Hotkey("another")
    (first,) = hotkeys_of(CAST, "poor (sybil)")
    epochs = (
        epoch(1, incentive=EARNING),
        epoch(2, incentive=EARNING, without=[first], newcomers=[(later, 0.01)]),
    )
    figures = figures_of(*epochs, later=[later])
    (sybil,) = figures.sybils
    assert sybil.hotkeys == 2
    assert sybil.earned_tao == pytest.approx((0.04 + 0.01) * 5)
    assert sybil.relative == pytest.approx(0.05 / 0.2)
    assert figures.behaviours["poor (sybil)"].miners == 2
    assert figures.behaviours["poor (sybil)"].pruned == 1


def test_an_accomplice_is_compared_with_its_like() -> None:
    """An accomplice's earnings must stand beside those of a steady miner that answers as it does."""
    (accomplice,) = figures_of(*FOUR[1:]).accomplices
    assert accomplice.relative == pytest.approx(0.6)


def test_series_have_a_value_an_epoch() -> None:
    """Each series must have as many values as there were epochs."""
    series = figures_of(*FOUR).series
    assert series.block == (10, 20, 30, 40)
    assert series.commit_reveal == (False, False, True, True)
    for kind in (
        series.incentive,
        series.dividends,
        series.dividends_per_stake,
        series.vtrust,
        series.landed,
    ):
        assert {len(values) for values in kind.values()} == {4}
    assert series.dividends_per_stake["validator"][1] == pytest.approx(1.0)
