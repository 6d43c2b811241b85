"""The simulated miners, scorer and contexts: each fault does what its name says, and a seed decides all of it."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from adapters.fakes import LoopClock, MemoryJournal, RecordingReporter
from adapters.journal.codec import decode, encode
from core.completions import scored_text
from core.config import NeuronConfig, RewardConfig
from core.events import CompletionsScored
from core.penalties import Penalty
from core.prompts import OPENINGS, has_mark
from core.rewards import LARGEST_RAW, Rewarding, combine
from core.state import State
from core.text import sentences, words
from core.types import OK, EffectId, Hotkey, Outcome, Prompting, RawMask, Target, TaskType, Uid, Wire
from effects.perform import Ports
from effects.ports import Fault, Verdict
from effects.runner import Runner
from tests.core.builders import config
from tests.effects.harness import SlowChain, neurons
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.peers import SimulatedContexts, SimulatedMiners, SimulatedScorer, hostile, trouble
from tests.simulation.peers.contexts import LEAST_SENTENCES, MOST_SENTENCES
from tests.simulation.peers.honest import grade_of, write
from tests.simulation.swarm import Swarm

Rates = Mapping[Kind, float]
TIMEOUT_S = 10.0
BASE_TEXT = "The wall was built twice. The bridge feeds a hundred families."
SINGLE = (
    Kind.MINER_SILENT,
    Kind.MINER_REFUSES,
    Kind.MINER_LATE,
    Kind.TEXT_EMPTY,
    Kind.TEXT_ODD,
    Kind.TEXT_INJECTION,
    Kind.TEXT_ECHO,
    Kind.TEXT_COPY,
)
WHOLE = (Kind.ALL_SILENT, Kind.ALL_REFUSE, Kind.ONE_ANSWER, Kind.ALL_ALIKE)
JUDGING = (
    Kind.SCORE_NOT_FINITE,
    Kind.SCORE_HUGE,
    Kind.SCORE_TINY,
    Kind.SCORE_MISSING,
    Kind.SCORE_UNMEASURED,
    Kind.SCORE_EQUAL,
    Kind.FUNCTION_LOST,
    Kind.MASK_LOST,
    Kind.MASK_UNSURE,
    Kind.ALL_MASKED,
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Trio, on a clock that jumps to the next deadline as soon as nobody has anything to do."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


def swarm_of(
    rates: Rates,
    seed: int = 1,
    *,
    neuron: NeuronConfig | None = None,
    reward: RewardConfig | None = None,
    on_disk: bool = False,
) -> Swarm:
    return Swarm(seed, config(neuron, reward), 30, 20, 10, 12.0, rates, on_disk=on_disk)


def miners_of(rates: Rates, seed: int = 1, own_hosts: Collection[str] = ()) -> tuple[SimulatedMiners, Dice]:
    dice = Dice(seed, rates)
    return SimulatedMiners(swarm_of(rates, seed), dice, lambda _: None, own_hosts=own_hosts), dice


def scorer_of(rates: Rates, seed: int = 1, **world: Any) -> tuple[SimulatedScorer, Dice]:
    dice = Dice(seed, rates)
    return SimulatedScorer(swarm_of(rates, seed, **world), dice), dice


def target(number: int, axon: str = "") -> Target:
    return Target(Uid(number), Hotkey(f"hk{number}"), axon or f"198.51.0.{number}:8091", tuple(Wire))


def targets(count: int) -> tuple[Target, ...]:
    return tuple(map(target, range(1, count + 1)))


def prompt_for(task_type: TaskType) -> Prompting:
    return Prompting(("user",), (f"{OPENINGS[task_type]}\n\n<context>\n{BASE_TEXT}\n</context>",))


async def ask(
    miners: SimulatedMiners, count: int = 5, task_type: TaskType = TaskType.SUMMARY
) -> tuple[Outcome, ...]:
    return await miners.query(targets(count), prompt_for(task_type), timeout_s=TIMEOUT_S)


async def judged(scorer: SimulatedScorer, completions: Sequence[str]) -> Verdict:
    return await scorer.score(
        task_type=TaskType.SUMMARY, prompt="a prompt", base_text=BASE_TEXT, completions=completions
    )


def graded(*grades: int) -> tuple[str, ...]:
    return tuple(write(TaskType.ANSWER, grade, grade) for grade in grades)


def combined(verdict: Verdict, count: int, masks: Sequence[str] = NeuronConfig().masks) -> Rewarding:
    unharmed = ((Penalty("none", 0.0, 0.0, 1.0),),) * count
    return combine(verdict.rewards, verdict.masks, unharmed, {}, RewardConfig().weights, masks)


# The miners.


@pytest.mark.parametrize("task_type", TaskType)
async def test_without_faults_every_miner_answers_well(task_type: TaskType) -> None:
    """Outcomes come in the order of the targets, in the time of the slowest, each a short text of the miner's own grade."""
    miners, _ = miners_of({})
    outcomes = await ask(miners, 30, task_type)
    slowest_s = max(outcome.process_time_s for outcome in outcomes)
    assert anyio.current_time() == pytest.approx(slowest_s)
    assert 0 < slowest_s < TIMEOUT_S
    for number, outcome in enumerate(outcomes, start=1):
        text = scored_text(task_type, outcome.completion)
        assert (outcome.code, outcome.message) == (OK, "")
        assert 10 <= len(words(outcome.completion)) <= 40
        assert text.endswith("?") == (task_type is TaskType.QUESTION)
        assert grade_of(text) == miners.grade_of(Hotkey(f"hk{number}"))
    assert {outcome.wire for outcome in outcomes} == set(Wire)
    assert len({outcome.completion for outcome in outcomes}) == len(outcomes)


