"""How far one step can move an average, and a weight."""

from collections.abc import Mapping

from hypothesis import assume, given
from hypothesis import strategies as st

from core.normalise import Normaliser
from core.state import State
from core.types import Hotkey
from core.weights import vector
from tests.incentive.judging import BOUNDED, SHARES, STATISTICS, Part, judged, parts

ALPHAS = st.floats(0.01, 0.9)
OTHERS = st.dictionaries(st.integers(100, 120).map(lambda i: Hotkey(f"hk{i}")), SHARES, max_size=8)
NOISE = 1e-9


def weights(state: State) -> dict[Hotkey, float]:
    owner = {neuron.uid: neuron.hotkey for neuron in state.metagraph.neurons}
    return {owner[uid]: weight for uid, weight in vector(state)}


@BOUNDED
@given(parts(least=1), STATISTICS, ALPHAS, OTHERS)
def test_an_average_moves_by_alpha_at_most(
    found: list[Part], statistics: Mapping[str, Normaliser], alpha: float, others: Mapping[Hotkey, float]
) -> None:
    """By `alpha` times what there is to go, up or down; whoever was not prompted does not move at all."""
    step = judged(found, statistics, others=others, alpha=alpha)
    for hotkey, response in step.responses.items():
        before, after = step.before.scores[hotkey], step.after.scores[hotkey]
        assert (1 - alpha) * before - NOISE <= after <= before + alpha * (1 - before) + NOISE
        assert response.counted or after == before
    assert all(step.after.scores[hotkey] == score for hotkey, score in others.items())


@BOUNDED
@given(parts(least=1), STATISTICS, ALPHAS, OTHERS)
def test_a_weight_moves_by_a_bounded_share(
    found: list[Part], statistics: Mapping[str, Normaliser], alpha: float, others: Mapping[Hotkey, float]
) -> None:
    """With scores s that sum to S, w = s / S, and k miners prompted, one step moves a weight by no more than

        alpha * (1 - w + (k - 1) * w) / ((1 - alpha) * S)  of a miner that was prompted,
        alpha * k * w / ((1 - alpha) * S)                  of any other.

    Since `w' - w = ((s' - s) * (S - s) - s * (O' - O)) / (S * S')` with O = S - s for the others' sum: each score moves by `alpha` at
    most, and no score falls by more than `alpha` of itself, so S' >= (1 - alpha) * S.
    """
    step = judged(found, statistics, others=others, alpha=alpha)
    total, prompted = sum(step.before.scores.values()), len(found)
    assume(total > 0.01)
    before, after = weights(step.before), weights(step.after)
    for hotkey in step.before.scores:
        w = before.get(hotkey, 0.0)
        moved = 1 - w + (prompted - 1) * w if hotkey in step.responses else prompted * w
        assert abs(after.get(hotkey, 0.0) - w) <= alpha * moved / ((1 - alpha) * total) + NOISE


def test_the_bound_of_a_weight_is_reached() -> None:
    """Nearly: with many others who have earned, whoever rises from 0 to a reward of 1 gains `alpha / S`, the divisor aside."""
    alone = Part(Hotkey("hk1"), raws=(1e5, 1e5))
    others = {Hotkey(f"hk{i}"): 0.5 for i in range(100, 140)}
    step = judged(
        [alone], {name: Normaliser(3000, 0.0, 1.0) for name in ("dpo", "reciprocate")}, others=others
    )
    gained = weights(step.after)[alone.hotkey]
    assert 0.85 * 0.05 / 20 < gained <= 0.05 / (0.95 * 20)
