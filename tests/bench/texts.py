"""Steps whose texts are runs of words out of the shipped corpus; each run of a benchmark has its own."""

import random

from transformers import PreTrainedTokenizerBase

from adapters.scoring.batch import Batch, batch_of
from adapters.scoring.tokens import plain_ids
from core.types import TaskType
from tests.bench.corpus import corpus_words
from tests.bench.scales import Shape

WARM_UP, FEW = -1, 2


def drawn_step(shape: Shape, tokenizer: PreTrainedTokenizerBase, run: int) -> Batch:
    """The same for the same shape, tokenizer and run; to warm up, a few completions."""
    # Of a number and its negative `Random` makes the same.
    draw = random.Random(f"run {run}")
    low, high = shape.words
    lengths = [low + (high - low) * i // max(1, shape.distinct - 1) for i in range(shape.distinct)]
    texts = [_words(draw, length) for length in lengths]
    completions = [texts[i % shape.distinct] for i in range(shape.completions)]
    draw.shuffle(completions)
    kept = completions[:FEW] if run == WARM_UP else completions
    ids = plain_ids(tokenizer, _words(draw, shape.prompt_tokens))[: shape.prompt_tokens]
    prompt = str(tokenizer.decode(ids))
    return batch_of(TaskType.SUMMARY, prompt, prompt, kept)


def _words(draw: random.Random, count: int) -> str:
    words = corpus_words()
    start = draw.randrange(len(words) - count)
    return " ".join(words[start : start + count])