async def test_a_habit_belongs_to_the_hotkey() -> None:
    """The same hotkey under another uid speaks the same wire at the same grade, in every query."""
    miners, _ = miners_of({})
    moved = tuple(Target(Uid(100 + t.uid), t.hotkey, t.axon, t.wires) for t in targets(20))
    first = await ask(miners, 20)
    second = await miners.query(moved, prompt_for(TaskType.ANSWER), timeout_s=TIMEOUT_S)
    assert [(grade_of(o.completion), o.wire) for o in first] == [
        (grade_of(o.completion), o.wire) for o in second
    ]
    assert len({grade_of(o.completion) for o in first}) > 10


async def test_a_query_is_told_when_it_begins() -> None:
    """Whoever wants to know hears whom a query asks before any time has passed."""
    heard: list[tuple[float, Sequence[Target]]] = []
    miners = SimulatedMiners(
        swarm_of({}), Dice(1, {}), lambda asked: heard.append((anyio.current_time(), asked))
    )
    await ask(miners)
    await anyio.sleep(1)
    began_s = anyio.current_time()
    await ask(miners)
    assert heard == [(0.0, targets(5)), (began_s, targets(5))]


@pytest.mark.parametrize(
    "axon",
    ["10.0.0.1:8091", "127.0.0.1:8091", "198.51.0.9:22", "a.name:80", "198.51.0.9:0", "198.51.0.200:1"],
)
async def test_an_axon_that_may_not_be_dialled(axon: str) -> None:
    """It is refused with a 503 at once and by the policy's own words, nothing else befalls it, and the others answer."""
    miners, dice = miners_of({Kind.MINER_SILENT: 1.0}, own_hosts=("198.51.0.200",))
    odd = await miners.query((target(1, axon),), prompt_for(TaskType.SUMMARY), timeout_s=TIMEOUT_S)
    assert anyio.current_time() == 0
    assert (odd[0].code, odd[0].completion, odd[0].wire) == (503, "", None)
    assert axon.partition(":")[0] in odd[0].message
    assert dice.strikes == []
    clean, _ = miners_of({}, own_hosts=("198.51.0.200",))
    both = await clean.query((target(1, axon), target(2)), prompt_for(TaskType.SUMMARY), timeout_s=TIMEOUT_S)
    assert [outcome.code for outcome in both] == [503, OK]


