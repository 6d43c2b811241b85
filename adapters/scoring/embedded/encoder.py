"""The encoder of `relevance` and `diversity`: texts about one passage lie close together, others far apart.

Trained by contrast: of a batch of pairs (two pieces of an article; base text and completion), each half must find its other
half among all. What it must not learn is the subjects of the training articles: so in half of the pairs rare tokens are
exchanged for others, and only those that both halves share can help.
"""

import random
from collections import Counter
from collections.abc import Sequence

import attrs
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize
from transformers import BertConfig, BertModel, PreTrainedTokenizerBase

from adapters.scoring.embedded.examples import Example
from adapters.scoring.embedded.optimiser import Optimiser
from adapters.scoring.embedded.tokenizer import VOCABULARY
from adapters.scoring.tokens import plain_ids
from core.randomness import below, between, choice, sample

WINDOW = 256
PAIRS = 48
LONGEST = 150
COMMON = 150
FIRST_TOKEN = 6
TEMPERATURE = 0.05


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
        )
    )


@attrs.frozen
class Lesson:
    """What the encoder learns from.

    Attributes:
        articles: as ids.
        pairs: base text and honest completion, as ids.
        common: the most frequent ids, which tell nothing about a subject.
    """

    articles: tuple[list[int], ...]
    pairs: tuple[tuple[list[int], list[int]], ...]
    common: frozenset[int]

    @classmethod
    def of(
        cls, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], examples: Sequence[Example]
    ) -> "Lesson":
        articles = tuple(plain_ids(tokenizer, text) for text in texts)
        pairs = tuple(
            (plain_ids(tokenizer, example.task.base_text), plain_ids(tokenizer, completion.text))
            for example in examples
            for completion in example.completions
            if completion.grade
        )
        counted = Counter(token for ids in articles for token in ids).most_common(COMMON)
        return cls(articles, pairs, frozenset(token for token, _ in counted))


def contrast(model: BertModel, lesson: Lesson, steps: int, rng: random.Random) -> None:
    """Learn which pieces belong to one text."""
    optimiser = Optimiser(model, steps, peak=2e-3)
    for _ in range(steps):
        chosen = [_piece_pair(ids, rng) for ids in sample(rng, lesson.articles, PAIRS // 2)]
        chosen += [_cut_pair(choice(rng, lesson.pairs), rng) for _ in range(PAIRS // 2)]
        optimiser.step(_loss(model, [_disguised(pair, lesson.common, rng) for pair in chosen]))


def _disguised(
    pair: tuple[list[int], list[int]], common: frozenset[int], rng: random.Random
) -> tuple[list[int], list[int]]:
    """Half of the pairs with every rare id replaced by another, the same one throughout: only sharing them still counts."""
    if rng.random() < 1 / 2:
        return pair
    table = list(range(FIRST_TOKEN, VOCABULARY))
    table = list(sample(rng, table, len(table)))
    left, right = (
        [token if token in common else table[token - FIRST_TOKEN] for token in ids] for ids in pair
    )
    return left, right


def _piece_pair(ids: Sequence[int], rng: random.Random) -> tuple[list[int], list[int]]:
    """Two pieces of one article, near each other, possibly overlapping."""
    length = between(rng, 30, LONGEST)
    start = below(rng, max(1, len(ids) - 2 * length))
    other = start + below(rng, length)
    return list(ids[start : start + length]), list(ids[other : other + between(rng, 12, 80)])


def _cut_pair(pair: tuple[list[int], list[int]], rng: random.Random) -> tuple[list[int], list[int]]:
    base, completion = pair
    start = below(rng, max(1, len(base) - LONGEST))
    return (base if below(rng, 2) else base[start : start + LONGEST]), completion[:LONGEST]


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
