"""The classic epoch against the numbers of subtensor's own tests (pallets/subtensor/src/tests/epoch.rs), to the last rao.

The numbers are those that its assertions and its recorded intermediate values give; scenarios and tests are our own.
"""

import pytest

from tests.adapters.localnet.scenario.world import RAO, U16_MAX, column, outcomes, scenario

FOUR_MINERS = {"4": 16_383, "5": 32_767, "6": 49_149, "7": 65_535}
HALVES = {"2": U16_MAX, "3": U16_MAX}
TWO_THIRDS = {"2": U16_MAX, "3": 32_768}


def test_bonds_and_emissions_over_eight_epochs() -> None:
    """Validators turn to themselves one after the other, one comes back: bonds and emissions are those of `test_bonds`."""
    found = outcomes(
        scenario(
            {
                "stakes": [1, 2, 3, 4, 0, 0, 0, 0],
                "weights": {str(uid): FOUR_MINERS for uid in range(4)},
            },
            {"weights": {"0": {"0": U16_MAX}}},
            {"weights": {"1": {"1": U16_MAX}}},
            {"weights": {"2": {"2": U16_MAX}}},
            {"weights": {"2": {"7": U16_MAX}}},
            {},
            {},
            {},
            tempo=1,
            max_allowed_validators=8,
        )
    )

    miners = (49_998_779, 100_000_610, 149_996_337, 200_004_272)
    last_alone = (0, 0, 0, 500_000_000)
    assert [outcome.emission_rao for outcome in found] == [
        (49_999_998, 99_999_999, 150_000_000, 200_000_001, *miners),
        (44_998_351, 101_110_561, 151_667_215, 202_223_870, *miners),
        (40_496_805, 90_999_783, 157_929_636, 210_573_773, *miners),
        (99_999_999, 199_999_999, 299_999_999, 399_999_999, 0, 0, 0, 0),
        (36_443_733, 81_898_628, 163_565_493, 218_092_144, *last_alone),
        (32_799_427, 73_706_612, 168_638_129, 224_855_830, *last_alone),
        (29_518_068, 66_336_137, 173_203_134, 230_942_659, *last_alone),
        (26_565_175, 59_701_871, 177_311_856, 236_421_095, *last_alone),
    ]
    assert [column(outcome, 4, 4) for outcome in found[:5]] == [
        (16_383, 32_767, 49_151, U16_MAX),
        (14_582, 32_767, 49_151, U16_MAX),
        (12_603, 28_321, 49_151, U16_MAX),
        (12_602, 28_320, 49_150, U16_MAX),
        (12_601, 28_319, 49_149, U16_MAX),
    ]
    assert [column(outcome, 7, 4) for outcome in found[3:7]] == [
        (12_602, 28_320, 49_150, U16_MAX),
        (10_951, 24_609, 49_150, U16_MAX),
        (9_559, 21_482, 49_150, U16_MAX),
        (8_376, 18_824, 49_150, U16_MAX),
    ]


@pytest.mark.parametrize("uids", [1, 10])
def test_who_weighs_only_itself_is_paid_by_stake(uids: int) -> None:
    """Self weights earn nobody anything, and the emission falls back to stake (`test_1_graph`, `test_10_graph`)."""
    (found,) = outcomes(
        scenario({"stakes": [1] * uids, "weights": [{str(uid): U16_MAX} for uid in range(uids)]})
    )

    zeros = (0,) * uids
    assert found.incentive == found.dividends == found.consensus == zeros
    assert found.emission_rao == ((RAO,) if uids == 1 else (99_999_999,) * 10)


def test_a_silent_validator_lives_on_its_bonds() -> None:
    """A validator beyond the cutoff gives no weights, yet keeps what its bonds earn (`test_active_stake`)."""
    first, late, again = outcomes(
        scenario(
            {"stakes": [1] * 4, "weights": {"0": HALVES, "1": HALVES}},
            {"block": 5_002, "weights": {"0": HALVES}},
            {"block": 5_003, "last_update": [5_002, 5_002, 0, 0]},
            tempo=1,
            max_allowed_validators=4,
        )
    )

    assert (first.dividends, first.emission_rao) == ((32_767, 32_767, 0, 0), (250_000_000,) * 4)
    assert column(first, 2, 2) == column(first, 3, 2) == (U16_MAX, U16_MAX)
    assert late.active == (True, False, False, False)
    assert late.dividends == (36_044, 29_490, 0, 0)
    assert late.emission_rao == (274_999_999, 224_999_999, 250_000_000, 250_000_000)
    assert column(late, 2, 2) == column(late, 3, 2) == (U16_MAX, 53_619)
    assert again.dividends == (35_716, 29_818, 0, 0)
    assert again.emission_rao == (272_501_132, 227_498_866, 250_000_000, 250_000_000)
    assert column(again, 2, 2) == column(again, 3, 2) == (U16_MAX, 54_712)


def test_words_about_who_left_do_not_reach_who_came() -> None:
    """Weights and bonds set before a uid changed hands are not counted for it (`test_outdated_weights`)."""
    before, after = outcomes(
        scenario(
            {
                "stakes": [1] * 4,
                "weights": [TWO_THIRDS, TWO_THIRDS, {"2": U16_MAX}, {"3": U16_MAX}],
            },
            {
                "stakes": [1, 1, 1, 0],
                "weights": {"0": TWO_THIRDS},
                "registered_at": [0, 0, 0, 1],
                "permits": [True, True, True, False],
            },
            tempo=0,
            max_allowed_validators=4,
        )
    )

    assert before.emission_rao == (250_000_000, 250_000_000, 333_331_637, 166_668_361)
    assert after.emission_rao == (250_000_000, 250_000_000, 500_000_000, 0)
    assert after.dividends == (32_767, 32_767, 0, 0)
    assert after.consensus == (0, 0, 43_689, 0)
    assert after.validator_trust == (43_689, 43_689, 0, 0)


