"""A journal read again: the same state, and the first place where something was changed."""

import attrs
import pytest

from core.config import NeuronConfig, RewardConfig
from core.effects import DrawContext
from core.events import BlockSeen, CompletionsScored, Event, MinersAnswered, Started
from core.state import State, Stopped
from core.types import Block
from effects.ports import Entry
from effects.replay import replay, take
from tests.core.builders import config
from tests.effects.harness import World, settings

SETTINGS = settings(max_forwards=2, num_concurrent_forwards=2)
START = State(SETTINGS)


@pytest.fixture
async def run() -> tuple[State, list[Entry]]:
    """The last state of a run, and its journal."""
    world = World()
    last = await world.runner(SETTINGS).run()
    return last, world.journal.written


def place_of(entries: list[Entry], kind: type) -> int:
    return next(i for i, entry in enumerate(entries) if isinstance(entry.event, kind))


async def test_a_journal_leads_to_the_same_state(run: tuple[State, list[Entry]]) -> None:
    """Nothing but the journal and the configuration is needed."""
    last, entries = run
    again = replay(entries, START, {1: SETTINGS})
    assert again.state == last
    assert (again.entries, again.difference) == (len(entries), None)


async def test_a_part_of_a_journal_can_be_replayed(run: tuple[State, list[Entry]]) -> None:
    """As far as it goes; an empty one leads nowhere."""
    _, entries = run
    assert replay(entries[:9], START, {1: SETTINGS}).entries == 9
    assert replay([], START, {1: SETTINGS}).state == State(SETTINGS)


async def test_a_changed_answer_is_found(run: tuple[State, list[Entry]]) -> None:
    """Another word in a completion, and the replay stops at that very entry."""
    _, entries = run
    place = place_of(entries, MinersAnswered)
    event = entries[place].event
    assert isinstance(event, MinersAnswered)
    first, *others = event.outcomes
    told = attrs.evolve(event, outcomes=(attrs.evolve(first, completion="The mill is new."), *others))
    changed = [*entries[:place], attrs.evolve(entries[place], event=told), *entries[place + 1 :]]
    again = replay(changed, START, {1: SETTINGS})
    assert again.entries == place
    assert again.difference is not None
    assert again.difference.entry.seq == place + 1
    assert again.difference.decision != again.difference.entry.decision


async def test_a_changed_verdict_is_found(run: tuple[State, list[Entry]]) -> None:
    """A reward moved from one miner to another shows at that very entry."""
    _, entries = run
    place = place_of(entries, CompletionsScored)
    event = entries[place].event
    assert isinstance(event, CompletionsScored)
    turned = tuple(attrs.evolve(reward, values=reward.values[::-1]) for reward in event.rewards)
    changed = attrs.evolve(entries[place], event=attrs.evolve(event, rewards=turned))
    again = replay([*entries[:place], changed, *entries[place + 1 :]], START, {1: SETTINGS})
    assert again.difference is not None
    assert again.difference.entry.seq == place + 1


async def test_a_missing_event_is_found(run: tuple[State, list[Entry]]) -> None:
    """Without the first answer of the miners the next verdicts are for nobody."""
    _, entries = run
    place = place_of(entries, MinersAnswered)
    again = replay(entries[:place] + entries[place + 1 :], START, {1: SETTINGS})
    assert again.difference is not None


async def test_other_settings_decide_otherwise(run: tuple[State, list[Entry]]) -> None:
    """Under another seed the first context is drawn by another key."""
    _, entries = run
    again = replay(entries, START, {1: config(attrs.evolve(SETTINGS.neuron, seed=99))})
    assert again.difference is not None
    assert any(isinstance(effect, DrawContext) for effect in again.difference.taken.effects)


def test_settings_can_change_along_a_journal() -> None:
    """A session over the same journal may have other settings; each entry is replayed under its own."""
    first, second = config(NeuronConfig(seed=1)), config(NeuronConfig(seed=2), RewardConfig())
    events: tuple[Event, ...] = (Started(1.0), BlockSeen(2.0, Block(5)), Started(3.0))
    state, entries = State(first), []
    for seq, event in enumerate(events, start=1):
        if seq == 3:
            state = attrs.evolve(state, config=second)
        entry, taken = take(seq, state, event)
        state = taken.state
        entries.append(entry)
    assert replay(entries, START, {1: first, 3: second}).state == state
    assert state.config is second


async def test_a_run_over_a_replayed_state_goes_on(run: tuple[State, list[Entry]]) -> None:
    """The next session takes up ids, scores and sequence numbers where the journal ends."""
    last, entries = run
    more = config(attrs.evolve(SETTINGS.neuron, max_forwards=4))
    world = World()
    world.journal.written = list(entries)
    state = attrs.evolve(replay(entries, START, {1: SETTINGS}).state, config=more)
    ended = await world.runner(more, state).run()
    assert [entry.seq for entry in world.journal.written] == list(range(1, len(world.journal.written) + 1))
    assert (ended.lifecycle, ended.next_forward, last.next_forward) == (Stopped("done"), 6, 2)
    assert replay(world.journal.written, START, {1: SETTINGS, len(entries) + 1: more}).state == ended