async def test_silent_miners() -> None:
    """A silent miner has a 408 that took all of its time, and so has every one where none answers."""
    for kind in (Kind.MINER_SILENT, Kind.ALL_SILENT):
        miners, dice = miners_of({kind: 1.0})
        for outcome in await ask(miners):
            assert (outcome.code, outcome.completion, outcome.process_time_s) == (408, "", TIMEOUT_S)
        assert {strike.kind for strike in dice.strikes} == {kind}


async def test_miners_that_refuse() -> None:
    """A refusal has one of the dendrite's own verdicts and words, never a 200 and no text."""
    for kind in (Kind.MINER_REFUSES, Kind.ALL_REFUSE):
        miners, _ = miners_of({kind: 1.0})
        outcomes = await ask(miners, 60)
        assert all((outcome.code, outcome.message) in trouble.REFUSALS for outcome in outcomes)
        assert len({outcome.code for outcome in outcomes}) > 5
        assert {outcome.completion for outcome in outcomes} == {""}
    assert OK not in {code for code, _ in trouble.REFUSALS}


async def test_a_miner_at_the_last_moment() -> None:
    """One miner ends exactly at the deadline: with its answer, or with a 408 and what had come of it."""
    miners, _ = miners_of({Kind.MINER_LATE: 1.0})
    codes = set()
    for _ in range(10):
        outcomes = await ask(miners)
        late = [outcome for outcome in outcomes if outcome.process_time_s == TIMEOUT_S]
        assert len(late) == 1
        assert late[0].completion
        codes.add(late[0].code)
    assert codes == {OK, 408}


async def test_one_answer() -> None:
    """All but one of the miners fail."""
    miners, _ = miners_of({Kind.ONE_ANSWER: 1.0})
    for _ in range(5):
        assert [outcome.code for outcome in await ask(miners)].count(OK) == 1


async def test_all_alike() -> None:
    """All miners answer, with the same text."""
    miners, _ = miners_of({Kind.ALL_ALIKE: 1.0})
    outcomes = await ask(miners)
    assert {outcome.code for outcome in outcomes} == {OK}
    assert len({outcome.completion for outcome in outcomes}) == 1


async def test_troubled_texts() -> None:
    """One miner of a step sends what the kind says, with a 200."""
    sent: dict[Kind, list[str]] = {}
    for kind in (Kind.TEXT_EMPTY, Kind.TEXT_ODD, Kind.TEXT_INJECTION, Kind.TEXT_ECHO, Kind.TEXT_COPY):
        for seed in range(60):
            clean = await ask(miners_of({}, seed)[0])
            outcomes = await ask(miners_of({kind: 1.0}, seed)[0])
            changed = [new for old, new in zip(clean, outcomes, strict=True) if old != new]
            assert [outcome.code for outcome in changed] == [OK]
            if kind is Kind.TEXT_COPY:
                assert [outcome.completion for outcome in outcomes].count(changed[0].completion) == 2
            sent.setdefault(kind, []).append(changed[0].completion)
    assert set(sent[Kind.TEXT_EMPTY]) == set(hostile.EMPTY)
    assert set(sent[Kind.TEXT_ODD]) < {*hostile.ODD, *hostile.LONG}
    assert any(text in hostile.LONG for text in sent[Kind.TEXT_ODD])
    assert all(grade_of(text) is not None for text in sent[Kind.TEXT_INJECTION])
    assert any(map(has_mark, sent[Kind.TEXT_INJECTION]))
    assert set(sent[Kind.TEXT_ECHO]) == set(prompt_for(TaskType.SUMMARY).messages)


@pytest.mark.parametrize("task_type", TaskType)
def test_what_has_no_word_leaves_nothing_to_score(task_type: TaskType) -> None:
    """The core takes each of the empty texts for no answer, and no honest one."""
    assert {scored_text(task_type, text) for text in hostile.EMPTY} == {""}
    assert scored_text(task_type, write(task_type, 50, 0))


