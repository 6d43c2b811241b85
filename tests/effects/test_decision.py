"""What counts as the same decision: everything but the last digits of numbers, and words for people."""

import math

import attrs
import pytest

from core.effects import QueryMiners
from core.events import CompletionsScored, EffectFailed, Started
from core.records import Notice
from core.state import State
from core.types import EffectId, Hotkey, Wire
from effects.decision import TOLERANCE, Decision, decided
from effects.replay import Folded, fold, take
from tests.effects.harness import World, settings

CONFIG = settings(max_forwards=1)


@pytest.fixture
async def run() -> list[Folded]:
    world = World()
    await world.runner(CONFIG).run()
    return list(fold(world.journal.written, State(CONFIG), {1: CONFIG}))


def scaled(decision: Decision, factor: float) -> Decision:
    return attrs.evolve(decision, numbers=tuple(number * factor for number in decision.numbers))


@pytest.mark.parametrize(
    ("factor", "is_equal"), [(1.0, True), (1 + 2e-13, True), (1 - 2e-13, True), (1 + 1e-10, False), (math.nan, False)]
)  # fmt: skip
async def test_the_last_digits_of_numbers_may_differ(
    run: list[Folded], factor: float, is_equal: bool
) -> None:
    """Other platforms round otherwise; a difference that matters is found, and NaN equals nothing."""
    judged = next(step for step in run if isinstance(step.entry.event, CompletionsScored))
    other = scaled(judged.entry.decision, factor)
    assert len(other.numbers) > 10
    assert (judged.decision.distance(other) <= TOLERANCE) is is_equal


async def test_a_decision_on_verdicts_covers_rewards_averages_and_statistics(run: list[Folded]) -> None:
    """Every number that a step leads to is on record, each miner's reward and average with its hotkey."""
    judged = next(step for step in run if isinstance(step.entry.event, CompletionsScored))
    numbers = set(judged.decision.numbers)
    assert numbers >= set(judged.taken.state.scores.values())
    assert numbers >= {normaliser.mean for normaliser in judged.taken.state.normalisers.values()}


async def test_a_start_covers_all_that_it_went_on_from(run: list[Folded]) -> None:
    """Which averages a restart had is on record: with one of them changed, the decision is another."""
    last = run[-1].taken.state
    assert isinstance(run[0].entry.event, Started)
    event = run[0].entry.event
    taken = next(iter(fold([attrs.evolve(run[0].entry, seq=2)], last, {}))).taken
    whole = decided(last, event, taken)
    assert set(whole.numbers) >= set(last.scores.values())
    less = {hotkey: score for hotkey, score in last.scores.items() if hotkey != Hotkey("hk1")}
    changed = attrs.evolve(taken, state=attrs.evolve(taken.state, scores=less))
    assert decided(last, event, changed) != whole


async def test_a_score_that_ends_is_told(run: list[Folded]) -> None:
    """Whose score is gone is on record by name, with the metagraph that ended it and, should a step lose one, without."""
    judged = [step for step in run if isinstance(step.entry.event, CompletionsScored)][-1]
    before, event, after = judged.taken.state, judged.entry.event, judged.taken.state
    digests, scored = set(), sorted(before.scores)
    for metagraph in (after.metagraph, attrs.evolve(after.metagraph, neurons=after.metagraph.neurons[:1])):
        for gone in (None, scored[0], scored[1]):
            kept = {hotkey: score for hotkey, score in after.scores.items() if hotkey != gone}
            taken = attrs.evolve(judged.taken, state=attrs.evolve(after, scores=kept, metagraph=metagraph))
            digests.add((gone, decided(before, event, taken).digest))
    assert len(digests) == len({digest for _, digest in digests}) == 3


async def test_words_for_people_are_no_decision(run: list[Folded]) -> None:
    """A notice may be worded better without a new logic version; an effect may not be changed."""
    step = next(step for step in run if step.taken.effects)
    told = attrs.evolve(step.taken, records=(*step.taken.records, Notice("in other words")))
    assert decided(step.before, step.entry.event, told) == step.decision
    undone = attrs.evolve(step.taken, effects=())
    assert decided(step.before, step.entry.event, undone).digest != step.decision.digest


def test_an_ignored_event_is_decided_alike_whatever_it_says() -> None:
    """What nobody waits for leads to nothing, and that is the decision."""
    state = State(CONFIG)
    events = [EffectFailed(1.0, EffectId(number), "late") for number in (7, 8)]
    assert len({take(1, state, event)[0].decision for event in events}) == 1


async def test_a_field_that_came_later_counts_where_it_says_something(run: list[Folded]) -> None:
    """Wires belong to the decision; where there was one wire only, it is told as before there was a choice."""
    step = next(step for step in run if any(isinstance(e, QueryMiners) for e in step.taken.effects))
    (asked,) = (effect for effect in step.taken.effects if isinstance(effect, QueryMiners))
    digests = []
    for wires in ((Wire.BTAUTH, Wire.V10), (Wire.V10, Wire.BTAUTH), (Wire.BTAUTH,)):
        targets = tuple(attrs.evolve(target, wires=wires) for target in asked.targets)
        taken = attrs.evolve(step.taken, effects=(attrs.evolve(asked, targets=targets),))
        digests.append(decided(step.before, step.entry.event, taken).digest)
    assert len(set(digests)) == 3
    # As the program before this choice had it.
    assert digests[2] == "15ca1baf517482c7"
