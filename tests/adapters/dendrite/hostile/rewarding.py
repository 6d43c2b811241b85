"""From the outcomes of one step to rewards and averages, by the core's own judging."""

import random
import zlib
from collections.abc import Mapping, Sequence

import attrs

from adapters.fakes.scorer import FakeScorer
from core.config import CoreConfig
from core.events import CompletionsScored
from core.judging import judge, scored_texts
from core.state import Answered, Plan, State, Story
from core.step import Step
from core.tasks import summary_task
from core.types import Block, EffectId, ForwardId, Hotkey, Metagraph, Neuron, Outcome, Target, Uid

_TEXT = "A tempo is the number of blocks from one epoch to the next. The chain pays at its end."
_TASK = summary_task(_TEXT, random.Random(0))


@attrs.frozen
class Reward:
    """What one miner got for a step, and its moving average after it."""

    reward: float | None
    average: float


def _raw(completion: str) -> float:
    """A score that depends on every character."""
    return (zlib.crc32(completion.encode()) % 1000) / 1000


async def rewards(targets: Sequence[Target], outcomes: Sequence[Outcome]) -> Mapping[Uid, Reward]:
    """Per uid what the step's judging gave."""
    story = Story(ForwardId(0), _TEXT, "tests")
    plan = Plan(0, _TASK, _TASK.prompt(), tuple(targets), started_at_s=0.0)
    texts = [text for text in scored_texts(_TASK, outcomes) if text is not None]
    verdict = await FakeScorer(_raw).score(
        task_type=_TASK.type, prompt=plan.prompt, base_text=_TEXT, completions=texts
    )
    _, record = judge(
        Step(_state(targets)),
        Answered(story, plan, tuple(outcomes), at_s=1.0),
        CompletionsScored(2.0, EffectId(1), verdict.rewards, verdict.masks),
    )
    return {response.target.uid: Reward(response.reward, response.after) for response in record.responses}


def _state(targets: Sequence[Target]) -> State:
    neurons = tuple(Neuron(target.uid, target.hotkey, target.axon) for target in targets)
    return State(CoreConfig(Hotkey("own")), Metagraph(Block(1), neurons))
