"""What the same answer from several hotkeys earns: by the core alone, and with the masks of the default stack.

The core gives equal answers equal rewards. Copies are part of the statistics that they are measured by: k copies of x beside N other
values of mean M and variance V have `z = d * sqrt(N / ((N + k) * V + k * d**2))` with `d = x - M`, so that each more draws all of
them nearer to the mean, where a normalised score is 0.5. Hence a copy of what is above the mean earns less than one answer would, and
one of what is below it more, but not more than 0.5. That copies earn nothing is the work of the diversity mask.
"""

from collections.abc import Mapping

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.extractive import complete
from adapters.scoring.scorer import open_scorer
from core.completions import scored_text
from core.config import NeuronConfig
from core.normalise import Normaliser
from core.types import Hotkey, TaskType
from tests.adapters.localnet.tasks import make_task
from tests.incentive.judging import (
    BOUNDED,
    FUNCTIONS,
    KEPT,
    RAWS,
    STATISTICS,
    TEXTS,
    Judged,
    Part,
    judged,
    parts,
)

NOISE = 1e-9
COPIES = st.integers(2, 6)


def copied(found: list[Part], count: int, statistics: Mapping[str, Normaliser]) -> tuple[Judged, Judged]:
    """The step with its first answer given once, and given by so many hotkeys."""
    first = attrs.evolve(found[0], kept=KEPT, measured=True, text=TEXTS[0])
    others = found[1:]
    copies = [attrs.evolve(first, hotkey=Hotkey(f"copy{i}")) for i in range(count)]
    return judged([first, *others], statistics), judged([*copies, *others], statistics)


def normalised(step: Judged) -> list[float]:
    """Of the first answer, by function."""
    return [function.normalised[0] or 0.0 for function in step.record.functions]


@BOUNDED
@given(parts(least=1, raws=RAWS), COPIES, STATISTICS)
def test_copies_earn_alike_and_each_draws_them_to_the_mean(
    found: list[Part], count: int, statistics: Mapping[str, Normaliser]
) -> None:
    """All copies have the same reward; no function puts them further from 0.5, on either side, than it puts one alone."""
    one, many = copied(found, count, statistics)
    rewards = [response.reward for response in many.record.responses]
    assert len(set(rewards[:count])) == 1
    for alone, together in zip(normalised(one), normalised(many), strict=True):
        assert min(alone, 0.5) - NOISE <= together <= max(alone, 0.5) + NOISE


@BOUNDED
@given(parts(least=1, raws=RAWS), COPIES, STATISTICS)
def test_a_copy_of_what_is_good_earns_no_more_than_one(
    found: list[Part], count: int, statistics: Mapping[str, Normaliser]
) -> None:
    """Even without masks no copy's reward is above the single answer's, where every function finds that one at or above the mean."""
    lifted = attrs.evolve(found[0], raws=(15.0, 15.0))
    one, many = copied([lifted, *found[1:]], count, statistics)
    assert min(normalised(one)) >= 0.5
    single, copy = one.record.responses[0].reward, many.record.responses[0].reward
    assert single is not None
    assert copy is not None
    assert copy <= single + NOISE


def test_the_core_alone_lets_bad_copies_rise() -> None:
    """Five copies of what is two deviations below the mean earn more each than one would: why the diversity mask must be on."""
    statistics = {name: Normaliser(20, 0.0, 1.0) for name in FUNCTIONS}
    one, many = copied([Part(Hotkey("hk1"), raws=(-2.0, -2.0))], 5, statistics)
    single, copy = one.record.responses[0].reward or 0.0, many.record.responses[0].reward or 0.0
    assert single < copy < 0.5


@pytest.mark.timeout(60)
@pytest.mark.parametrize("task_type", TaskType)
async def test_under_the_default_masks_copies_earn_nothing(task_type: TaskType) -> None:
    """The same text from two, three or five hotkeys is masked for all of them, full stops and white space around it aside; so
    together they earn no more than one. An answer of another miner beside them is not touched.
    """
    masks = NeuronConfig().masks
    async with open_scorer(rewards=[], masks=masks) as scorer:
        for seed, count in enumerate((2, 3, 5)):
            task = make_task(task_type, seed)
            text, other = (complete(task.prompt(), key=key) for key in (7, 8))
            copies = [text, *(f" {text} ..." for _ in range(count - 1))]
            texts = [scored_text(task_type, said) for said in (*copies, other)]
            verdict = await scorer.score(
                task_type=task_type, prompt=task.prompt(), base_text=task.base_text, completions=texts
            )
            kept = [all(mask.values[i] for mask in verdict.masks) for i in range(len(texts))]
            assert [mask.name for mask in verdict.masks] == list(masks)
            assert kept == [False] * count + [True]
