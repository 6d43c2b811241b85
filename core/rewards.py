"""From raw verdicts to rewards: `reward = (sum of weight * normalised) * product of masks * product of applied penalties`.

Rules:
- A failed response (no answer, or an empty one) gets 0 throughout and is still an observation of its uid.
- A reward function that could not score a response is left out for it, and the weights of the others are scaled up to 1. A
  response that no reward function scored, or that a mask could not judge, is unscored: no reward, no observation. A mask that is
  on and did not run at all leaves the whole step unscored: letting everything through would invite whoever can break it.
- Statistics take in the whole batch before any of it is normalised.
"""

import math
from collections.abc import Mapping, Sequence

import attrs

from core.normalise import Normaliser
from core.penalties import Penalty
from core.types import RawMask, RawReward

# A model that answers beyond this has failed: no reward function here has such scores.
LARGEST_RAW = 1e6


@attrs.frozen
class NormalisedReward:
    """One reward function's raw and normalised values per completion, None where it could not score."""

    name: str
    raw: tuple[float | None, ...]
    normalised: tuple[float | None, ...]


@attrs.frozen
class Rewarding:
    """What a step's verdicts come to.

    Attributes:
        normalisers: statistics per reward function, this step taken in.
        functions: per reward function its values per completion.
        rewards: per completion 0..1, or None where unscored.
    """

    normalisers: Mapping[str, Normaliser]
    functions: tuple[NormalisedReward, ...]
    rewards: tuple[float | None, ...]


def usable(x: float | None) -> float | None:
    """The raw score, or None where it is no number one can reckon with."""
    return x if x is not None and math.isfinite(x) and abs(x) <= LARGEST_RAW else None


def _normalise(
    raw: RawReward, normaliser: Normaliser, *, equal_has_no_variance: bool
) -> tuple[Normaliser, NormalisedReward]:
    values = tuple([usable(x) for x in raw.values])
    measured = [x for x, real in zip(values, raw.measured, strict=True) if x is not None and real]
    merged = normaliser.merge(measured, equal_has_no_variance=equal_has_no_variance)
    normalised = tuple([None if x is None else merged.normalise(x) for x in values])
    return merged, NormalisedReward(raw.name, values, normalised)


def _weighted(functions: Sequence[tuple[float, Sequence[float | None]]], i: int) -> float | None:
    """Of completion `i`; per function its weight and normalised values."""
    scored = [(weight, x) for weight, normalised in functions if (x := normalised[i]) is not None]
    total = sum([weight for weight, _ in scored])
    return sum([weight * x for weight, x in scored]) / total if total > 0 else None


def _masked(masks: Sequence[Sequence[int | None]], i: int) -> int | None:
    """Of completion `i`; per mask its values."""
    values = [mask[i] for mask in masks]
    return None if None in values else int(all(values))


def combine(
    raws: Sequence[RawReward],
    masks: Sequence[RawMask],
    penalties: Sequence[tuple[Penalty, ...]],
    normalisers: Mapping[str, Normaliser],
    weights: Mapping[str, float],
    masks_on: Sequence[str],
    *,
    equal_has_no_variance: bool = True,
) -> Rewarding:
    """Rewards of the `len(penalties)` completions of one step.

    Functions without a weight, and masks that are not on, are not counted. All sequences run over the completions in one order.
    `equal_has_no_variance` is the rule since `core.version.EQUAL_HAS_NO_VARIANCE`.
    """
    merged, functions = dict(normalisers), []
    for raw in raws:
        if weights.get(raw.name, 0) > 0:
            known = normalisers.get(raw.name, Normaliser())
            merged[raw.name], function = _normalise(raw, known, equal_has_no_variance=equal_has_no_variance)
            functions.append(function)
    weighing = [(weights[function.name], function.normalised) for function in functions]
    by_name, nothing = {mask.name: mask.values for mask in masks}, (None,) * len(penalties)
    masking = [by_name.get(name, nothing) for name in masks_on]
    rewards: list[float | None] = []
    for i, of_completion in enumerate(penalties):
        weighted, mask = _weighted(weighing, i), _masked(masking, i)
        factor = math.prod([penalty.applied for penalty in of_completion])
        rewards.append(None if weighted is None or mask is None else weighted * mask * factor)
    return Rewarding(merged, tuple(functions), tuple(rewards))


def best(rewards: Sequence[float | None]) -> int | None:
    """Index of the highest reward above 0, the first of equals; None where there is none.

    Responses are ordered by uid, so that ties go to the lower uid.
    """
    top: int | None = None
    for i, reward in enumerate(rewards):
        if reward is not None and reward > 0 and (top is None or reward > (rewards[top] or 0)):
            top = i
    return top
