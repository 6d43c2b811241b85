"""The rows of reward functions."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from adapters.scoring import prompt_based as prompts
from adapters.scoring.batch import Batch, RewardFunction
from adapters.scoring.dahoas import START, Dahoas
from adapters.scoring.dpo import Dpo
from adapters.scoring.prompt_based import WANTED, PromptBased
from adapters.scoring.reciprocate import CLOSING, MIDDLE, OPENING, Reciprocate
from adapters.scoring.rlhf import Rlhf
from adapters.scoring.tokens import frame, pair_frame
from tests.adapters.scoring import references
from tests.adapters.scoring.references import Plain
from tests.bench.counting import watched
from tests.bench.kits import Both, Kit
from tests.bench.measuring import Case, Row
from tests.bench.scales import Shape
from tests.bench.texts import drawn_step

Reference = Callable[[Batch, str], float]


def dpo(kit: Kit) -> Row:
    return _dpo(kit, kit.scale.step)


def dpo_short(kit: Kit) -> Row:
    return _dpo(kit, kit.scale.short)


def dpo_half_identical(kit: Kit) -> Row:
    return _dpo(kit, kit.scale.half_identical)


def _dpo(kit: Kit, shape: Shape) -> Row:
    loaded, plain = both = kit.causal_lm("gpt2-lm", "dpo")

    def reference(step: Batch, text: str) -> float:
        return references.dpo(plain, step.prompt, text)

    def least(step: Batch) -> int:
        return len(frame(plain.tokenizer)[0]) + len(plain.ids(step.prompt)) + sum(_lengths(plain, step))

    return _row(shape, both, Dpo(loaded), reference, least)


def rlhf(kit: Kit) -> Row:
    loaded, plain = both = kit.classifier("deberta-reward", "rlhf")

    def reference(step: Batch, text: str) -> float:
        return references.rlhf(plain, step.prompt, text)

    def least(step: Batch) -> int:
        shared = pair_frame(plain.tokenizer).size + len(plain.ids(step.prompt))
        return sum(shared + length for length in _lengths(plain, step))

    return _row(kit.scale.step, both, Rlhf(loaded), reference, least)


def reciprocate(kit: Kit) -> Row:
    loaded, plain = both = kit.classifier("gptj-reward", "reciprocate")

    def reference(step: Batch, text: str) -> float:
        return references.reciprocate(plain, step.prompt, text)

    def least(step: Batch) -> int:
        opening, middle, closing = (
            len(plain.tokenizer(mark, add_special_tokens=False)["input_ids"])
            for mark in (OPENING, MIDDLE, CLOSING)
        )
        behind = sum(length + closing for length in _lengths(plain, step))
        return opening + len(plain.ids(step.prompt)) + middle + behind

    return _row(kit.scale.step, both, Reciprocate(loaded), reference, least)


def dahoas(kit: Kit) -> Row:
    both, head, plain_head = kit.dahoas("dahoas")
    loaded, plain = both

    def reference(step: Batch, text: str) -> float:
        return references.dahoas(plain, plain_head, step.prompt, text)

    def least(step: Batch) -> int:
        return len(plain.ids(START)) + len(plain.ids(step.prompt)) + 2 * sum(_lengths(plain, step))

    return _row(kit.scale.step, both, Dahoas(loaded, head), reference, least)


def prompt_based(kit: Kit) -> Row:
    loaded, plain = both = kit.grader("llama-lm", "prompt_based")

    def least(step: Batch) -> int:
        """Of the questions; what the model says is not counted."""
        wanted = WANTED[step.task_type]
        shared = len(references.question(plain, wanted, step.prompt, ""))
        closing = len(plain.ids(prompts.CLOSING))
        return shared + sum(length + closing for length in _lengths(plain, step)) - closing

    return _row(
        kit.scale.step,
        both,
        PromptBased(loaded),
        lambda step, text: _generated_grade(plain, step, text),
        least,
    )


@torch.inference_mode()
def _generated_grade(plain: Plain, step: Batch, text: str) -> float:
    """As `references.prompt_based`, by the library's own loop, which keeps keys and values from token to token."""
    ids = plain.tensor(references.question(plain, WANTED[step.task_type], step.prompt, text))
    said = plain.model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=prompts.MOST_TOKENS, do_sample=False
    )
    return references.grade(plain.tokenizer.decode(said[0, ids.shape[1] :]))


def _lengths(plain: Plain, step: Batch) -> list[int]:
    """Tokens of the different completions."""
    return [len(plain.ids(text)) for text in dict.fromkeys(step.completions)]


def _row(
    shape: Shape,
    both: Both,
    product: RewardFunction,
    reference: Reference,
    least: Callable[[Batch], int],
) -> Row:
    loaded, plain = both

    def case(run: int) -> Case:
        step = drawn_step(shape, plain.tokenizer, run)
        return Case(
            lambda: [reference(step, text) for text in step.completions],
            lambda: product.judge([step])[0].values,
            _difference,
            least(step),
        )

    return Row(case, watched([loaded]))


def _difference(expected: Sequence[float], found: Sequence[Any]) -> float:
    return max(float(abs(a - b)) for a, b in zip(expected, found, strict=True))
