"""Yuma Consensus against the results of subtensor's own tests (pallets/subtensor/src/tests/{math,epoch}.rs)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain.fixed import ONE, U16_MAX, upscale_to_u16
from adapters.localnet.chain.yuma import (
    YumaInput,
    YumaOutcome,
    YumaParams,
    consensus,
    run_epoch,
    validator_permits,
    weighted_median,
)

RAO = 1_000_000_000
NOBODY: dict[int, int] = {}
MINERS = {4: 16_383, 5: 32_767, 6: 49_149, 7: 65_535}


def fixed(*values: float) -> tuple[int, ...]:
    return tuple(round(value * ONE) for value in values)


@pytest.mark.parametrize(
    ("stake", "scores", "expected"),
    [
        ((0.49, 0.51), (0.5, 1), 1),
        ((0.51, 0.49), (0.5, 1), 0.5),
        ((0.49, 0.01, 0.5), (0.5, 0.7, 1), 0.7),
        ((0.49, 0.51, 0), (0.5, 0.7, 1), 0.7),
        ((0.2,) * 5, (0.8, 0.2, 1, 0.6, 0.4), 0.6),
        ((0.1,) * 10, (0.8, 0.8, 0.2, 0.2, 1, 1, 0.6, 0.6, 0.4, 0.4), 0.6),
    ],
)
def test_the_weighted_median_is_the_chains(
    stake: tuple[float, ...], scores: tuple[float, ...], expected: float
) -> None:
    """The median needs a kappa share of stake behind it (`test_math_weighted_median`)."""
    assert weighted_median(fixed(*stake), fixed(*scores), *fixed(0.51)) == fixed(expected)[0]


@pytest.mark.parametrize(
    ("stake", "last_row", "kappa", "expected"),
    [
        ((0, 0.75, 0.25, 0), (0, 0.4, 0.5), 0.24, (0, 0.3, 0.4)),
        ((0, 0.75, 0.25, 0), (0, 0.4, 0.5), 0.26, (0, 0.2, 0.4)),
        ((0, 0.75, 0.25, 0), (0, 0.4, 0.5), 0.76, (0, 0.2, 0.1)),
        ((0, 0.3, 0.2, 0.5), (0, 0, 0.5), 0.51, (0, 0, 0.4)),
    ],
)
def test_consensus_takes_the_median_of_each_column(
    stake: tuple[float, ...], last_row: tuple[float, ...], kappa: float, expected: tuple[float, ...]
) -> None:
    """Columns are judged apart, rows without stake do not vote (`test_math_weighted_median_col`)."""
    rows = [(0, 0.1, 0), (0, 0.2, 0.4), (0, 0.3, 0.1), last_row]
    weights = [{uid: value for uid, value in enumerate(fixed(*row)) if value} for row in rows]

    assert consensus(fixed(*stake), weights, *fixed(kappa))[:3] == fixed(*expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), ()),
        ((0, 0), (0, 0)),
        ((0, 1e-9), (0, 65_535)),
        ((0, 0.000016, 1), (0, 1, 65_535)),
        (
            (0.000001, 0.000006, 0.000007, 0.0001, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4),
            (0, 1, 1, 16, 164, 1_638, 16_384, 32_768, 49_151, 65_535),
        ),
        ((32_768,), (65_535,)),
        ((32_769,), (65_535,)),
        ((0, 1, 65_534), (0, 1, 65_535)),
        ((0, 1, 2, 3, 4, 65_533, 65_535), (0, 1, 2, 3, 4, 65_533, 65_535)),
        ((0, 0.5, 1, 1.5, 2, 32_768), (0, 1, 2, 3, 4, 65_535)),
        ((0, 0.5, 1, 1.5, 2, 32_768, 32_769), (0, 1, 2, 3, 4, 65_533, 65_535)),
        ((0, 1, 32_768, 32_769, 2**31 - 2**-32), (0, 0, 1, 1, 65_535)),
    ],
)
def test_a_weight_row_is_scaled_to_its_largest(values: tuple[float, ...], expected: tuple[int, ...]) -> None:
    """Rounding to nearest (`test_vec_max_upscale_to_u16`, `test_vec_u16_max_upscale_to_u16`)."""
    assert upscale_to_u16(fixed(*values)) == expected


def test_validators_that_weigh_only_themselves_are_paid_by_stake() -> None:
    """Self weights give no incentive, and the emission falls back to stake (`test_10_graph`)."""
    outcome = run_epoch(
        YumaInput(
            block=2,
            emission_rao=RAO,
            stake_rao=(1,) * 10,
            weights=tuple({uid: U16_MAX} for uid in range(10)),
            bonds=(NOBODY,) * 10,
            permits=(True,) * 10,
            last_update=(1,) * 10,
            registered=(0,) * 10,
        ),
        YumaParams(),
    )

    assert outcome.emission_rao == (99_999_999,) * 10
    assert outcome.incentive == outcome.dividends == (0,) * 10


def next_epoch(rows: dict[int, dict[int, int]], before: YumaOutcome | None) -> YumaOutcome:
    """One epoch of the subnet of `test_bonds`: validators 0-3 with 1-4 rao of stake, miners 4-7."""
    return run_epoch(
        YumaInput(
            block=2,
            emission_rao=RAO,
            stake_rao=(1, 2, 3, 4, 0, 0, 0, 0),
            weights=tuple(rows.get(uid, NOBODY) for uid in range(8)),
            bonds=before.bonds if before else (NOBODY,) * 8,
            permits=(True,) * 4 + (False,) * 4,
            last_update=(1,) * 8,
            registered=(0,) * 8,
        ),
        YumaParams(max_validators=8, tempo_blocks=1),
    )


def column(outcome: YumaOutcome, uid: int) -> tuple[int, ...]:
    return tuple(row.get(uid, 0) for row in outcome.bonds[:4])


def test_bonds_and_emissions_follow_the_chain_epoch_by_epoch() -> None:
    """Seven epochs of changing weights give the bonds and emissions that subtensor's `test_bonds` records."""
    rows = dict.fromkeys(range(4), MINERS)

    first = next_epoch(rows, None)
    assert column(first, 4) == (16_383, 32_767, 49_151, 65_535)
    assert first.emission_rao == (
        49_999_998,
        99_999_999,
        150_000_000,
        200_000_001,
        49_998_779,
        100_000_610,
        149_996_337,
        200_004_272,
    )

    second = next_epoch(rows := {**rows, 0: {0: U16_MAX}}, first)
    assert column(second, 4) == (14_582, 32_767, 49_151, 65_535)
    assert second.emission_rao[:4] == (44_998_351, 101_110_561, 151_667_215, 202_223_870)

    third = next_epoch(rows := {**rows, 1: {1: U16_MAX}}, second)
    assert column(third, 4) == (12_603, 28_321, 49_151, 65_535)

    fourth = next_epoch(rows := {**rows, 2: {2: U16_MAX}}, third)
    assert column(fourth, 7) == (12_602, 28_320, 49_150, 65_535)
    assert fourth.emission_rao[:4] == (99_999_999, 199_999_999, 299_999_999, 399_999_999)

    fifth = next_epoch(rows := {**rows, 2: {7: U16_MAX}}, fourth)
    assert column(fifth, 7) == (10_951, 24_609, 49_150, 65_535)
    assert fifth.emission_rao == (36_443_733, 81_898_628, 163_565_493, 218_092_144, 0, 0, 0, 500_000_000)

    sixth = next_epoch(rows, fifth)
    assert column(sixth, 7)[:2] == (9_559, 21_482)
    assert column(next_epoch(rows, sixth), 7)[:2] == (8_376, 18_824)