def test_hostile_texts_can_be_sent() -> None:
    """All of them have a form in UTF-8, which is what goes over the wires."""
    affixes = (affix for pair in hostile.INJECTIONS for affix in pair)
    for text in (*hostile.EMPTY, *hostile.ODD, *hostile.LONG, *affixes):
        assert text.encode().decode() == text


@given(seed=st.integers(0, 10**6), rates=st.dictionaries(st.sampled_from(SINGLE), st.floats(0.1, 1.0)))
def test_each_trouble_that_is_counted_shows(seed: int, rates: Rates) -> None:
    """As many outcomes differ from those of a clean world as there were strikes."""

    async def both() -> None:
        clean, _ = miners_of({}, seed)
        miners, dice = miners_of(rates, seed)
        before, after = await ask(clean, 9), await ask(miners, 9)
        assert sum(x != y for x, y in zip(before, after, strict=True)) == len(dice.strikes)

    in_virtual_time(both)


async def test_no_sockets() -> None:
    """A query fails as a whole when this machine has no socket left, unless nobody could be dialled anyway."""
    miners, dice = miners_of({Kind.NO_SOCKETS: 1.0})
    with pytest.raises(Fault, match="no socket left"):
        await ask(miners)
    assert [strike.kind for strike in dice.strikes] == [Kind.NO_SOCKETS]
    await miners.query((target(1, "10.0.0.1:80"),), prompt_for(TaskType.SUMMARY), timeout_s=TIMEOUT_S)
    assert (len(dice.strikes), miners.in_flight) == (1, 0)


async def test_what_hangs_is_cancelled() -> None:
    """A transport, a scorer or a source that hangs never returns by itself, lets itself be cancelled, and then counts no more."""
    miners, _ = miners_of({Kind.NETWORK_HANGS: 1.0})
    scorer, _ = scorer_of({Kind.SCORER_HANGS: 1.0})
    rates = {Kind.CONTEXT_SLOW: 1.0}
    contexts = SimulatedContexts(swarm_of(rates), Dice(1, rates))
    ended: list[Any] = []
    with anyio.move_on_after(10_000):
        async with anyio.create_task_group() as tasks:
            for work in (lambda: ask(miners), lambda: judged(scorer, graded(1)), lambda: contexts.draw(1)):
                tasks.start_soon(_note_end, work, ended)
            await anyio.sleep(9_999)
            assert (miners.in_flight, scorer.in_flight) == (1, 1)
    assert ended == []
    assert (miners.in_flight, scorer.in_flight) == (0, 0)


async def test_a_dead_process_leaves_nothing_in_flight() -> None:
    """Queries that are cancelled on their way count no more, and the world answers the next process."""
    miners, _ = miners_of({})
    scorer, _ = scorer_of({})
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(ask, miners)
            tasks.start_soon(judged, scorer, graded(1, 2))
        await anyio.sleep(0.01)
        assert (miners.in_flight, scorer.in_flight) == (3, 3)
        tasks.cancel_scope.cancel()
    assert (miners.in_flight, scorer.in_flight) == (0, 0)
    assert [outcome.code for outcome in await ask(miners)] == [OK] * 5
    assert len((await judged(scorer, graded(1, 2))).rewards) == 2


# The scorer.


async def test_better_texts_score_better() -> None:
    """Every reward function ranks texts by the grade that they name, and no mask has anything against them."""
    reward = RewardConfig(0.2, 0.2, 0.2, 0.2, 0.2)
    scorer, _ = scorer_of({}, reward=reward)
    verdict = await judged(scorer, graded(5, 35, 65, 95))
    assert [raw.name for raw in verdict.rewards] == list(reward.weights)
    for raw in verdict.rewards:
        values = [value for value in raw.values if value is not None]
        assert values == sorted(set(values))
        assert raw.measured == (True,) * 4
    assert [mask.name for mask in verdict.masks] == list(NeuronConfig().masks)
    assert {mask.values for mask in verdict.masks} == {(1,) * 4}
    assert verdict.unscored == ()


