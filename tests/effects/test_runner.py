"""The runner: writes first, acts after, lets nothing outlive it; whole runs in virtual time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import anyio
import pytest
import trio

from adapters.fakes import FakeChain, FakeContexts, FakeDendrite, FakeScorer, MemoryJournal, RecordingReporter
from adapters.fakes.dendrite import Miner
from core.effects import DrawContext, QueryMiners, ReadMetagraph, ScoreCompletions, SetWeights
from core.events import BlockSeen, EffectFailed
from core.machine import step
from core.records import ForwardEnded, Notice, StepRecord, WeightsRecord
from core.state import State, Stopped
from core.types import (
    Context,
    Hotkey,
    Metagraph,
    Outcome,
    Prompting,
    Target,
    Uid,
    WeightsRefused,
    WeightsResult,
)
from effects.ports import Entry, Fault
from tests.effects.harness import SlowChain, World, checked, lower_is_better, neurons, settings, well_meaning


def decisions(entries: Iterable[Entry]) -> list[tuple[type, str]]:
    """What came in and what was decided on it, times aside."""
    return [(type(entry.event), entry.decision.digest) for entry in entries]


def kinds(world: World, kind: type) -> int:
    return sum(isinstance(record, kind) for record in world.reporter.records)


async def test_a_whole_run() -> None:
    """Three forwards of nine steps, each miner asked once in each, weights set, the axon served, and the end."""
    world = World()
    last = await world.run(max_forwards=3)
    assert last.lifecycle == Stopped("done")
    assert kinds(world, StepRecord) == 27
    assert Counter(target.uid for asked in world.dendrite.asked for target in asked) == dict.fromkeys(
        range(1, 28), 3
    )
    assert world.chain.served == 1
    assert [block for block, _ in world.chain.sent] == [last.accepted]
    assert last.scores[Hotkey("hk1")] > last.scores[Hotkey("hk27")]


async def test_seven_forwards_at_once() -> None:
    """They overlap, ask different miners while they do, and every one of them comes to its end."""
    busiest, clashes = 0, 0

    class Crowd(FakeDendrite):
        async def query(
            self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
        ) -> tuple[Outcome, ...]:
            nonlocal busiest, clashes
            uids = {target.uid for target in targets}
            clashes += bool(uids & asked)
            asked.update(uids)
            busiest = max(busiest, self.in_flight + 1)
            try:
                return await super().query(targets, synapse, timeout_s=timeout_s)
            finally:
                asked.difference_update(uids)

    asked: set[Uid] = set()
    world = World(chain=SlowChain(neurons(90)), dendrite=Crowd(well_meaning))
    last = await world.run(
        max_forwards=21, num_concurrent_forwards=7, followup_sample_size=3, answer_sample_size=3
    )
    ended = [record for record in world.reporter.records if isinstance(record, ForwardEnded)]
    assert sorted(record.forward_id for record in ended) == list(range(21))
    assert all(record.complete for record in ended)
    assert (busiest, clashes, last.forwards) == (7, 0, {})


class SlowJournal(MemoryJournal):
    """A disk that takes a second for every write, and knows which effects were decided on by what it holds."""

    def __init__(self, state: State, limit: int | None = None) -> None:
        super().__init__(limit)
        self.decided: Counter[type] = Counter()
        self.groups: list[int] = []
        self._state = state

    async def append(self, entries: Sequence[Entry], state: State) -> None:
        await anyio.sleep(1.0)
        await super().append(entries, state)
        self.groups.append(len(entries))
        for entry in entries:
            taken = step(self._state, entry.event)
            self._state = taken.state
            self.decided.update(type(effect) for effect in taken.effects)


async def test_no_effect_starts_before_its_event_is_durable() -> None:
    """Each port is called only for what the journal already holds the reason of."""
    journal = SlowJournal(State(settings(max_forwards=2)))
    started: Counter[type] = Counter()

    def start(kind: type) -> None:
        started[kind] += 1
        assert started[kind] <= journal.decided[kind], f"{kind.__name__} began before its reason was written"

    class Dendrite(FakeDendrite):
        async def query(
            self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
        ) -> tuple[Outcome, ...]:
            start(QueryMiners)
            return await super().query(targets, synapse, timeout_s=timeout_s)

    class Chain(SlowChain):
        async def metagraph(self) -> Metagraph:
            start(ReadMetagraph)
            return await super().metagraph()

        async def set_weights(
            self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
        ) -> WeightsResult:
            start(SetWeights)
            return await super().set_weights(weights, version_key, owners)

    class Contexts(FakeContexts):
        async def draw(self, key: int) -> Context:
            start(DrawContext)
            return await super().draw(key)

    class Scorer(FakeScorer):
        async def score(self, **asked: Any) -> Any:
            start(ScoreCompletions)
            return await super().score(**asked)

    world = World(
        chain=Chain(neurons(27)),
        dendrite=Dendrite(well_meaning),
        scorer=Scorer(lower_is_better),
        contexts=Contexts(["The mill stands. The river runs."]),
        journal=journal,
    )
    await world.run(max_forwards=2)
    assert started == {kind: count for kind, count in journal.decided.items() if kind in started}
    assert started.keys() == {ReadMetagraph, DrawContext, QueryMiners, ScoreCompletions, SetWeights}


async def test_what_queues_up_is_written_together() -> None:
    """While a slow disk writes, events wait; then up to 64 of them go with the next write, in their order."""
    journal = SlowJournal(State(settings()))
    world = World(chain=SlowChain(neurons(27), block_time_s=0.01), journal=journal)
    runner = world.runner(settings())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await anyio.sleep(10.005)
        await runner.stop("SIGTERM")
    blocks = [entry.event.block for entry in journal.written if isinstance(entry.event, BlockSeen)]
    assert max(journal.groups) == 64
    assert blocks == sorted(blocks)
    assert checked(journal.written, settings()) == runner.state


@pytest.mark.parametrize("limit", [0, 1, 4, 9, 40])
async def test_a_full_disk_holds_everything_up_until_there_is_space(limit: int) -> None:
    """What cannot be written is not acted upon; it is said, and said again when it is over; then the run goes on to its end."""
    journal = SlowJournal(State(settings(max_forwards=2)), limit)
    world = World(journal=journal)
    runner = world.runner(settings(max_forwards=2))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await anyio.sleep(900)
        assert len(journal.written) <= limit
        assert len(world.dendrite.asked) == journal.decided[QueryMiners]
        assert world.dendrite.in_flight == 0
        journal.limit = None
    notices = [record.text for record in world.reporter.records if isinstance(record, Notice)]
    assert "nothing new is begun until it can" in notices[0]
    assert "the journal can be written again: going on" in notices
    assert runner.state.lifecycle == Stopped("done")
    assert checked(journal.written, settings(max_forwards=2)) == runner.state


async def test_a_stop_does_not_wait_for_space() -> None:
    """Asked to stop while the disk is full, the run ends at once, and says that what it could not write is not kept."""
    world = World(journal=MemoryJournal(limit=9))
    runner = world.runner(settings())

    async def stop_later() -> None:
        await anyio.sleep(300)
        await runner.stop("SIGTERM")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stop_later)
        with pytest.raises(ExceptionGroup) as raised:
            await runner.run()
    assert raised.group_contains(Fault, match="no space left.*is not kept: free the disk")
    assert anyio.current_time() == pytest.approx(300, abs=1)
    assert len(world.journal.written) <= 9


async def test_a_hanging_port_costs_its_time_and_no_more() -> None:
    """A context that never comes is given up after its minute, as a timeout, and the next forward begins."""

    class Hanging(FakeContexts):
        async def draw(self, key: int) -> Context:
            await anyio.sleep_forever()
            return await super().draw(key)

    world = World(contexts=Hanging([]))
    last = await world.run(max_forwards=2)
    failed = [entry.event for entry in world.journal.written if isinstance(entry.event, EffectFailed)]
    assert [event.timed_out for event in failed] == [True, True]
    assert [event.reason for event in failed] == ["not done within 60 s"] * 2
    assert failed[1].at_s - failed[0].at_s == pytest.approx(65, abs=1e-3)
    assert last.lifecycle == Stopped("done")


async def test_faults_of_every_port_become_events() -> None:
    """No text, then no device, and in between a chain that cannot be reached: the run goes on until it has done its forwards."""
    world = World(scorer=FakeScorer(lower_is_better, seconds=0.07, broken=True))
    world.chain.down = True
    async with anyio.create_task_group() as tasks:

        async def repair() -> None:
            await anyio.sleep(100)
            world.chain.down = False

        tasks.start_soon(repair)
        last = await world.run(max_forwards=2)
    reasons = {entry.event.reason for entry in world.journal.written if isinstance(entry.event, EffectFailed)}
    assert reasons == {"the chain cannot be reached", "the device is lost"}
    assert (last.lifecycle, last.scores) == (Stopped("done"), {})


async def test_weights_whose_answer_never_comes_are_looked_up() -> None:
    """They had landed: the chain says so, and they are not sent twice."""

    class Deaf(SlowChain):
        async def set_weights(
            self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
        ) -> WeightsResult:
            result = await super().set_weights(weights, version_key, owners)
            await anyio.sleep_forever()
            return result

    world = World(chain=Deaf(neurons(27)))
    last = await world.run(max_forwards=1)
    (record,) = (record for record in world.reporter.records if isinstance(record, WeightsRecord))
    assert record.accepted
    assert len(world.chain.sent) == 1
    assert last.accepted == world.chain.updated


async def test_weights_that_were_lost_are_sent_again() -> None:
    """The chain has nothing new: after a pause they go out once more."""
    world = World(chain=SlowChain(neurons(27), verdicts=[FakeChain.lose, FakeChain.judge]))
    await world.run(max_forwards=1, await_epoch=True)
    told = [record.accepted for record in world.reporter.records if isinstance(record, WeightsRecord)]
    assert told == [False, True]
    assert world.chain.sent[0][1] == world.chain.sent[1][1]


async def test_a_bug_in_a_port_ends_the_run() -> None:
    """What is no fault of the world is not made an event."""

    def buggy(target: Target, synapse: Prompting) -> tuple[float, str | None]:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as raised:
        await World(dendrite=FakeDendrite(buggy)).runner(settings()).run()
    assert raised.group_contains(ZeroDivisionError)


async def test_a_stop_ends_everything() -> None:
    """What is in flight is cancelled, no task is left over, and a second request finds nothing to do."""
    world = World(dendrite=FakeDendrite(lambda *_: (5.0, "The river is slow.")))
    runner = world.runner(settings(num_concurrent_forwards=3))
    before = trio.lowlevel.current_statistics().tasks_living
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await anyio.sleep(3.0)
        in_flight = world.dendrite.in_flight
        await runner.stop("SIGTERM")
    assert in_flight == 3
    assert world.dendrite.in_flight == 0
    assert runner.state.lifecycle == Stopped("SIGTERM")
    assert trio.lowlevel.current_statistics().tasks_living == before
    await runner.stop("SIGTERM again")
    assert runner.state.lifecycle == Stopped("SIGTERM")


async def test_a_stop_is_heard_before_the_metagraph_is_known() -> None:
    """A validator that waits for its chain can be stopped, too."""
    world = World()
    world.chain.down = True
    runner = world.runner(settings())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await anyio.sleep(1000)
        await runner.stop("SIGINT")
    assert runner.state.lifecycle == Stopped("SIGINT")


async def test_an_unregistered_hotkey_ends_the_run_as_failed() -> None:
    """The reason says what to do."""
    last = await World(chain=SlowChain(neurons(27)[1:])).run()
    assert isinstance(last.lifecycle, Stopped)
    assert last.lifecycle.failed
    assert "register it" in last.lifecycle.reason


async def test_a_broken_reporter_changes_nothing() -> None:
    """With dead telemetry every event and every decision is the same, to the last digit; the failures are counted."""
    healthy, broken = World(), World(reporter=RecordingReporter(broken=True))
    await healthy.run(max_forwards=2)
    runner = broken.runner(settings(max_forwards=2))
    last = await runner.run()
    assert decisions(broken.journal.written) == decisions(healthy.journal.written)
    assert last.scores == checked(healthy.journal.written, settings(max_forwards=2)).scores
    assert runner.reports_failed == len(broken.journal.written)


async def test_a_late_completion_is_dropped() -> None:
    """A pause that nobody waits for any more ends: counted, and nothing comes of it."""

    class Fickle(SlowChain):
        """Fails the second reading, while a refusal asks for a third."""

        readings = 0

        async def metagraph(self) -> Metagraph:
            self.readings += 1
            if self.readings == 2:
                raise Fault("connection lost")
            return await super().metagraph()

    def gone(_: FakeChain) -> WeightsResult:
        return WeightsRefused("HotKeyNotRegisteredInSubNet", passing=False, not_registered=True)

    world = World(chain=Fickle(neurons(3), verdicts=[gone]))
    last = await world.run(max_forwards=30, num_followup_steps=0, checkpoint_block_length=1)
    assert last.dropped_completions == 1
    assert last.lifecycle == Stopped("done")


async def test_a_thousand_hours_are_cheap() -> None:
    """Waiting for an epoch that pays after 1100 hourly blocks takes no time; the events are all there."""
    world = World(chain=SlowChain(neurons(27), block_time_s=3600, tempo_blocks=1100))
    last = await world.run(max_forwards=1, await_epoch=True)
    assert anyio.current_time() > 1000 * 3600
    assert last.lifecycle == Stopped("done")
    assert last.accepted < last.metagraph.last_epoch == 1100


async def test_the_same_answers_lead_to_the_same_decisions() -> None:
    """Recorded answers given again, at another pace: who is prompted, what is asked and what it earns is the same."""
    first, again = World(), World(scorer=FakeScorer(lower_is_better, seconds=4.0))
    await first.run(max_forwards=3, seed=5)
    again.dendrite = FakeDendrite(recorded(first))
    await again.run(max_forwards=3, seed=5)
    assert explained(again) == explained(first)


async def test_another_seed_makes_other_choices() -> None:
    """The seed is what chance hangs on."""
    first, other = World(), World()
    await first.run(max_forwards=1, seed=5)
    await other.run(max_forwards=1, seed=6)
    assert first.dendrite.asked != other.dendrite.asked


def steps_of(world: World) -> list[StepRecord]:
    return [record for record in world.reporter.records if isinstance(record, StepRecord)]


def recorded(world: World) -> Miner:
    """Miners that say again what the world's journal has of them, late though it be."""
    said = {(r.target.uid, step.prompt): r.completion for step in steps_of(world) for r in step.responses}
    return lambda target, synapse: (2.0 + target.uid / 1000, said[target.uid, synapse.messages[0]])


def explained(world: World) -> list[tuple[object, ...]]:
    """Per step: which, what was asked, of whom, and what each got."""
    return [
        (step.forward_id, step.index, step.prompt, [(r.target, r.reward, r.after) for r in step.responses])
        for step in steps_of(world)
    ]
