"""Completions side by side: the same as alone, token by token, through lack of memory and failures."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
import torch

from adapters.completions import CompletionSettings
from adapters.completions.causal.generating import Generator, Row
from adapters.completions.causal.loading import Loaded, load
from adapters.scoring.settings import MODELS

NEW = 24
PROMPTS = (
    "The sea is deep",
    "Whales",
    "A bridge of stone carries the road over the river, and people",
    "1 2 3",
)


def greedy(loaded: Loaded, new: int = NEW) -> Generator:
    return Generator(loaded, new, temperature=0, top_p=1)


@attrs.define
class Run:
    """What came of a batch: per row its pieces, and how often was told."""

    rows: list[Row]
    pieces: list[list[str]]
    told: int = 0

    @property
    def texts(self) -> list[str]:
        return ["".join(pieces) for pieces in self.pieces]


def run(
    generator: Generator,
    prompts: Sequence[str],
    is_wanted: Callable[[int, int], bool] = lambda _row, _told: True,
) -> Run:
    """`is_wanted` is asked with a row's place and how often was told so far."""
    done = Run([], [[] for _ in prompts])

    def wanted(place: int) -> Callable[[], bool]:
        return lambda: is_wanted(place, done.told)

    for place, prompt in enumerate(prompts):
        tokens = generator.loaded.tokenizer(prompt)["input_ids"]
        done.rows.append(generator.row(tokens, wanted(place)))

    def told(_rows: Sequence[Row]) -> None:
        done.told += 1
        for row, pieces in zip(done.rows, done.pieces, strict=True):
            pieces.extend(row.take())

    generator.run(done.rows, told)
    return done


@pytest.mark.parametrize("name", ["gpt2-lm", "gptj-lm", "llama-lm", "gpt-neo-lm", "mistral-lm"])
def test_an_answer_in_a_batch_is_the_one_given_alone(name: str, folder: Callable[[str], Path]) -> None:
    """The likeliest tokens do not depend on who is answered beside, in any architecture; prompts have different lengths."""
    generator = greedy(load(CompletionSettings(backend="causal_lm", model=str(folder(name)))))
    together = run(generator, PROMPTS).texts
    assert together == [run(generator, [prompt]).texts[0] for prompt in PROMPTS]
    assert len(set(together)) == len(together)


def test_an_answer_is_what_the_model_generates_by_itself(loaded: Loaded) -> None:
    """Joined pieces are what the library gives for the prompt without any of ours around it."""
    tokens = torch.tensor([loaded.tokenizer(PROMPTS[0])["input_ids"]])
    model: Any = loaded.model
    whole = model.generate(
        input_ids=tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=NEW, do_sample=False
    )
    expected = loaded.tokenizer.decode(whole[0, tokens.shape[1] :], skip_special_tokens=True)
    done = run(greedy(loaded), PROMPTS)
    assert done.texts[0] == str(expected).rstrip("\ufffd")
    assert len(done.pieces[0]) > 3


def test_the_shipped_model_answers() -> None:
    """A trained one, as a miner would use it, with chance in it."""
    loaded = load(CompletionSettings(backend="causal_lm", model=str(MODELS / "dpo")))
    done = run(Generator(loaded, NEW, temperature=1.0, top_p=0.9), PROMPTS)
    assert all(row.has_ended and row.fault is None for row in done.rows)
    assert all(text.isprintable() and text for text in done.texts)


def test_a_models_own_settings_do_not_get_in_the_way(
    loaded: Loaded, folder: Callable[[str], Path], tmp_path: Path
) -> None:
    """Beams, several answers, a length, a guess at the prompt's words: what comes with a model changes nothing but its end marks."""
    own = {"num_beams": 4, "num_return_sequences": 2, "max_length": 5, "prompt_lookup_num_tokens": 3}
    target = tmp_path / "own"
    shutil.copytree(folder("llama-lm"), target)
    (target / "generation_config.json").write_text(json.dumps(own | {"eos_token_id": [2, 0]}))
    other = load(CompletionSettings(backend="causal_lm", model=str(target)))
    assert other.ends == {0, 2}
    assert run(greedy(other), PROMPTS).texts == run(greedy(loaded), PROMPTS).texts


def test_a_row_ends_at_its_end_mark_while_others_go_on(loaded: Loaded) -> None:
    """Whatever token is an end: nothing behind it is given, and the other rows are the same."""
    free = run(greedy(loaded), PROMPTS[:2])
    second = free.rows[0].tokens[-NEW + 4]
    ended = run(greedy(attrs.evolve(loaded, ends=loaded.ends | {second})), PROMPTS[:2])
    assert free.texts[0].startswith(ended.texts[0])
    assert ended.rows[0].generated <= 4
    assert second not in ended.rows[0].tokens[-ended.rows[0].generated :]


def test_who_goes_away_costs_no_more(loaded: Loaded) -> None:
    """A row that is given up stops within a token; where all are, the whole batch does."""
    generator = greedy(loaded)
    alone = run(generator, PROMPTS[1:2])
    one = run(generator, PROMPTS[:2], is_wanted=lambda row, told: row == 1 or told < 3)
    assert one.texts[1] == alone.texts[0]
    assert one.rows[0].generated <= 4
    everybody = run(generator, PROMPTS[:2], is_wanted=lambda _row, told: told < 3)
    assert max(row.generated for row in everybody.rows) <= 4
    assert run(generator, PROMPTS[:2], is_wanted=lambda _row, _told: False).told == 0


def limited(loaded: Loaded, monkeypatch: pytest.MonkeyPatch, most_rows: int, after: int = 0) -> list[int]:
    """Let the model run out of memory with more rows than that, after so many passes; gives the sizes of all passes."""
    forward, sizes = loaded.model.forward, []

    def scarce(*arguments: Any, **named: Any) -> Any:
        rows = (named["input_ids"] if "input_ids" in named else arguments[0]).shape[0]
        sizes.append(rows)
        if rows > most_rows and len(sizes) > after:
            raise torch.OutOfMemoryError("no memory")
        return forward(*arguments, **named)

    monkeypatch.setattr(loaded.model, "forward", scarce)
    return sizes


@pytest.mark.parametrize("after", [0, 7])
def test_a_batch_too_large_is_halved_and_goes_on(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """At the start or in the middle: the answers are the same, and no piece is given twice."""
    expected = run(greedy(loaded), PROMPTS).texts
    sizes = limited(loaded, monkeypatch, most_rows=1, after=after)
    done = run(greedy(loaded), PROMPTS)
    assert done.texts == expected
    assert all(row.fault is None for row in done.rows)
    assert set(sizes) == {4, 2, 1}


def test_a_prompt_too_large_by_itself_is_a_fault(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a single row has no room it ends, and says which flag to lower."""
    limited(loaded, monkeypatch, most_rows=0)
    done = run(greedy(loaded), PROMPTS[:2])
    assert all("--completion.max_prompt_tokens" in str(row.fault) for row in done.rows)


def test_a_model_that_fails_fails_for_this_batch_alone(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of its rows end with the reason; the next batch is answered."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("a bad weight")

    with monkeypatch.context() as patched:
        patched.setattr(loaded.model, "forward", broken)
        done = run(greedy(loaded), PROMPTS)
    assert {str(row.fault) for row in done.rows} == {"the model failed: ValueError: a bad weight"}
    assert all(row.fault is None for row in run(greedy(loaded), PROMPTS).rows)