async def test_good_miners_rise() -> None:
    """In a clean world a real validator's averages of the better half of the miners are above those of the other half."""
    miners, dice = miners_of({})
    swarm = swarm_of({}, neuron=NeuronConfig(max_forwards=20))
    scorer, contexts = SimulatedScorer(swarm, dice), SimulatedContexts(swarm, dice)
    last = await Runner(
        State(swarm.config),
        seq=0,
        ports=Ports(miners, SlowChain(neurons(27)), scorer, contexts, LoopClock()),
        journal=MemoryJournal(),
        reporter=RecordingReporter(),
    ).run()
    ranked = sorted(last.scores, key=miners.grade_of)
    assert len(ranked) == 27
    worse, better = ranked[:13], ranked[-13:]
    assert sum(last.scores[hotkey] for hotkey in better) > 2 * sum(last.scores[hotkey] for hotkey in worse)
    assert (miners.in_flight, dice.strikes) == (0, [])


async def test_only_what_is_on_is_judged() -> None:
    """Functions without a weight and masks that are off come now and then, and the rewards are the same with them."""
    neuron = NeuronConfig(nsfw_off=True)
    scorer, _ = scorer_of({}, neuron=neuron)
    texts = graded(10, 50, 90)
    without, beyond = None, 0
    for _ in range(60):
        verdict = await judged(scorer, texts)
        names = {raw.name for raw in verdict.rewards}, {mask.name for mask in verdict.masks}
        is_plain = names == ({"dpo", "reciprocate"}, set(neuron.masks))
        beyond += not is_plain
        assert is_plain or names == (set(RewardConfig().weights), set(NeuronConfig().masks))
        found = combined(verdict, 3, neuron.masks)
        without = without or found
        assert found == without
    assert 0 < beyond < 30


async def test_masks_by_the_text() -> None:
    """What stands in the base text, and what another of the step says too, is masked with a reason."""
    scorer, _ = scorer_of({})
    twice, other = graded(40, 60)
    verdict = await judged(scorer, (twice, BASE_TEXT, other, twice))
    found = {mask.name: mask for mask in verdict.masks}
    assert found["blacklist"].values == (1, 0, 1, 1)
    assert found["diversity"].values == (0, 1, 1, 0)
    for mask in verdict.masks:
        assert [bool(reason) for reason in mask.reasons] == [value == 0 for value in mask.values]


async def test_a_text_too_short_to_measure() -> None:
    """`dpo` gives its sentinel, not measured; the others give a score."""
    scorer, _ = scorer_of({})
    dpo, reciprocate = (await judged(scorer, ("\x00", *graded(50)))).rewards
    assert (dpo.values[0], dpo.measured) == (-11.0, (False, True))
    assert reciprocate.measured == (True, True)


@pytest.mark.parametrize(
    ("kind", "is_so"),
    [
        (Kind.SCORE_NOT_FINITE, lambda x, real: x is not None and not math.isfinite(x) and real),
        (Kind.SCORE_HUGE, lambda x, real: x is not None and LARGEST_RAW < abs(x) < math.inf and real),
        (Kind.SCORE_TINY, lambda x, real: x is not None and abs(x) < 1e-300 and real),
        (Kind.SCORE_MISSING, lambda x, real: x is None and not real),
        (Kind.SCORE_UNMEASURED, lambda x, real: x == -11.0 and not real),
    ],
)
async def test_one_odd_score(kind: Kind, is_so: Any) -> None:
    """A single value of a single reward function is as the kind says; all the others are as in a clean world."""
    texts = graded(10, 30, 50, 70, 90)
    clean = await judged(scorer_of({})[0], texts)
    scorer, dice = scorer_of({kind: 1.0})
    verdict = await judged(scorer, texts)
    cells = [
        (before, after)
        for old, new in zip(clean.rewards, verdict.rewards, strict=True)
        for before, after in zip(
            zip(old.values, old.measured, strict=True),
            zip(new.values, new.measured, strict=True),
            strict=True,
        )
    ]
    changed = [after for before, after in cells if after != before]
    assert [is_so(*cell) for cell in changed] == [True]
    assert [strike.kind for strike in dice.strikes] == [kind]


