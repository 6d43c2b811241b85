"""The `reciprocate` model: a classifier with one logit for a chat, grown from the causal model, trained on graded completions.

The loss ranks the completions of a prompt by grade, and pulls each logit towards its grade, so that a logit means the same
for every task and prompt. Its window is short: of a long prompt it sees the end, where the points to keep to stand. Whether a
completion is about the prompt's text is for the causal model and the relevance mask to say.
"""

import random
from collections.abc import Sequence

import attrs
import torch
from torch import Tensor
from transformers import LlamaForCausalLM, LlamaForSequenceClassification, PreTrainedTokenizerBase

from adapters.scoring.embedded.causal import model_config
from adapters.scoring.embedded.examples import Completion, Example, thinned
from adapters.scoring.embedded.grouped import Group, group_of, hidden_states, ranking_loss
from adapters.scoring.embedded.optimiser import Optimiser
from adapters.scoring.reciprocate import CLOSING, MIDDLE, OPENING
from adapters.scoring.tokens import plain_ids
from core.randomness import choice

BAD = 4
WRONG_TASK = "wrong_task"
# What a language model alone hardly notices.
ALWAYS = frozenset({WRONG_TASK, "truncated"})
WINDOW = 512


@attrs.frozen
class Lesson:
    """How long one stage of the training lasts, and how much of the texts it shows.

    Attributes:
        peak: the largest learning rate.
        prompt, completion: number of tokens kept at the start and at the end.
    """

    steps: int
    peak: float
    prompt: tuple[int, int]
    completion: tuple[int, int]


LESSONS = (
    Lesson(steps=4000, peak=2e-3, prompt=(40, 70), completion=(24, 24)),
    Lesson(steps=1200, peak=1.5e-3, prompt=(0, WINDOW), completion=(WINDOW // 2, WINDOW // 4)),
)


def from_causal(causal: LlamaForCausalLM) -> LlamaForSequenceClassification:
    """A classifier with the causal model's body and a new head."""
    config = model_config(WINDOW)
    config.num_labels = 1
    model = LlamaForSequenceClassification(config)  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    model.model.load_state_dict(causal.model.state_dict())
    return model


def prefer(
    model: LlamaForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    rng: random.Random,
) -> None:
    """Learn the grades of completions: first from their ends, which is quick, then from all that the window holds."""
    for lesson in LESSONS:
        optimiser = Optimiser(model, lesson.steps, peak=lesson.peak)
        for _ in range(lesson.steps):
            optimiser.step(_loss(model, _group(tokenizer, choice(rng, examples), lesson, rng)))


def _group(tokenizer: PreTrainedTokenizerBase, example: Example, lesson: Lesson, rng: random.Random) -> Group:
    """The chats of an example, behind as much of its prompt as the longest of them leaves room for."""
    opening, middle, closing = (
        tokenizer(mark, add_special_tokens=False)["input_ids"] for mark in (OPENING, MIDDLE, CLOSING)
    )
    completions = [
        (_ends(plain_ids(tokenizer, c.text), *lesson.completion), _grade(c))
        for c in thinned(example, BAD, rng, ALWAYS)
    ]
    room = WINDOW - len(opening) - len(middle) - len(closing) - max(len(ids) for ids, _ in completions)
    prompt = _ends(plain_ids(tokenizer, example.task.prompt()), *lesson.prompt)[-room:]
    return group_of([*opening, *prompt, *middle], [([*ids, *closing], grade) for ids, grade in completions])


def _ends(ids: list[int], first: int, last: int) -> list[int]:
    """The first and the last tokens; all of a text that has no more."""
    return ids if len(ids) <= first + last else [*ids[:first], *ids[len(ids) - last :]]


def _grade(completion: Completion) -> int:
    """The wrong task is the lowest grade of all: it reads as well as the right one, so `dpo` cannot tell them apart."""
    return -1 if completion.kind == WRONG_TASK else completion.grade


def _loss(model: LlamaForSequenceClassification, group: Group) -> Tensor:
    """Judges by the last token, as the reward function does, and by the mean over all, from which it learns faster."""
    logits = model.score(hidden_states(model.model, group)[1]).squeeze(2)
    last = logits[torch.arange(len(logits)), group.lengths - 1]
    inside = torch.arange(logits.shape[1]) < group.lengths.unsqueeze(1)
    mean = (logits * inside).sum(dim=1) / group.lengths
    level: Tensor = (last - (group.grades - 1).float()).square().mean()
    return ranking_loss(last, group.grades, 1.0) + ranking_loss(mean, group.grades, 1.0) + 0.1 * level
