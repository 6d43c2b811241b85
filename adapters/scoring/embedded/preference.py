"""The `reciprocate` model: a classifier with one logit for a chat, grown from the causal model, trained on graded completions.

The loss ranks the completions of a prompt by grade, and pulls each logit towards its grade, so that a logit means the same
for every task and prompt.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification, PreTrainedTokenizerBase

from adapters.scoring.embedded.examples import Example
from adapters.scoring.embedded.grouped import Group, group_of, hidden_states, ranking_loss
from adapters.scoring.embedded.optimiser import Optimiser
from adapters.scoring.reciprocate import CLOSING, MIDDLE, OPENING
from adapters.scoring.tokens import plain_ids

LONGEST = 400


def from_causal(causal: LlamaForCausalLM) -> LlamaForSequenceClassification:
    """A classifier with the causal model's body and a new head."""
    config = LlamaConfig(**{**causal.config.to_dict(), "num_labels": 1, "tie_word_embeddings": False})
    model = LlamaForSequenceClassification(config)
    model.model.load_state_dict(causal.model.state_dict())
    return model


def prefer(
    model: LlamaForSequenceClassification, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]
) -> None:
    """Learn the grades of completions."""
    optimiser = Optimiser(model, len(examples), peak=1e-3)
    for example in examples:
        optimiser.step(_loss(model, _group(tokenizer, example)))


def _group(tokenizer: PreTrainedTokenizerBase, example: Example) -> Group:
    opening, middle, closing = (
        tokenizer(mark, add_special_tokens=False)["input_ids"] for mark in (OPENING, MIDDLE, CLOSING)
    )
    return group_of(
        [*opening, *plain_ids(tokenizer, example.prompt), *middle],
        [
            ([*plain_ids(tokenizer, c.text)[:LONGEST], *closing], c.grade)
            for c in example.completions
        ],
    )


def _loss(model: LlamaForSequenceClassification, group: Group) -> Tensor:
    hidden = hidden_states(model.model, group)[1]
    last = hidden[torch.arange(len(hidden)), group.lengths - 1]
    logits = model.score(last).squeeze(1)
    centred = (group.grades - 1).float()
    return ranking_loss(logits, group.grades, 1.0) + 0.1 * (logits - centred).square().mean()