def test_a_weight_that_half_the_stake_does_not_support_earns_nothing() -> None:
    """One validator below half of the stake cannot pay a miner alone."""
    outcome = next_epoch({0: {4: U16_MAX}}, None)

    assert outcome.incentive == (0,) * 8
    assert outcome.emission_rao[4] == 0


def test_weights_older_than_a_registration_do_not_reach_the_newcomer() -> None:
    """A uid that changed hands after the weights were set gets nothing from them."""
    subnet = YumaInput(
        block=10,
        emission_rao=RAO,
        stake_rao=(1, 0, 0),
        weights=({1: U16_MAX, 2: U16_MAX}, NOBODY, NOBODY),
        bonds=(NOBODY,) * 3,
        permits=(True, False, False),
        last_update=(5, 0, 0),
        registered=(0, 0, 5),
    )

    assert run_epoch(subnet, YumaParams()).incentive == (0, U16_MAX, 0)


def test_a_silent_validator_stops_counting() -> None:
    """Beyond the activity cutoff a validator's weights pay nobody."""
    subnet = YumaInput(
        block=102,
        emission_rao=RAO,
        stake_rao=(1, 0),
        weights=({1: U16_MAX}, NOBODY),
        bonds=(NOBODY,) * 2,
        permits=(True, False),
        last_update=(1, 0),
        registered=(0, 0),
    )

    late = run_epoch(subnet, YumaParams(activity_cutoff_blocks=100))
    in_time = run_epoch(subnet, YumaParams(activity_cutoff_blocks=101))

    assert (late.active[0], late.incentive[1]) == (False, 0)
    assert (in_time.active[0], in_time.incentive[1]) == (True, U16_MAX)


