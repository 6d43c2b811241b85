"""From raw verdicts to rewards."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.normalise import Normaliser
from core.penalties import Penalty
from core.rewards import Rewarding, best, combine, usable
from core.types import RawMask, RawReward

WEIGHTS = {"dpo": 0.6, "reciprocate": 0.4}
# Mean 0, deviation 1, so heavy that a test's few values hardly move it.
KNOWN = {"dpo": Normaliser(3000, 0.0, 1.0), "reciprocate": Normaliser(3000, 0.0, 1.0)}
FREE: tuple[Penalty, ...] = ()
MAYBE_RAW = st.none() | st.floats(allow_nan=True, allow_infinity=True)


def raw(name: str, *values: float | None) -> RawReward:
    return RawReward(name, values, (True,) * len(values))


def mask(name: str, *values: int | None) -> RawMask:
    return RawMask(name, values, ("",) * len(values))


def penalty(applied: float) -> Penalty:
    return Penalty("some", 1 - applied, 1 - applied, applied)


def rewarded(
    *raws: RawReward,
    masks: tuple[RawMask, ...] = (),
    penalties: tuple[tuple[Penalty, ...], ...] = (FREE,),
    masks_on: tuple[str, ...] | None = None,
) -> Rewarding:
    names = tuple(m.name for m in masks) if masks_on is None else masks_on
    return combine(raws, masks, penalties, KNOWN, WEIGHTS, names)


def test_a_reward_is_the_weighted_sum() -> None:
    """0.6 of what one function says and 0.4 of the other, each normalised."""
    (reward,) = rewarded(raw("dpo", 1.0), raw("reciprocate", -1.0)).rewards
    assert reward == pytest.approx(0.6 * 0.8413 + 0.4 * 0.1587, abs=1e-3)


def test_masks_and_penalties_multiply() -> None:
    """Penalties scale a reward, one mask of 0 takes it whole."""
    both = raw("dpo", 1.0, 1.0), raw("reciprocate", 1.0, 1.0)
    fined = ((penalty(0.9), penalty(0.5)), FREE)
    plain, masked = (
        rewarded(*both, masks=masks, penalties=fined).rewards
        for masks in (
            (mask("nsfw", 1, 1), mask("relevance", 1, 1)),
            (mask("nsfw", 1, 1), mask("relevance", 1, 0)),
        )
    )
    assert plain[0] == pytest.approx(0.45 * (plain[1] or 0))
    assert masked == (plain[0], 0.0)


def test_a_function_that_could_not_score_is_left_out() -> None:
    """The weights of the others are scaled up to 1, for that completion alone."""
    rewards = rewarded(raw("dpo", None, 1.0), raw("reciprocate", 1.0, 1.0), penalties=(FREE, FREE)).rewards
    assert rewards[0] == pytest.approx(rewards[1], abs=1e-3)
    assert rewarded(raw("reciprocate", 1.0)).rewards[0] == pytest.approx(0.8413, abs=1e-3)


def test_nothing_is_invented_where_nothing_was_measured() -> None:
    """No function scored it, a mask could not judge it, or a mask that is on did not run: unscored, never a default."""
    assert rewarded().rewards == (None,)
    assert rewarded(raw("dpo", None), raw("reciprocate", float("nan"))).rewards == (None,)
    assert rewarded(raw("dpo", 1.0), masks=(mask("nsfw", None),)).rewards == (None,)
    assert rewarded(raw("dpo", 1.0), masks_on=("nsfw",)).rewards == (None,)


def test_what_is_not_asked_for_does_not_count() -> None:
    """A function without a weight and a mask that is off change nothing, statistics included."""
    expected = rewarded(raw("dpo", 1.0))
    assert rewarded(raw("dpo", 1.0), raw("rlhf", -9.0)) == expected
    assert rewarded(raw("dpo", 1.0), masks=(mask("nsfw", 0),), masks_on=()) == expected


def test_sentinels_are_normalised_but_never_counted() -> None:
    """A value that was not measured gets its place below the others, and leaves the statistics alone."""
    sentinel = RawReward("dpo", (-11.0, 1.0), (False, True))
    outcome = rewarded(sentinel, penalties=(FREE, FREE))
    assert outcome.normalisers["dpo"] == KNOWN["dpo"].merge([1.0])
    assert outcome.rewards[0] == pytest.approx(0, abs=1e-9)


def test_what_models_said_is_kept_beside_what_became_of_it() -> None:
    """The raw scores go into the record, less those with which nobody can reckon."""
    (function,) = rewarded(raw("dpo", 1.0, math.nan), penalties=(FREE, FREE)).functions
    assert function.raw == (1.0, None)
    assert function.normalised[0] == pytest.approx(0.8413, abs=1e-3)
    assert function.normalised[1] is None


def test_a_verdict_is_on_every_completion_or_on_none() -> None:
    """Scores that do not say of each whether it was measured are a fault of ours, and no miner's."""
    with pytest.raises(ValueError, match="shorter"):
        rewarded(RawReward("dpo", (1.0, 2.0), (True,)), penalties=(FREE, FREE))


@pytest.mark.parametrize("x", [None, math.nan, math.inf, -math.inf, 1.1e6, -1e300])
def test_no_number_to_reckon_with(x: float | None) -> None:
    """NaN, infinities and absurd sizes are a model's failure, as if it had not scored."""
    assert usable(x) is None
    assert usable(-1e6) == -1e6


@given(st.lists(st.tuples(MAYBE_RAW, MAYBE_RAW, st.sampled_from([0, 1, None]), st.floats(0, 1)), max_size=8))
def test_a_reward_is_a_share_or_nothing(
    rows: list[tuple[float | None, float | None, int | None, float]],
) -> None:
    """Whatever models say, a reward is from 0 to 1, or None; never NaN; and statistics stay finite."""
    outcome = combine(
        (raw("dpo", *(row[0] for row in rows)), raw("reciprocate", *(row[1] for row in rows))),
        (mask("nsfw", *(row[2] for row in rows)),),
        tuple((penalty(row[3]),) for row in rows),
        {},
        WEIGHTS,
        ("nsfw",),
    )
    assert len(outcome.rewards) == len(rows)
    assert all(reward is None or 0 <= reward <= 1 for reward in outcome.rewards)
    for normaliser in outcome.normalisers.values():
        assert math.isfinite(normaliser.mean)
        assert math.isfinite(normaliser.variance)


@pytest.mark.parametrize(
    ("rewards", "expected"),
    [
        ([], None),
        ([None], None),
        ([0.0, None, 0.0], None),
        ([0.2, 0.7, 0.5], 1),
        ([None, 0.4, 0.4], 1),
        ([0.0, 1e-9], 1),
    ],
)
def test_the_best(rewards: list[float | None], expected: int | None) -> None:
    """The highest above 0; ties go to the first, which is the lower uid; else there is none."""
    assert best(rewards) == expected


def test_equal_scores_are_half_way_by_todays_rule_alone() -> None:
    """Three of 0.1, whose sum is rounded: journals from before have what rounding made of them."""
    scores = RawReward("dpo", (0.1,) * 3, (True,) * 3)

    def rewards(**rule: bool) -> tuple[float | None, ...]:
        return combine((scores,), (), (FREE,) * 3, {}, WEIGHTS, (), **rule).rewards

    assert rewards() == rewards(equal_has_no_variance=True) == (0.5,) * 3
    assert (rewards(equal_has_no_variance=False)[0] or 0) < 0.2
