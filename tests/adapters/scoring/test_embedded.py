"""The embedded models, measured on articles that they were not trained on."""

import random
import socket
from pathlib import Path

import pytest

from adapters.scoring.embedded.bad import BAD_KINDS
from adapters.scoring.embedded.examples import examples
from adapters.scoring.embedded.safety import hateful_line
from adapters.scoring.scorer import LocalScorer, open_scorer
from adapters.scoring.settings import EMBEDDED, MODELS
from core.config import NeuronConfig
from core.types import TaskType
from tests.adapters.scoring.measuring import WHOLE, Measured, auc, by_kind, honest_and_bad, measure, table

COUNT = 36
LEAST_AUC = 0.94
LARGEST_SIZE = 3_000_000

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
async def measured() -> list[Measured]:
    return await measure(COUNT)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def test_good_completions_are_rewarded_above_every_bad_kind(measured: list[Measured]) -> None:
    """The whole reward of a good completion is above that of a bad one of each kind, in 94 of 100 pairs or more."""
    rewards = by_kind(measured, WHOLE)
    found = {kind: auc(rewards["good"], rewards[kind]) for kind in BAD_KINDS}
    assert min(found.values()) >= LEAST_AUC, table(measured)


async def test_every_honest_quality_earns_more_than_any_bad_kind(measured: list[Measured]) -> None:
    """Mean rewards: good above fair above poor, and poor above each bad kind."""
    honest, bad = honest_and_bad(measured)
    assert honest["good"] > honest["fair"] > honest["poor"] > max(bad.values()), table(measured)


async def test_each_reward_function_alone_prefers_good_completions(measured: list[Measured]) -> None:
    """Neither function is a passenger: over all bad completions, each finds the good one better in most pairs."""
    for name, least in (("dpo", 0.8), ("reciprocate", 0.9)):
        values = by_kind(measured, name)
        bad = [value for kind in BAD_KINDS for value in values[kind]]
        assert auc(values["good"], bad) >= least, table(measured)


async def test_masks_leave_honest_completions_alone(measured: list[Measured]) -> None:
    """Of good completions at most one in fifty is masked by any one mask."""
    for name in NeuronConfig().masks:
        kept = by_kind(measured, name)["good"]
        assert sum(kept) / len(kept) >= 0.98, table(measured)


async def test_hateful_lines_are_masked_and_held_out_text_is_not() -> None:
    """The safety mask catches its kind of line, alone and mostly within good text, and no part of an honest completion."""
    rng = random.Random(5)
    good = [c.text for example in examples(5, 12, held_out=True) for c in example.completions if c.grade]
    bad = [hateful_line(rng) for _ in range(20)]
    mixed = [f"{text} {line}" for text, line in zip(good, bad, strict=False)]
    async with open_scorer(rewards=[], masks=["nsfw"]) as scorer:
        assert await _kept(scorer, good) == [1] * len(good)
        assert sum(await _kept(scorer, bad)) <= 1
        assert sum(await _kept(scorer, mixed)) <= 4


async def _kept(scorer: LocalScorer, texts: list[str]) -> list[int]:
    verdict = await scorer.score(
        task_type=TaskType.ANSWER, prompt="prompt", base_text="base", completions=texts
    )
    return [value if value is not None else -1 for value in verdict.masks[0].values]


async def test_the_embedded_models_load_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket is opened to load or to use them."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    async with open_scorer(rewards=["dpo", "reciprocate"], masks=NeuronConfig().masks) as scorer:
        verdict = await scorer.score(
            task_type=TaskType.ANSWER,
            prompt="Why is ice cold?",
            base_text="Ice is cold.",
            completions=["It is"],
        )
    assert verdict.unscored == ()


def test_the_shipped_models_are_small() -> None:
    """All weights and tokenizers together stay below 3 MB."""
    folders = {EMBEDDED.dpo.model, EMBEDDED.reciprocate.model, EMBEDDED.diversity.encoder.model}
    assert all(Path(folder).parent == MODELS for folder in folders)
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) <= LARGEST_SIZE