def test_permits_go_to_the_largest_stakes() -> None:
    """Stake decides, the higher uid wins a tie, and nobody without stake gets one."""
    assert validator_permits((3, 5, 3, 0), 2) == (False, True, True, False)
    assert validator_permits((0, 0, 7), 2) == (False, False, True)


def test_a_partial_bonds_penalty_lies_between_the_given_and_the_clipped_weights() -> None:
    """Bonds of a validator that overrates a miner shrink as the penalty grows."""
    rows = ({2: U16_MAX}, {3: U16_MAX}, NOBODY, NOBODY)
    subnet = YumaInput(
        block=2,
        emission_rao=RAO,
        stake_rao=(6, 4, 0, 0),
        weights=(rows[0], {2: 30_000, 3: U16_MAX - 30_000}, NOBODY, NOBODY),
        bonds=(NOBODY,) * 4,
        permits=(True, True, False, False),
        last_update=(1,) * 4,
        registered=(0,) * 4,
    )

    shares = [run_epoch(subnet, YumaParams(bonds_penalty=p)).dividends[0] for p in (0, 32_768, U16_MAX)]

    assert shares == sorted(shares)


@given(
    stake=st.lists(st.integers(0, 10**15), min_size=6, max_size=6),
    weights=st.lists(st.dictionaries(st.integers(0, 5), st.integers(0, U16_MAX)), min_size=6, max_size=6),
    emission_rao=st.integers(0, 10**13),
)
def test_an_epoch_never_pays_more_than_it_has(
    stake: list[int], weights: list[dict[int, int]], emission_rao: int
) -> None:
    """Whatever the weights, shares are fractions and the payments together stay within the emission."""
    outcome = run_epoch(
        YumaInput(
            block=9,
            emission_rao=emission_rao,
            stake_rao=tuple(stake),
            weights=tuple(weights),
            bonds=tuple(weights),
            permits=(True,) * 6,
            last_update=(3,) * 6,
            registered=(0, 1, 2, 3, 4, 0),
        ),
        YumaParams(),
    )

    assert sum(outcome.server_rao) + sum(outcome.validator_rao) <= emission_rao
    assert sum(outcome.emission_rao) <= emission_rao
    assert all(0 <= share <= U16_MAX for share in outcome.incentive + outcome.dividends + outcome.consensus)
