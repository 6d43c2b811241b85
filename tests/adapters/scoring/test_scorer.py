"""The scorer: one thread, failures listed, nothing loaded that is not needed."""

import subprocess
import sys
import threading
from pathlib import Path

import anyio
import attrs
import pytest

from adapters.scoring.batch import MAX_CHARS, Batch, mask_of
from adapters.scoring.scorer import LocalScorer, open_scorer
from adapters.scoring.settings import EMBEDDED, ScoringSettings
from core.types import RawMask, RawReward, TaskType
from effects.ports import Fault, Verdict
from tests.adapters.scoring.tiny import ref


@attrs.define
class Recorder:
    """A reward function that keeps what it is given; it waits for `gate` where there is one."""

    name: str = "recorder"
    gate: threading.Event | None = None
    batches: list[Batch] = attrs.Factory(list)
    threads: set[int] = attrs.Factory(set)
    running: int = 0
    most_running: int = 0

    def score(self, batch: Batch) -> RawReward:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.threads.add(threading.get_ident())
        self.batches.append(batch)
        if self.gate:
            self.gate.wait(10)
        self.running -= 1
        values = tuple(float(len(text)) for text in batch.completions)
        return RawReward(self.name, values, (True,) * len(values))


class Broken:
    name = "broken"

    def score(self, batch: Batch) -> RawReward:
        raise RuntimeError(f"no memory\nfor {len(batch.completions)}")

    def judge(self, batch: Batch) -> RawMask:
        return mask_of(self.name, [str(batch.completions[99])])


async def ask(scorer: LocalScorer, *completions: str) -> Verdict:
    return await scorer.score(
        task_type=TaskType.SUMMARY, prompt="prompt", base_text="base", completions=completions
    )


async def test_a_failure_is_listed_and_the_rest_is_judged() -> None:
    """What fails is named with its reason in one line; no default takes its place."""
    verdict = await ask(LocalScorer([Broken(), Recorder()], [Broken()]), "a", "bb")
    assert [raw.name for raw in verdict.rewards] == ["recorder"]
    assert verdict.rewards[0].values == (1.0, 2.0)
    assert verdict.masks == ()
    assert verdict.unscored[0] == ("broken", "RuntimeError: no memory for 2")
    assert verdict.unscored[1][0] == "broken"


async def test_the_event_loop_goes_on_and_steps_take_turns() -> None:
    """Two steps at once are judged one after the other, away from the loop's thread."""
    gate = threading.Event()
    recorder = Recorder(gate=gate)
    scorer = LocalScorer([recorder], [])
    async with anyio.create_task_group() as group:
        group.start_soon(ask, scorer, "one")
        group.start_soon(ask, scorer, "two")
        while not recorder.batches:
            await anyio.lowlevel.checkpoint()
        gate.set()
    assert recorder.most_running == 1
    assert len(recorder.batches) == 2
    assert threading.get_ident() not in recorder.threads


async def test_a_step_given_up_does_not_go_on_beside_the_next() -> None:
    """A cancelled step returns at once; its remaining functions never run, and the next step waits for the one running."""
    gate = threading.Event()
    slow, after = Recorder(gate=gate), Recorder("after")
    scorer = LocalScorer([slow, after], [])
    async with anyio.create_task_group() as group:
        group.start_soon(ask, scorer, "dropped")
        while not slow.batches:
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert not gate.is_set()
    async with anyio.create_task_group() as group:
        group.start_soon(ask, scorer, "next")
        await anyio.lowlevel.checkpoint()
        gate.set()
    assert slow.most_running == 1
    assert [batch.completions for batch in after.batches] == [("next",)]


async def test_texts_are_cut_before_anything_looks_at_them() -> None:
    """A megabyte reaches no function."""
    recorder = Recorder()
    await ask(LocalScorer([recorder], []), "x" * 2**20)
    assert [len(text) for text in recorder.batches[0].completions] == [MAX_CHARS]


@pytest.fixture
def settings(tiny: Path) -> ScoringSettings:
    encoder = ref(tiny, "encoder")
    return attrs.evolve(
        EMBEDDED,
        dpo=ref(tiny, "lm"),
        reciprocate=ref(tiny, "missing", "--reward.reciprocate_model"),
        relevance=attrs.evolve(EMBEDDED.relevance, bert=encoder, mpnet=encoder),
        diversity=attrs.evolve(EMBEDDED.diversity, encoder=encoder),
        nsfw=attrs.evolve(EMBEDDED.nsfw, model=ref(tiny, "nsfw")),
    )


async def test_only_what_is_named_is_loaded(settings: ScoringSettings) -> None:
    """Without a weight for `reciprocate` its missing model hurts nobody; with one its flag is named."""
    names = ("blacklist", "nsfw", "relevance", "diversity")
    scorer = await open_scorer(settings, rewards=["dpo"], masks=names)
    verdict = await ask(scorer, "the sea is deep", "rivers carry stones")
    assert [raw.name for raw in verdict.rewards] == ["dpo"]
    assert tuple(raw.name for raw in verdict.masks) == names
    assert verdict.unscored == ()
    with pytest.raises(Fault, match=r"--reward.reciprocate_model"):
        await open_scorer(settings, rewards=["dpo", "reciprocate"], masks=[])


@pytest.mark.parametrize(("rewards", "masks"), [(["rlhf"], []), ([], ["tone"])])
async def test_an_unknown_name_is_refused(rewards: list[str], masks: list[str]) -> None:
    """The flag that named it is told."""
    with pytest.raises(Fault, match=r"--(reward|neuron)\."):
        await open_scorer(rewards=rewards, masks=masks)


def test_importing_the_scorer_loads_no_torch() -> None:
    """A program that only reads its flags stays quick to start."""
    code = "import sys, adapters.scoring.scorer; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
