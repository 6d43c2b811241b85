"""A day's answers and verdicts: texts out of the corpus's words, some miners silent or failing, raw scores and masks.

Words are drawn one by one, so that texts have less in common than those of models that answer one prompt: what is told of the
journal's size is rather too much than too little.
"""

import random

from core.effects import QueryMiners, ScoreCompletions
from core.types import OK, Outcome, RawMask, RawReward
from tests.bench.corpus import corpus_words

WORDS = (20, 250)
# Shares of miners that do not answer in time, that fail, that cannot be reached, that answer without a word.
SILENT, FAILING, AWAY, EMPTY = 0.03, 0.02, 0.01, 0.01
# Shares of completions that a reward function has no measurement for, and that a mask masks.
SENTINEL, MASKED = 0.02, 0.03
RAWS = {"dpo": (-3.0, 0.8), "reciprocate": (0.4, 0.2)}
SENTINELS = {"dpo": -11.0, "reciprocate": 0.0}
REASONS = {
    "blacklist": "a phrase of 5 words that is significant",
    "nsfw": "class 1 at {:.3f}",
    "relevance": "rms {:.4f} above 0.0246",
    "diversity": "similarity {:.3f} above 0.950",
}


def outcomes(draw: random.Random, query: QueryMiners, words: tuple[int, int]) -> tuple[Outcome, ...]:
    """One per target; `words` are the fewest and the most of an answer."""
    return tuple(_outcome(draw, query.query_timeout_s, words) for _ in query.targets)


def _outcome(draw: random.Random, timeout_s: float, words: tuple[int, int]) -> Outcome:
    lot = draw.random()
    if lot < SILENT:
        return Outcome(408, f"no answer within {timeout_s:g} s", "", timeout_s + 0.002 * draw.random())
    if (lot := lot - SILENT) < FAILING:
        return Outcome(500, "Internal Server Error", "", draw.random())
    if (lot := lot - FAILING) < AWAY:
        return Outcome(503, "cannot connect", "", draw.random())
    return Outcome(
        OK, "", "" if lot - AWAY < EMPTY else _text(draw, words), 0.3 + 0.9 * timeout_s * draw.random()
    )


def _text(draw: random.Random, words: tuple[int, int]) -> str:
    return " ".join(draw.choices(corpus_words(), k=draw.randint(*words)))


def rewards(draw: random.Random, effect: ScoreCompletions) -> tuple[RawReward, ...]:
    return tuple(_reward(draw, name, len(effect.completions)) for name in RAWS)


def _reward(draw: random.Random, name: str, count: int) -> RawReward:
    measured = tuple(draw.random() >= SENTINEL for _ in range(count))
    values = tuple(draw.gauss(*RAWS[name]) if real else SENTINELS[name] for real in measured)
    return RawReward(name, values, measured)


def masks(draw: random.Random, effect: ScoreCompletions) -> tuple[RawMask, ...]:
    return tuple(_mask(draw, name, len(effect.completions)) for name in REASONS)


def _mask(draw: random.Random, name: str, count: int) -> RawMask:
    values = tuple(int(draw.random() >= MASKED) for _ in range(count))
    reasons = tuple("" if kept else REASONS[name].format(draw.random()) for kept in values)
    return RawMask(name, values, reasons)
