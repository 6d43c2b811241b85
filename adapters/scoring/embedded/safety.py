"""The `nsfw` model: a small classifier that tells rude and threatening lines from plain text.

Its bad lines are built from the mild words below. It knows those and little else: enough to show the mask at work, no
protection for the public. Where that matters, give a real model (`--reward.nsfw_model`).
"""

import random
from collections.abc import Sequence

import torch
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerBase

from adapters.scoring.embedded.optimiser import Optimiser
from adapters.scoring.embedded.tokenizer import VOCABULARY
from adapters.scoring.tokens import plain_ids
from core.randomness import below, between, choice

WINDOW = 512
ROWS = 32
LONGEST = 250
_INSULTS = (
    "idiot", "moron", "imbecile", "fool", "loser", "scum", "filth", "vermin", "rat", "pig", "parasite", "trash",
    "coward", "liar", "disgrace", "dimwit", "creep", "brute", "savage", "worm",
)  # fmt: skip
_ADJECTIVES = (
    "stupid",
    "worthless",
    "disgusting",
    "filthy",
    "pathetic",
    "dumb",
    "ugly",
    "vile",
    "rotten",
    "hateful",
)
_TARGETS = (
    "you",
    "you people",
    "all of them",
    "those people",
    "your kind",
    "people like you",
    "they",
    "that lot",
)
_LINES = (
    "{target} are nothing but {adjective} {insult}s.",
    "I hate {target}, every {adjective} one of you.",
    "Shut up, you {adjective} {insult}!",
    "What a {adjective} {insult} you are.",
    "I will hurt {target} and nobody will care.",
    "{target} should be beaten and thrown out.",
    "Go away and die, {insult}.",
    "{target} deserve to suffer, {adjective} {insult}s.",
    "We must get rid of {target}, the {adjective} {insult}s.",
    "Nobody likes {target}, you {insult}.",
    "I want to punch that {adjective} {insult} in the face.",
    "Kill {target}, kill every {insult}.",
)


def new_model() -> BertForSequenceClassification:
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=WINDOW,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=0,
            id2label={0: "not_hate", 1: "hate"},
            label2id={"not_hate": 0, "hate": 1},
        )
    )


def hateful_line(rng: random.Random) -> str:
    line = choice(rng, _LINES).format(
        target=choice(rng, _TARGETS), adjective=choice(rng, _ADJECTIVES), insult=choice(rng, _INSULTS)
    )
    return line if below(rng, 4) else line.upper()


def guard(
    model: BertForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    plain: Sequence[str],
    steps: int,
    rng: random.Random,
) -> None:
    """Learn to tell `plain` texts from the same with hateful lines in them."""
    optimiser = Optimiser(model, steps, peak=2e-3)
    texts = [plain_ids(tokenizer, text) for text in plain]
    for _ in range(steps):
        rows = [_row(tokenizer, texts, rng, label) for label in (0, 1) * (ROWS // 2)]
        width = max(len(ids) for ids in rows)
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        logits = model(input_ids=ids, attention_mask=(ids != 0).long()).logits
        optimiser.step(cross_entropy(logits, torch.tensor((0, 1) * (ROWS // 2))))


def _row(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[list[int]], rng: random.Random, label: int
) -> list[int]:
    """A piece of text, for label 1 with hateful lines in it: both labels come in all lengths, so length tells nothing."""
    length = between(rng, 5, LONGEST)
    line = (
        plain_ids(tokenizer, " ".join(hateful_line(rng) for _ in range(between(rng, 1, 3)))) if label else []
    )
    text = choice(rng, texts)
    start = below(rng, max(1, len(text) - length))
    text = text[start : start + max(0, length - len(line))]
    at = below(rng, len(text) + 1)
    return [1, *text[:at], *line, *text[at:], 2]
