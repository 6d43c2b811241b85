"""What comes back for each effect of a day, and when. All of it follows from the scale."""

import random
from typing import assert_never

import attrs

from adapters.contexts.corpus import read_articles
from core.config import CoreConfig, NeuronConfig
from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.events import (
    AxonServed,
    BlockSeen,
    Completion,
    CompletionsScored,
    ContextDrawn,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    WeightsSubmitted,
)
from core.types import Block, Metagraph, WeightsAccepted
from tests.bench import day_answers
from tests.bench.day_subnet import Subnet, hotkey

START_S = 1_767_225_600.0
BLOCK_S = 12.0
# How long after its time a block is seen, at most: if all came on time, snapshots would fall on blocks only.
BLOCK_LATE_S = 2.0
FIRST_BLOCK = 4_000_000
TEMPO_BLOCKS = 360
AT_ONCE = 4
# With ten seconds for miners, one of whom is silent in nearly every step, a thousand forwards of nine steps take a day.
STEPS = 9
SCORING_S = (14.0, 42.5)


@attrs.frozen
class Scale:
    """How large a day is.

    Attributes:
        miners: wished for in each step; a small subnet has fewer.
        uids: of the metagraph.
        rounds: of question and answer in a forward. With fewer, verdicts come later, so that a forward takes as long.
        words: of an answer, fewest and most.
    """

    forwards: int
    miners: int
    uids: int
    # Not in the representation, which is the seed of the days that there were before.
    rounds: int = attrs.field(default=4, repr=False)
    words: tuple[int, int] = attrs.field(default=day_answers.WORDS, repr=False)


def block_at(at_s: float) -> Block:
    return Block(FIRST_BLOCK + int((at_s - START_S) // BLOCK_S))


def _late_s(rounds: int) -> float:
    """How much later verdicts come, so that a forward of so many rounds takes as long as one of nine steps."""
    steps, step_s = 1 + 2 * rounds, 10 + sum(SCORING_S) / 2
    return STEPS * step_s / steps - step_s


class DayWorld:
    """A world in which nearly all goes well."""

    def __init__(self, scale: Scale) -> None:
        draw = self._draw = random.Random(f"a day of {scale}")
        own = hotkey(draw)
        neuron = NeuronConfig(
            num_concurrent_forwards=AT_ONCE,
            followup_sample_size=scale.miners,
            answer_sample_size=scale.miners,
            num_followup_steps=scale.rounds,
        )
        self._words, self._late_s = scale.words, _late_s(scale.rounds)
        self.config = CoreConfig(own, neuron)
        self._subnet = Subnet(draw, own, scale.uids)
        self._updated = Block(0)

    def completion(self, effect: Effect, now_s: float) -> Completion:
        """What comes back for an effect that is begun at `now_s`; it carries its own time."""
        match effect:
            case DrawContext(effect_id=effect_id, key=key):
                articles = read_articles()
                return ContextDrawn(
                    now_s + self._draw.uniform(0.001, 0.2), effect_id, articles[key % len(articles)]
                )
            case QueryMiners():
                return self._answered(effect, now_s)
            case ScoreCompletions(effect_id=effect_id):
                rewards, masks = (
                    day_answers.rewards(self._draw, effect),
                    day_answers.masks(self._draw, effect),
                )
                at_s = now_s + self._draw.uniform(*SCORING_S) + self._late_s
                return CompletionsScored(at_s, effect_id, rewards, masks)
            case ReadMetagraph(effect_id=effect_id):
                at_s = now_s + self._draw.uniform(0.5, 2)
                return MetagraphRead(at_s, effect_id, self._metagraph(at_s))
            case ServeAxon(effect_id=effect_id):
                return AxonServed(now_s + BLOCK_S, effect_id)
            case SetWeights(effect_id=effect_id):
                at_s = now_s + self._draw.uniform(BLOCK_S, 2 * BLOCK_S)
                self._updated = block_at(at_s)
                return WeightsSubmitted(at_s, effect_id, WeightsAccepted(self._updated))
            case ReadLastUpdate(effect_id=effect_id):
                return LastUpdateRead(now_s + self._draw.random(), effect_id, self._updated)
            case Sleep(effect_id=effect_id, seconds=seconds):
                return Slept(now_s + seconds, effect_id)
            case other:
                assert_never(other)

    def block_after(self, seen: Block) -> BlockSeen:
        """The next block, as it will be seen."""
        due_s = START_S + BLOCK_S * (seen + 1 - FIRST_BLOCK)
        return BlockSeen(due_s + self._draw.uniform(0, BLOCK_LATE_S), Block(seen + 1))

    def _answered(self, query: QueryMiners, now_s: float) -> MinersAnswered:
        outcomes = day_answers.outcomes(self._draw, query, self._words)
        seconds = max(outcome.process_time_s for outcome in outcomes)
        return MinersAnswered(now_s + seconds + 0.01, query.effect_id, outcomes)

    def _metagraph(self, at_s: float) -> Metagraph:
        block = block_at(at_s)
        return Metagraph(
            block,
            self._subnet.neurons(),
            last_epoch=Block(block // TEMPO_BLOCKS * TEMPO_BLOCKS),
            tempo_blocks=TEMPO_BLOCKS,
            last_update=self._updated,
        )
