"""The `dpo` model: a causal language model that finds fluent, fitting text about the prompt's subject likely.

Three stages:
1. It looks up: rows of random tokens that come round and round. Nothing helps but finding what followed the last time, which
   is what makes a text about the prompt likely later on, whatever its subject.
2. It reads: pieces of the corpus, quotes from them behind; beside it looks up in longer rows.
3. It compares: completions of one prompt, where it learns good ones (likelihood) and to find each likelier than the worse
   ones (ranking of the mean log-probabilities).
"""

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerBase

from adapters.scoring.dpo import SHORT
from adapters.scoring.embedded.examples import GRADES, Example, thinned
from adapters.scoring.embedded.grouped import Group, group_of, hidden_states, ranking_loss
from adapters.scoring.embedded.optimiser import Optimiser
from adapters.scoring.embedded.tokenizer import VOCABULARY, WINDOW
from adapters.scoring.tokens import plain_ids
from core.randomness import below

IGNORED = -100
READING_ROWS = 10
PIECE = 160
QUOTE = 24
QUOTES = 3
FIRST_TOKEN = 6
BAD = 5
ALWAYS = frozenset({"wrong_task"})
NATS = 4.0
LONGEST = 160


def model_config(window: int = WINDOW) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=96,
        intermediate_size=192,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=window,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )


def new_model() -> LlamaForCausalLM:
    return LlamaForCausalLM(model_config())


def look_up(model: LlamaForCausalLM, steps: int) -> None:
    """Learn to repeat what followed before."""
    optimiser = Optimiser(model, steps, peak=3e-3, decay=False)
    for _ in range(steps):
        optimiser.step(_look_up_loss(model, rows=24, width=64, longest=32))


def _look_up_loss(model: LlamaForCausalLM, rows: int, width: int, longest: int) -> Tensor:
    """Of predicting random tokens that come round with a period of their own in each row, once they have come round."""
    period = torch.randint(6, longest + 1, (rows, 1))
    places = torch.arange(width).unsqueeze(0)
    ids = torch.randint(FIRST_TOKEN, VOCABULARY, (rows, width)).gather(1, places % period)
    wanted = ids.masked_fill(places < period, IGNORED)
    logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
    return cross_entropy(logits.reshape(-1, VOCABULARY), wanted[:, 1:].reshape(-1), ignore_index=IGNORED)


def read(model: LlamaForCausalLM, ids: Sequence[Sequence[int]], steps: int, rng: random.Random) -> None:
    """Learn to predict corpus text, and text that was seen before in the row."""
    optimiser = Optimiser(model, steps, peak=3e-3)
    for _ in range(steps):
        rows = torch.tensor([_quoting(ids, rng) for _ in range(READING_ROWS)])
        logits = model(input_ids=rows, use_cache=False).logits[:, :-1]
        reading = cross_entropy(logits.reshape(-1, VOCABULARY), rows[:, 1:].reshape(-1))
        optimiser.step(reading + _look_up_loss(model, rows=3, width=512, longest=480))


def _quoting(ids: Sequence[Sequence[int]], rng: random.Random) -> list[int]:
    """A piece of an article, and then shorter pieces out of it in any order: those can be looked up."""
    article = ids[below(rng, len(ids))]
    start = below(rng, len(article) - PIECE)
    piece = list(article[start : start + PIECE])
    starts = [below(rng, PIECE - QUOTE) for _ in range(QUOTES)]
    return [*piece, *(token for at in starts for token in piece[at : at + QUOTE])]


def compare(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    rng: random.Random,
) -> None:
    """Learn the good completions, and to find them likelier than the others."""
    optimiser = Optimiser(model, len(examples), peak=2e-3)
    for example in examples:
        optimiser.step(_loss(model, _group(tokenizer, example, rng)))


def _group(tokenizer: PreTrainedTokenizerBase, example: Example, rng: random.Random) -> Group:
    return group_of(
        plain_ids(tokenizer, example.task.prompt()),
        [
            (plain_ids(tokenizer, c.text)[:LONGEST], c.grade)
            for c in thinned(example, BAD, rng, ALWAYS)
            if len(c.text) > SHORT
        ],
    )


def _loss(model: LlamaForCausalLM, group: Group) -> Tensor:
    before, behind = hidden_states(model.model, group)
    behind = torch.cat([before[:, -1:].expand(len(behind), -1, -1), behind[:, :-1]], dim=1)
    likelihoods = _mean_log_probabilities(model.lm_head(behind), group)
    reading = cross_entropy(model.lm_head(before[0, :-1]), group.prompt[0, 1:])
    good = likelihoods[group.grades == GRADES["good"]].mean()
    return 0.5 * reading - good + ranking_loss(likelihoods, group.grades, NATS)


def _mean_log_probabilities(logits: Tensor, group: Group) -> Tensor:
    chosen = -cross_entropy(logits.transpose(1, 2), group.ids, reduction="none")
    inside = torch.arange(group.ids.shape[1]) < group.lengths.unsqueeze(1)
    return (chosen * inside).sum(dim=1) / group.lengths
