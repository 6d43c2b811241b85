"""A world of fakes around a runner. Each port takes an odd time of its own, so that no two events ever come at the same moment."""

import re
from collections.abc import Iterable
from typing import Any

import anyio
import attrs

from adapters.fakes import (
    FakeChain,
    FakeContexts,
    FakeDendrite,
    FakeScorer,
    LoopClock,
    MemoryJournal,
    RecordingReporter,
)
from core.config import CoreConfig, NeuronConfig
from core.events import Completion
from core.state import State
from core.types import Block, Context, Metagraph, Prompting, Target
from effects.perform import Ports
from effects.ports import Clock, Entry, Journal
from effects.runner import Runner
from tests.core.builders import CONTEXT, completion, config, miner, own_neuron
from tests.core.checks import CheckedMachine, waited_for
from tests.core.world import task_type_of


class SlowChain(FakeChain):
    """A chain whose answers take a while."""

    async def metagraph(self) -> Metagraph:
        await anyio.sleep(0.13)
        return await super().metagraph()

    async def last_update(self) -> Block:
        await anyio.sleep(0.17)
        return await super().last_update()

    async def serve_axon(self) -> None:
        await anyio.sleep(0.31)
        await super().serve_axon()


class SlowContexts(FakeContexts):
    """A source of texts that takes a while, each text its own."""

    async def draw(self, key: int) -> Context:
        await anyio.sleep(0.23 + key % 89 / 10_000)
        return await super().draw(key)


def well_meaning(target: Target, synapse: Prompting) -> tuple[float, str]:
    """A miner that answers well, each uid in a time of its own."""
    return 0.3 + target.uid / 1000, completion(task_type_of(synapse.messages[0]), target.uid)


def lower_is_better(text: str) -> float:
    """A raw score by the uid that a completion names."""
    found = re.search(r"[Mm]ill (\d+)", text)
    return -float(found.group(1)) if found else -1000.0


def neurons(count: int) -> list[Any]:
    return [own_neuron(), *(miner(uid) for uid in range(1, count + 1))]


@attrs.define
class World:
    """Fakes, all of them well-behaved unless a test brings its own."""

    chain: FakeChain = attrs.field(factory=lambda: SlowChain(neurons(27)))
    dendrite: FakeDendrite = attrs.field(factory=lambda: FakeDendrite(well_meaning))
    scorer: FakeScorer = attrs.field(factory=lambda: FakeScorer(lower_is_better, seconds=0.07))
    contexts: FakeContexts = attrs.field(factory=lambda: SlowContexts([CONTEXT.text]))
    clock: Clock = attrs.field(factory=LoopClock)
    journal: MemoryJournal = attrs.field(factory=MemoryJournal)
    reporter: RecordingReporter = attrs.field(factory=RecordingReporter)

    def runner(
        self, core_config: CoreConfig, state: State | None = None, journal: Journal | None = None
    ) -> Runner:
        """A runner over the journal as it is (or over another, fresh one), from `state` if it holds anything."""
        ports = Ports(self.dendrite, self.chain, self.scorer, self.contexts, self.clock)
        return Runner(
            state or State(core_config),
            seq=len(self.journal.written),
            ports=ports,
            journal=journal or self.journal,
            reporter=self.reporter,
        )

    async def run(self, **neuron: Any) -> State:
        """Run until the machine has stopped, then hold what was journaled to the laws; the last state."""
        core_config = settings(**neuron)
        last = await self.runner(core_config).run()
        assert checked(self.journal.written, core_config) == last
        return last


def settings(**neuron: Any) -> CoreConfig:
    return config(NeuronConfig(**neuron))


def checked(entries: Iterable[Entry], core_config: CoreConfig) -> State:
    """The fold of the entries, every step of it held to the laws of the design."""
    machine = CheckedMachine(State(core_config))
    for number, entry in enumerate(entries, start=1):
        assert entry.seq == number
        waiting = waited_for(machine.state)
        machine.step(entry.event)
        if isinstance(entry.event, Completion) and entry.event.effect_id not in waiting:
            machine.forget(entry.event)
    return machine.state