async def test_scores_all_equal() -> None:
    """Each reward function gives all completions one value; with one completion that is nothing new, and is not counted."""
    scorer, dice = scorer_of({Kind.SCORE_EQUAL: 1.0})
    await judged(scorer, graded(50))
    assert dice.strikes == []
    verdict = await judged(scorer, graded(10, 50, 90))
    assert [len(set(raw.values)) for raw in verdict.rewards] == [1, 1]
    assert len(dice.strikes) == 1


async def test_a_function_or_a_mask_that_fails() -> None:
    """It is left out and stands in `unscored` with its error, and everything else is told."""
    for kind, is_left in ((Kind.FUNCTION_LOST, (1, 4)), (Kind.MASK_LOST, (2, 3))):
        scorer, _ = scorer_of({kind: 1.0})
        verdict = await judged(scorer, graded(10, 90))
        assert (len(verdict.rewards), len(verdict.masks)) == is_left
        ((name, reason),) = verdict.unscored
        assert name not in _told(verdict)
        assert name in {*RewardConfig().weights, *NeuronConfig().masks}
        assert "Error: " in reason


async def test_a_mask_that_is_unsure() -> None:
    """One completion is not judged by one mask, and so gets no reward; the others do."""
    scorer, _ = scorer_of({Kind.MASK_UNSURE: 1.0})
    verdict = await judged(scorer, graded(10, 50, 90))
    cells = [value for mask in verdict.masks for value in mask.values]
    assert cells.count(None) == 1
    assert combined(verdict, 3).rewards.count(None) == 1


async def test_all_masked() -> None:
    """One mask keeps nothing, so that every reward is 0."""
    scorer, _ = scorer_of({Kind.ALL_MASKED: 1.0})
    verdict = await judged(scorer, graded(10, 50, 90))
    assert [mask.values for mask in verdict.masks].count((0, 0, 0)) == 1
    assert combined(verdict, 3).rewards == (0.0, 0.0, 0.0)


async def test_a_lost_device_and_a_slow_one() -> None:
    """The first fails the whole step; the second takes ten times as long for the same verdict."""
    scorer, _ = scorer_of({Kind.DEVICE_LOST: 1.0})
    with pytest.raises(Fault, match="device is lost"):
        await judged(scorer, graded(50))
    assert scorer.in_flight == 0
    began_s = anyio.current_time()
    plain = await judged(scorer_of({}, 7)[0], graded(50))
    plain_s = anyio.current_time() - began_s
    slow = await judged(scorer_of({Kind.SCORER_SLOW: 1.0}, 7)[0], graded(50))
    assert anyio.current_time() - began_s - plain_s == pytest.approx(10 * plain_s)
    assert 0.05 <= plain_s <= 3
    assert slow == plain


@given(
    seed=st.integers(0, 10**6),
    rates=st.dictionaries(st.sampled_from(JUDGING), st.floats(0.1, 1.0)),
    texts=st.lists(st.sampled_from((*hostile.ODD, *graded(20, 50, 80))), min_size=1, max_size=8),
    neuron=st.builds(
        NeuronConfig,
        blacklist_off=st.booleans(),
        nsfw_off=st.booleans(),
        relevance_off=st.booleans(),
        diversity_off=st.booleans(),
    ),
)
def test_a_verdict_is_whole(seed: int, rates: Rates, texts: Sequence[str], neuron: NeuronConfig) -> None:
    """Whatever strikes: one value per completion, what is on is told or in `unscored` and never both, and a disk can keep it."""

    async def judge() -> None:
        scorer, _ = scorer_of(rates, seed, neuron=neuron, on_disk=True)
        verdict = await judged(scorer, texts)
        told = _told(verdict)
        lost = [name for name, _ in verdict.unscored]
        assert {"dpo", "reciprocate", *neuron.masks} <= {*told, *lost}
        assert len({*told, *lost}) == len(told) + len(lost)
        for raw in verdict.rewards:
            assert len(raw.values) == len(raw.measured) == len(texts)
        for mask in verdict.masks:
            assert len(mask.values) == len(mask.reasons) == len(texts)
            assert _reasons_fit(mask)
        event = CompletionsScored(1.0, EffectId(1), verdict.rewards, verdict.masks, verdict.unscored)
        assert decode(*encode(event)) == event

    in_virtual_time(judge)


