"""Better is never worse: a raw score that is higher, all else equal, does not lower its own reward.

Statistics take in the step before it is normalised, so a score moves the mean and the deviation that it is measured by. With N other
values of mean M and variance V, `d = x - M` gives `z = d * sqrt(N / ((N + 1) * V + d**2))`: it rises with d throughout,
towards a bound, `sqrt(N)`. So the reward of x rises with x within a step. What is not promised stands at the end.
"""

from collections.abc import Mapping

import attrs
from hypothesis import given
from hypothesis import strategies as st

from core.normalise import Normaliser
from core.rewards import LARGEST_RAW
from core.types import Hotkey
from tests.incentive.judging import BOUNDED, FUNCTIONS, KEPT, RAWS, STATISTICS, TEXTS, Part, judged, parts

NOISE = 1e-9
NO_STATISTICS: Mapping[str, Normaliser] = {}
RISE = st.integers(0, 30_000).map(lambda thousandths: thousandths / 1000)


def rewards(found: list[Part], statistics: Mapping[str, Normaliser]) -> list[float | None]:
    return [response.reward for response in judged(found, statistics).record.responses]


@BOUNDED
@given(parts(least=1, raws=RAWS), STATISTICS | st.just(NO_STATISTICS), RISE, RISE, st.booleans())
def test_a_higher_score_never_lowers_its_own_reward(
    found: list[Part],
    statistics: Mapping[str, Normaliser],
    dpo_rise: float,
    reciprocate_rise: float,
    measured: bool,
) -> None:
    """Whatever the others have, and with statistics or none; of one function, or of both."""
    first = attrs.evolve(found[0], kept=KEPT, text=TEXTS[0], measured=measured)
    dpo, reciprocate = (x or 0.0 for x in first.raws)
    better = attrs.evolve(first, raws=(dpo + dpo_rise, reciprocate + reciprocate_rise))
    low, high = (rewards([part, *found[1:]], statistics)[0] for part in (first, better))
    assert low is not None
    assert high is not None
    assert low <= high + NOISE


@BOUNDED
@given(parts(least=2, raws=RAWS), STATISTICS | st.just(NO_STATISTICS))
def test_order_within_a_step_is_kept(found: list[Part], statistics: Mapping[str, Normaliser]) -> None:
    """Of two answers that masks and penalties treat alike, the one that no function finds worse has no less."""
    first, second = (attrs.evolve(part, kept=KEPT, text=TEXTS[1]) for part in found[:2])
    first = attrs.evolve(first, raws=tuple(map(_lower, first.raws, second.raws)))
    low, high = rewards([first, second, *found[2:]], statistics)[:2]
    assert low is not None
    assert high is not None
    assert low <= high + NOISE


def _lower(one: float | None, another: float | None) -> float:
    assert one is not None
    assert another is not None
    return min(one, another)


def _three(*raws: float, statistics: Mapping[str, Normaliser] = NO_STATISTICS) -> list[float]:
    found = [Part(Hotkey(f"hk{i}"), raws=(x, x)) for i, x in enumerate(raws)]
    return [reward or 0.0 for reward in rewards(found, statistics)]


def test_what_a_rise_does_to_others_is_not_promised() -> None:
    """Whoever is below the mean gains by an outlier, which makes the deviation large, and whoever was above it can lose."""
    assert _three(0.0, 1.0, 20.0)[0] > _three(0.0, 1.0, 2.0)[0]
    assert _three(0.0, 1.0, 20.0)[1] < _three(0.0, 1.0, 1.5)[1]


def test_a_rise_is_measured_by_ever_after() -> None:
    """A score that was high raises the mean: the same answer earns less in the step that follows."""
    (_, after_high), (_, after_low) = (
        (x, judged([Part(Hotkey("hk1"), raws=(x, x))], _known()).after.normalisers) for x in (5.0, 0.0)
    )
    assert _three(1.0, statistics=after_high) < _three(1.0, statistics=after_low)


def test_no_score_is_too_high_but_the_absurd() -> None:
    """Beyond what a model can mean, a value is no score: the answer is judged by what the other function says."""
    absurd, large = ((x, -1.0) for x in (LARGEST_RAW * 2, LARGEST_RAW))
    low, high = (rewards([Part(Hotkey("hk1"), raws=raws)], _known())[0] for raws in (absurd, large))
    assert low is not None
    assert high is not None
    assert low < high


def _known() -> Mapping[str, Normaliser]:
    return {name: Normaliser(100, 0.0, 1.0) for name in FUNCTIONS}
