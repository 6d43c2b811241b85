"""The scorer: one thread, failures listed, nothing loaded that is not needed."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import anyio
import anyio.lowlevel
import attrs
import pytest
from transformers import BloomConfig, BloomForCausalLM

from adapters.scoring.batch import MAX_CHARS, Batch, mask_of, raw_reward
from adapters.scoring.embedded.tokenizer import for_texts, train_tokenizer
from adapters.scoring.scorer import LocalScorer, open_scorer
from adapters.scoring.settings import EMBEDDED, ScoringSettings
from core.types import RawMask, RawReward, TaskType
from effects.ports import Fault, Verdict
from tests.adapters.scoring.tiny import WORDS, ref


@attrs.define
class Recorder:
    """A reward function that keeps what it is given; it waits for `gate` where there is one."""

    name: str = "recorder"
    gate: threading.Event | None = None
    batches: list[Batch] = attrs.Factory(list)
    threads: set[int] = attrs.Factory(set)
    running: int = 0
    most_running: int = 0
    calls: list[int] = attrs.Factory(list)

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.threads.add(threading.get_ident())
        self.batches.extend(steps)
        self.calls.append(len(steps))
        if self.gate:
            self.gate.wait(10)
        self.running -= 1
        return [raw_reward(self.name, [float(len(text)) for text in step.completions]) for step in steps]


class Broken:
    """Fails for a step whose base text says so."""

    name = "broken"

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        if any(step.base_text == "poison" for step in steps):
            raise RuntimeError(f"no memory\nfor {len(steps)}")
        return [raw_reward(self.name, [1.0] * len(step.completions)) for step in steps]


class BrokenMask:
    name = "broken"

    def judge(self, steps: Sequence[Batch]) -> list[RawMask]:
        return [mask_of(self.name, [step.completions[99]]) for step in steps]


async def ask(scorer: LocalScorer, *completions: str, base_text: str = "base") -> Verdict:
    return await scorer.score(
        task_type=TaskType.SUMMARY, prompt="prompt", base_text=base_text, completions=completions
    )


async def test_a_failure_is_listed_and_the_rest_is_judged() -> None:
    """What fails is named with its reason in one line; no default takes its place."""
    verdict = await ask(LocalScorer([Broken(), Recorder()], [BrokenMask()]), "a", "bb", base_text="poison")
    assert [raw.name for raw in verdict.rewards] == ["recorder"]
    assert verdict.rewards[0].values == (1.0, 2.0)
    assert verdict.masks == ()
    assert verdict.unscored[0] == ("broken", "RuntimeError: no memory for 1")
    assert verdict.unscored[1][0] == "broken"


async def behind(
    scorer: LocalScorer, busy: Recorder, gate: threading.Event, first: str, *others: str
) -> dict[str, Verdict]:
    """Verdicts by base text: the others are asked for while the first is being judged."""
    verdicts: dict[str, Verdict] = {}

    async def note(base_text: str) -> None:
        verdicts[base_text] = await ask(scorer, base_text, base_text=base_text)

    async with anyio.create_task_group() as group:
        group.start_soon(note, first)
        while not busy.batches:
            await anyio.lowlevel.checkpoint()
        for base_text in others:
            group.start_soon(note, base_text)
        await anyio.wait_all_tasks_blocked()
        gate.set()
    return verdicts


async def test_steps_that_wait_are_judged_together_away_from_the_loop() -> None:
    """While one step is judged the loop goes on, and those that come meanwhile are one call; each gets its own verdict."""
    gate = threading.Event()
    recorder = Recorder(gate=gate)
    verdicts = await behind(LocalScorer([recorder], []), recorder, gate, "a", "bb", "ccc")
    assert recorder.most_running == 1
    assert recorder.calls == [1, 2]
    assert {text: verdict.rewards[0].values for text, verdict in verdicts.items()} == {
        "a": (1.0,),
        "bb": (2.0,),
        "ccc": (3.0,),
    }
    assert threading.get_ident() not in recorder.threads


async def test_poison_hurts_its_own_step_only() -> None:
    """Of steps judged together, the one that fails is unscored and the other is not."""
    gate = threading.Event()
    slow = Recorder(gate=gate)
    verdicts = await behind(LocalScorer([slow, Broken()], []), slow, gate, "first", "poison", "honest")
    assert [raw.name for raw in verdicts["honest"].rewards] == ["recorder", "broken"]
    assert [raw.name for raw in verdicts["poison"].rewards] == ["recorder"]
    assert verdicts["poison"].unscored == (("broken", "RuntimeError: no memory for 1"),)


async def test_a_scorer_that_is_busy_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing says whether what was judged has ended."""
    monkeypatch.setattr("adapters.scoring.scorer.CLOSE_S", 0.01)
    gate = threading.Event()
    busy = Recorder(gate=gate)
    scorer = LocalScorer([busy], [])
    async with anyio.create_task_group() as group:
        group.start_soon(ask, scorer, "text")
        while not busy.batches:
            await anyio.lowlevel.checkpoint()
        assert not await anyio.to_thread.run_sync(scorer.close)
        gate.set()
    monkeypatch.setattr("adapters.scoring.scorer.CLOSE_S", 10.0)
    assert await anyio.to_thread.run_sync(scorer.close)


async def test_a_step_given_up_is_left_out_of_what_has_not_run() -> None:
    """A cancelled step returns at once; its remaining functions never run, and the next step is judged."""
    gate = threading.Event()
    slow, after = Recorder(gate=gate), Recorder("after")
    scorer = LocalScorer([slow, after], [])
    async with anyio.create_task_group() as group:
        group.start_soon(ask, scorer, "dropped")
        while not slow.batches:
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert not gate.is_set()
    gate.set()
    await ask(scorer, "next")
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
    async with open_scorer(settings, rewards=["dpo"], masks=names) as scorer:
        verdict = await ask(scorer, "the sea is deep", "rivers carry stones")
    assert [raw.name for raw in verdict.rewards] == ["dpo"]
    assert tuple(raw.name for raw in verdict.masks) == names
    assert verdict.unscored == ()
    with pytest.raises(Fault, match=r"--reward.reciprocate_model"):
        async with open_scorer(settings, rewards=["dpo", "reciprocate"], masks=[]):
            pass


@pytest.mark.parametrize(("rewards", "masks"), [(["rlhf"], []), (["charm"], []), ([], ["tone"])])
async def test_an_unknown_name_is_refused(rewards: list[str], masks: list[str]) -> None:
    """The flag that named it is told."""
    with pytest.raises(Fault, match=r"--(reward|neuron)\."):
        async with open_scorer(rewards=rewards, masks=masks):
            pass


def test_importing_the_scorer_loads_no_torch() -> None:
    """A program that only reads its flags stays quick to start."""
    code = "import sys, adapters.scoring.scorer; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_model_that_cannot_be_packed_is_told(settings: ScoringSettings, tmp_path: Path) -> None:
    """The flag is named, and why prompts are not shared."""
    config = BloomConfig(vocab_size=2048, hidden_size=32, n_layer=1, n_head=4)
    BloomForCausalLM(config).save_pretrained(tmp_path)
    for_texts(train_tokenizer([WORDS])).save_pretrained(tmp_path)
    told: list[str] = []
    ours = attrs.evolve(settings, dpo=attrs.evolve(settings.dpo, model=str(tmp_path)))
    async with open_scorer(ours, rewards=["dpo"], masks=[], tell=told.append) as scorer:
        verdict = await ask(scorer, "the sea is deep")
    assert verdict.unscored == ()
    assert told == [f"--reward.test_model {tmp_path}: prompts are not shared, no packed way for bloom"]
