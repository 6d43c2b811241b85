"""The encoder of `relevance` and `diversity`: texts about one passage lie close together, others far apart.

Trained by contrast: of a batch of pairs (base text, completion), each half must find its other half among all.
"""

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize
from transformers import BertConfig, BertModel, PreTrainedTokenizerBase

from adapters.scoring.embedded.examples import Example
from adapters.scoring.embedded.optimiser import Optimiser
from adapters.scoring.embedded.tokenizer import VOCABULARY
from adapters.scoring.tokens import plain_ids
from core.randomness import below, sample

WINDOW = 256
PAIRS = 32
LONGEST = 120
TEMPERATURE = 0.07


def new_model() -> BertModel:
    return BertModel(
        BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=WINDOW,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=0,
        ),
        add_pooling_layer=False,
    )


def contrast(
    model: BertModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    examples: Sequence[Example],
    steps: int,
    rng: random.Random,
) -> None:
    """Learn which pieces belong to one text."""
    articles = [plain_ids(tokenizer, text) for text in texts]
    pairs = [
        (plain_ids(tokenizer, example.base_text), plain_ids(tokenizer, completion.text))
        for example in examples
        for completion in example.completions
        if completion.grade
    ]
    optimiser = Optimiser(model, steps, peak=3e-3)
    for _ in range(steps):
        chosen = [_piece_pair(ids, rng) for ids in sample(rng, articles, PAIRS // 2)]
        chosen += [_cut_pair(pairs[below(rng, len(pairs))], rng) for _ in range(PAIRS // 2)]
        optimiser.step(_loss(model, chosen))


def _piece_pair(ids: Sequence[int], rng: random.Random) -> tuple[list[int], list[int]]:
    """Two pieces of one article, near each other, possibly overlapping."""
    length = 15 + below(rng, LONGEST - 15)
    start = below(rng, max(1, len(ids) - 2 * length))
    other = start + below(rng, length)
    shorter = 10 + below(rng, 60)
    return list(ids[start : start + length]), list(ids[other : other + shorter])


def _cut_pair(pair: tuple[list[int], list[int]], rng: random.Random) -> tuple[list[int], list[int]]:
    base, completion = pair
    start = below(rng, max(1, len(base) - LONGEST))
    return base[start : start + 2 * LONGEST], completion[:LONGEST]


def _loss(model: BertModel, pairs: Sequence[tuple[list[int], list[int]]]) -> Tensor:
    left = _embed(model, [pair[0] for pair in pairs])
    right = _embed(model, [pair[1] for pair in pairs])
    likeness = left @ right.T / TEMPERATURE
    own = torch.arange(len(pairs))
    return cross_entropy(likeness, own) + cross_entropy(likeness.T, own)


def _embed(model: BertModel, rows: Sequence[Sequence[int]]) -> Tensor:
    framed = [[1, *ids[: WINDOW - 2], 2] for ids in rows]
    width = max(len(ids) for ids in framed)
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in framed])
    attention = (ids != 0).long()
    hidden = model(input_ids=ids, attention_mask=attention).last_hidden_state
    return normalize((hidden * attention.unsqueeze(-1)).sum(dim=1), dim=1)
