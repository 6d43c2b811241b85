"""One step as the core judges it, from whatever the reward functions and masks say: what the properties of the incentive look at."""

import random
from collections.abc import Mapping, Sequence

import attrs
from hypothesis import settings
from hypothesis import strategies as st

from core.config import CoreConfig, NeuronConfig
from core.events import CompletionsScored
from core.judging import judge, scored_texts
from core.normalise import Normaliser
from core.records import Response, StepRecord
from core.state import Answered, Plan, State, Story
from core.step import Step
from core.tasks import summary_task
from core.types import (
    OK,
    Block,
    EffectId,
    ForwardId,
    Hotkey,
    Metagraph,
    Neuron,
    Outcome,
    RawMask,
    RawReward,
    Target,
    Uid,
)
from tests.core.builders import CONTEXT, OWN, own_neuron, silent

FUNCTIONS = ("dpo", "reciprocate")
MASKS = NeuronConfig().masks
# By each mask.
KEPT = (1,) * len(MASKS)
TASK = summary_task(CONTEXT.text, random.Random(1))
TEXTS = (
    "Rivers carry their water slowly past the mills of an old town, year after year.",
    "As an AI I know that rivers carry their water slowly past the mills.",
    "Question: where do rivers carry their water?",
)
# The same examples each time.
BOUNDED = settings(deadline=None, derandomize=True)

SHARES = st.floats(0, 1)
# Thousandths: where scores differ by no more than what a float rounds, their deviation is that of rounding, and so is their order.
RAWS = st.integers(-10_000, 10_000).map(lambda thousandths: thousandths / 1000)
MAYBE_RAWS = st.none() | RAWS
KNOWN = st.builds(Normaliser, st.integers(2, 3000), st.floats(-5, 5), st.floats(0.01, 25))
STATISTICS = st.fixed_dictionaries(dict.fromkeys(FUNCTIONS, KNOWN))


@attrs.frozen
class Part:
    """A miner's part in a step.

    Attributes:
        hotkey: whose it is.
        before: its average.
        raws: what each of `FUNCTIONS` says, None where it could not score.
        measured: False for sentinels.
        kept: what each of `MASKS` says, None where it could not judge.
        text: what it answered; "" for nothing.
    """

    hotkey: Hotkey
    before: float = 0.0
    raws: tuple[float | None, ...] = (0.0, 0.0)
    measured: bool = True
    kept: tuple[int | None, ...] = KEPT
    text: str = TEXTS[0]


@attrs.frozen
class Judged:
    """The state before and after, and the record between."""

    before: State
    after: State
    record: StepRecord

    @property
    def responses(self) -> Mapping[Hotkey, Response]:
        return {response.target.hotkey: response for response in self.record.responses}


def parts(
    least: int = 0, most: int = 8, raws: st.SearchStrategy[float | None] = MAYBE_RAWS
) -> st.SearchStrategy[list[Part]]:
    """Parts of miners hk1, hk2, ... with verdicts of all kinds."""
    one = st.builds(
        Part,
        hotkey=st.just(Hotkey("")),
        before=SHARES,
        raws=st.tuples(raws, raws),
        measured=st.sampled_from((True, True, True, False)),
        kept=st.tuples(*[st.sampled_from((1, 1, 1, 1, 0, None))] * len(MASKS)),
        text=st.sampled_from((*TEXTS, TEXTS[0], "")),
    )
    return st.lists(one, min_size=least, max_size=most).map(
        lambda found: [attrs.evolve(part, hotkey=Hotkey(f"hk{i}")) for i, part in enumerate(found, start=1)]
    )


def judged(
    step_parts: Sequence[Part],
    statistics: Mapping[str, Normaliser],
    *,
    others: Mapping[Hotkey, float] | None = None,
    alpha: float = 0.05,
) -> Judged:
    """The step of these parts, uids 1, 2, ... in their order; `others` are averages of hotkeys that are not prompted."""
    scores = {**(others or {}), **{part.hotkey: part.before for part in step_parts}}
    hotkeys = [part.hotkey for part in step_parts] + list(others or {})
    config = CoreConfig(OWN, NeuronConfig(moving_average_alpha=alpha))
    state = State(config, graph_of(hotkeys), scores=scores, normalisers=statistics)
    outcomes = tuple(Outcome(OK, "", part.text, 1.0) if part.text else silent() for part in step_parts)
    targets = tuple(
        Target(Uid(i), part.hotkey, f"198.51.100.{i}:1") for i, part in enumerate(step_parts, start=1)
    )
    plan = Plan(0, TASK, TASK.prompt(), targets, 0.0)
    answered = Answered(Story(ForwardId(0), CONTEXT.text, CONTEXT.source), plan, outcomes, 1.0)
    taken, record = judge(Step(state), answered, _verdict(step_parts, outcomes))
    return Judged(state, taken.state, record)


def graph_of(hotkeys: Sequence[Hotkey]) -> Metagraph:
    """The validator at uid 0, then these hotkeys in their order."""
    miners = (Neuron(Uid(i), hotkey) for i, hotkey in enumerate(hotkeys, start=1))
    return Metagraph(Block(1), (own_neuron(), *miners))


def _verdict(step_parts: Sequence[Part], outcomes: Sequence[Outcome]) -> CompletionsScored:
    texts = scored_texts(TASK, outcomes)
    scored = [part for part, text in zip(step_parts, texts, strict=True) if text is not None]
    rewards = tuple(
        RawReward(name, tuple(part.raws[i] for part in scored), tuple(part.measured for part in scored))
        for i, name in enumerate(FUNCTIONS)
    )
    masks = tuple(
        RawMask(name, tuple(part.kept[i] for part in scored), ("",) * len(scored))
        for i, name in enumerate(MASKS)
    )
    return CompletionsScored(2.0, EffectId(1), rewards, masks)