def test_emission_is_paid_even_where_no_weight_counts() -> None:
    """No weights, self weights, outdated weights: stake is paid; then weights count again (`test_zero_weights`)."""
    found = outcomes(
        scenario(
            {"block": 0, "stakes": [1, 0]},
            {"block": 1, "weights": {"1": {"1": U16_MAX}}},
            {"block": 2, "weights": {"0": {"1": U16_MAX}}, "registered_at": [0, 2]},
            {"block": 3, "weights": {"0": {"1": U16_MAX}}},
        )
    )

    assert [outcome.emission_rao for outcome in found] == [(RAO, 0)] * 3 + [(RAO // 2, RAO // 2)]


def test_bonds_in_a_uid_that_changed_hands_start_anew() -> None:
    """The stable miner's bond does not shrink, the newcomer's does not exceed the old one (`test_deregistered_miner_bonds`)."""
    weights = {"0": TWO_THIRDS, "1": TWO_THIRDS}
    before, after = outcomes(
        scenario(
            {"block": 3, "stakes": [1] * 4, "weights": weights, "last_update": [1, 1, 0, 0]},
            {"block": 5, "weights": weights, "last_update": [5, 5, 0, 0], "registered_at": [0, 0, 0, 4]},
            tempo=2,
            max_allowed_validators=4,
        )
    )

    assert before.bonds[0][2] > 0
    assert before.bonds[0][3] > 0
    assert after.bonds[0][2] >= before.bonds[0][2]
    assert after.bonds[0][3] <= before.bonds[0][3]


@pytest.mark.parametrize("is_self_weighing", [False, True])
@pytest.mark.parametrize("is_interleaved", [False, True])
def test_sixty_four_validators_of_one_mind(is_self_weighing: bool, is_interleaved: bool) -> None:
    """512 uids, 64 of them validators with equal weights on the rest, three epochs (`test_512_graph`)."""
    uids = range(512)
    validators = [uid for uid in uids if (uid % 8 == 0 if is_interleaved else uid < 64)]
    servers = [uid for uid in uids if uid not in validators]
    row = {str(uid): U16_MAX for uid in servers}
    weights = {str(uid): row for uid in validators}
    if is_self_weighing:
        weights |= {str(uid): {str(uid): U16_MAX} for uid in servers}
    stakes = [328_125_000_000_000 if uid in validators else 0 for uid in uids]

    found = outcomes(scenario({"stakes": stakes, "weights": weights}, {}, {}, max_allowed_validators=64))[-1]

    def of(values: tuple[int, ...], group: list[int]) -> set[int]:
        return {values[uid] for uid in group}

    assert of(found.consensus, servers) == of(found.incentive, servers) == {146}
    assert of(found.consensus, validators) == of(found.incentive, validators) == {0}
    assert (of(found.dividends, validators), of(found.dividends, servers)) == ({1_023}, {0})
    assert (of(found.emission_rao, validators), of(found.emission_rao, servers)) == ({7_812_500}, {1_116_071})
    assert all(found.bonds[uid] == dict.fromkeys(servers, U16_MAX) for uid in validators)
    assert not any(found.bonds[uid] for uid in servers)


@pytest.mark.parametrize(("uids", "validators"), [(2, 1), (4, 2), (8, 4)])
@pytest.mark.parametrize("is_by_uid", [False, True])
def test_permits_move_with_stake(uids: int, validators: int, is_by_uid: bool) -> None:
    """The largest stakes above the threshold have permits, and lose them to larger ones (`test_validator_permits`)."""
    first = [uid < validators for uid in range(uids)]
    stakes = [
        ((uid + uids if is_by_uid else 1) if has_permit else (uid if is_by_uid else 0))
        for uid, has_permit in enumerate(first)
    ]
    raised = [
        stake if has_permit else stake + 2 * uids for stake, has_permit in zip(stakes, first, strict=True)
    ]

    before, after = outcomes(
        scenario(
            {"stakes": stakes},
            {"stakes": raised},
            stake_threshold=validators,
            max_allowed_validators=validators,
        )
    )

    assert before.permits == tuple(
        stake >= validators and has_permit for stake, has_permit in zip(stakes, first, strict=True)
    )
    assert after.permits == tuple(not has_permit for has_permit in first)


def test_the_owner_of_the_subnet_may_weigh_itself() -> None:
    """Equal weights on itself and another earn the owner's uid as much as that one (`test_can_set_self_weight_as_subnet_owner`)."""
    half = U16_MAX // 2
    document = scenario(
        {
            "block": 2,
            "stakes": [5_000_000_000_000, 0],
            "weights": {"0": {"0": half, "1": half}},
            "last_update": [2, 0],
        },
    )

    (plain,) = outcomes(document)
    document["params"]["owner_uid"] = 0
    (owner,) = outcomes(document)

    assert plain.incentive == (0, U16_MAX)
    assert owner.incentive == (half, half)


def test_a_lone_staker_without_weights_takes_all() -> None:
    """What nobody earned goes to stake (`test_epoch_outputs_single_staker_registered_no_weights`)."""
    (found,) = outcomes(scenario({"block": 0, "stakes": [1]}))

    assert found.emission_rao == (RAO,)
