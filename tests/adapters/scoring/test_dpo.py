"""The `dpo` reward function against a plain reference on a tiny random model."""

import math
from pathlib import Path

import pytest
import torch

from adapters.scoring.dpo import SENTINEL, Dpo
from adapters.scoring.loading import Loaded, load_causal_lm
from adapters.scoring.tokens import plain_ids
from tests.adapters.scoring.tiny import WINDOW, ref, step

PROMPT = "is the sea deep"
LOOP = "the sea is deep the sea is deep the sea is deep and the sea is deep"
PLAIN = "rivers carry stones down to it every day"


@pytest.fixture(scope="module")
def loaded(tiny: Path) -> Loaded:
    return load_causal_lm(ref(tiny, "lm"))


def reference(loaded: Loaded, prompt: str, completion: str, *, penalise: bool = True) -> float:
    """The definition, one token at a time, in float64."""
    head, tail = plain_ids(loaded.tokenizer, prompt), plain_ids(loaded.tokenizer, completion)
    with torch.no_grad():
        logits = loaded.model(input_ids=torch.tensor([head + tail])).logits[0].double().tolist()
    total = 0.0
    for t, token in enumerate(tail):
        row = list(logits[len(head) + t - 1])
        gram = tail[t - 4 : t + 1]
        earlier = [tail[s - 4 : s + 1] for s in range(4, t)]
        if penalise and t >= 4 and gram in earlier:
            mean = sum(row) / len(row)
            std = math.sqrt(sum((x - mean) ** 2 for x in row) / (len(row) - 1))
            row[token] = mean - 10 * std
        largest = max(row)
        total += row[token] - largest - math.log(sum(math.exp(x - largest) for x in row))
    return total / len(tail)


def test_scores_are_the_mean_log_probabilities_of_the_definition(loaded: Loaded) -> None:
    """Every completion of a mixed batch scores what the plain reference says, repeats punished, padding without effect."""
    texts = (PLAIN, LOOP, "stones carry", "blue " * 12, "the sea is deep and blue")
    raw = Dpo(loaded).judge([step(*texts, prompt=PROMPT)])[0]
    assert raw.measured == (True,) * len(texts)
    assert raw.values == pytest.approx([reference(loaded, PROMPT, text) for text in texts], abs=2e-5)


def test_a_repeat_costs_and_text_without_one_does_not(loaded: Loaded) -> None:
    """The penalty moves the score of a loop far down and leaves other text as it is."""
    loop, plain = Dpo(loaded).judge([step(LOOP, PLAIN, prompt=PROMPT)])[0].values
    assert loop is not None
    assert loop < reference(loaded, PROMPT, LOOP, penalise=False) - 1
    assert plain == pytest.approx(reference(loaded, PROMPT, PLAIN, penalise=False), abs=2e-5)


def test_a_score_does_not_depend_on_its_neighbours(loaded: Loaded) -> None:
    """Alone or beside others, in any order, a completion scores the same."""
    texts = (PLAIN, LOOP, "stones carry")
    together = Dpo(loaded).judge([step(*texts)])[0].values
    turned = Dpo(loaded).judge([step(*texts[::-1])])[0].values[::-1]
    alone = [Dpo(loaded).judge([step(text)])[0].values[0] for text in texts]
    assert together == pytest.approx(turned, abs=1e-5)
    assert together == pytest.approx(alone, abs=1e-5)


def test_what_cannot_be_measured_scores_the_sentinel(loaded: Loaded) -> None:
    """Empty, five characters, and a prompt that fills the context window: -11, marked as not measured."""
    raw = Dpo(loaded).judge([step("", "abcde", PLAIN)])[0]
    assert raw.values[:2] == (SENTINEL, SENTINEL)
    assert raw.measured == (False, False, True)
    full = Dpo(loaded).judge([step(PLAIN, prompt="sea " * (2 * WINDOW))])[0]
    assert (full.values, full.measured) == ((SENTINEL,), (False,))


def test_a_completion_is_scored_by_its_part_within_the_window(loaded: Loaded) -> None:
    """What runs beyond the context window does not count."""
    prompt, completion = "the sea", "rivers carry stones " * 40
    ids = plain_ids(loaded.tokenizer, completion)
    room = WINDOW - len(plain_ids(loaded.tokenizer, prompt))
    within = str(loaded.tokenizer.decode(ids[:room]))
    longer = Dpo(loaded).judge([step(completion, prompt=prompt)])[0].values[0]
    assert longer == pytest.approx(reference(loaded, prompt, within), abs=2e-5)


def test_a_model_that_yields_no_number_scores_the_sentinel(tiny: Path) -> None:
    """NaN never comes out."""
    broken = load_causal_lm(ref(tiny, "lm"))
    with torch.no_grad():
        next(broken.model.parameters()).fill_(math.nan)
    raw = Dpo(broken).judge([step(PLAIN)])[0]
    assert (raw.values, raw.measured) == ((SENTINEL,), (False,))


def test_special_tokens_of_a_stranger_are_plain_text(loaded: Loaded) -> None:
    """The text of a mark is encoded as the characters that it is made of, and gives no special id."""
    ids = plain_ids(loaded.tokenizer, "a</s>b<|endoftext|>")
    assert not set(ids) & set(loaded.tokenizer.all_special_ids)
    assert loaded.tokenizer.decode(ids) == "a</s>b<|endoftext|>"


def test_no_completions_give_no_values(loaded: Loaded) -> None:
    """An empty step is an empty verdict."""
    assert Dpo(loaded).judge([step()])[0].values == ()