# The contexts.


async def test_contexts_follow_from_their_key() -> None:
    """The same key gives the same text of 3 to 20 sentences; keys differ, and so do texts."""
    contexts = SimulatedContexts(swarm_of({}), Dice(1, {}))
    drawn = [await contexts.draw(key * 0x9E3779B97F4A7C15 % 2**64) for key in range(100)]
    again = [await contexts.draw(key * 0x9E3779B97F4A7C15 % 2**64) for key in range(100)]
    assert drawn == again
    lengths = {len(sentences(context.text)) for context in drawn}
    assert min(lengths) >= LEAST_SENTENCES
    assert max(lengths) <= MOST_SENTENCES
    assert len({context.text for context in drawn}) > 80
    assert not any(has_mark(context.text) for context in drawn)


async def test_contexts_that_are_lost_empty_or_poisoned() -> None:
    """A lost source is a `Fault`, an empty text has no sentence, and poison stands within sentences that are still there."""
    worlds = {
        kind: SimulatedContexts(swarm_of({kind: 1.0}), Dice(1, {kind: 1.0}))
        for kind in (Kind.CONTEXT_LOST, Kind.CONTEXT_EMPTY, Kind.CONTEXT_POISONED)
    }
    with pytest.raises(Fault, match="cannot be reached"):
        await worlds[Kind.CONTEXT_LOST].draw(1)
    empty = [(await worlds[Kind.CONTEXT_EMPTY].draw(key)).text for key in range(20)]
    assert [sentences(text) for text in empty] == [()] * 20
    assert {"...", ""} < set(empty)
    poisoned = [(await worlds[Kind.CONTEXT_POISONED].draw(key)).text for key in range(20)]
    assert any(map(has_mark, poisoned))
    assert all(len(sentences(text)) >= LEAST_SENTENCES for text in poisoned)
    assert any("\x00" in text for text in poisoned)


# All of them.


async def test_a_seed_decides_everything() -> None:
    """The same seed gives the same answers, verdicts, texts, times and strikes; another seed gives others."""
    first, second, other = await _story(5), await _story(5), await _story(6)
    assert repr(first) == repr(second)  # NaN equals nothing but its own name
    assert repr(first) != repr(other)
    assert {strike.kind for strike in first[-1]} > {Kind.TEXT_ODD, Kind.SCORE_HUGE, Kind.CONTEXT_POISONED}


async def _story(seed: int) -> list[Any]:
    """What is told, and when, in a world where much goes wrong."""
    hanging = {Kind.NETWORK_HANGS, Kind.SCORER_HANGS, Kind.CONTEXT_SLOW}
    rates = {kind: 0.1 for kind in Kind if kind not in hanging}
    dice, swarm, began_s = Dice(seed, rates), swarm_of(rates, seed), anyio.current_time()
    miners, scorer = SimulatedMiners(swarm, dice, lambda _: None), SimulatedScorer(swarm, dice)
    contexts, told = SimulatedContexts(swarm, dice), list[Any]()
    for key in range(60):
        for work in (lambda: ask(miners), lambda: judged(scorer, graded(1, 50)), lambda: contexts.draw(key)):  # noqa: B023 - done at once
            try:
                told.append(await work())
            except Fault as fault:
                told.append(str(fault))
            told.append(round(anyio.current_time() - began_s, 6))
    return [*told, dice.strikes]


async def _note_end(work: Any, ended: list[Any]) -> None:
    ended.append(await work())


def _told(verdict: Verdict) -> list[str]:
    return [*(raw.name for raw in verdict.rewards), *(mask.name for mask in verdict.masks)]


def _reasons_fit(mask: RawMask) -> bool:
    return all(bool(reason) == (value == 0) for value, reason in zip(mask.values, mask.reasons, strict=True))


def in_virtual_time(work: Any) -> None:
    anyio.run(work, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
