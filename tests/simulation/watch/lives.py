"""Lives of a validator that tests drive by hand, with the watch beside them."""

import random
from collections.abc import Callable
from typing import Any

import attrs

from core.config import CoreConfig
from core.effects import Effect, SetWeights
from core.events import BlockSeen, Event, Started
from core.machine import step
from core.records import StepRecord
from core.state import State, Stopped
from core.step import Step
from core.submission import Terms, row_for
from core.types import Block, Hotkey, Limits, Uid
from tests.core.walk import initial
from tests.core.world import World
from tests.simulation.swarm import Swarm
from tests.simulation.watch import Watch
from tests.simulation.watch.performing import call_of
from tests.simulation.watch.plain import PlainChain, Sent

EVENTS = 600
AT_S = 1_700_000_000.0
# Settings under which weights come soon.
FAST: dict[str, Any] = {
    "moving_average_alpha": 0.5,
    "max_forwards": 0,
    "disable_set_weights": False,
    "epoch_length": 15,
}
Doctor = Callable[[State, Event, Step], Step]


def unchanged(_: State, __: Event, taken: Step) -> Step:
    return taken


class Lives:
    """A validator driven by hand through a small subnet, life after life, with the watch beside it."""

    def __init__(self, seed: int, doctor: Doctor = unchanged, **neuron: Any) -> None:
        self.rng = random.Random(seed)
        self.config = initial(self.rng).config
        self.config = attrs.evolve(self.config, neuron=attrs.evolve(self.config.neuron, **neuron))
        self.chain, self.now_s, self.doctor = PlainChain(), 0.0, doctor
        self.watch = Watch(Swarm(seed, self.config, 30, 20, 10, 12.0, {}), self.chain, lambda: self.now_s)
        self.state = State(self.config)
        self.under_way: list[Effect] = []
        self.counted = 0
        self._world = World(self.rng)

    def begin(self, config: CoreConfig | None = None) -> None:
        self.under_way.clear()
        self.state = attrs.evolve(self.state, config=config or self.config)
        self.watch.begins(self.state)
        self.take(Started(AT_S + self.now_s))

    def take(self, event: Event) -> None:
        """One event is durable, and what follows from it is begun."""
        before, taken = self.state, self.doctor(self.state, event, step(self.state, event))
        self.state = taken.state
        self.watch.durable([(before, event, taken)])
        self.counted += any(isinstance(record, StepRecord) for record in taken.records)
        for effect in taken.effects:
            self.watch.performs(call_of(effect))
            self.under_way.append(effect)
            if isinstance(effect, SetWeights):
                self._send(effect)

    def run(self, events: int = EVENTS) -> None:
        """So many events, deaths and starts among them."""
        if not self.under_way:
            self.begin()
        for _ in range(events):
            self.now_s += 0.05
            if isinstance(self.state.lifecycle, Stopped) or self.rng.random() < 0.01:
                self.watch.died()
                self.begin()
            elif self.rng.random() < 0.1 or not self.under_way:
                self._block()
            else:
                self.complete(self.under_way[int(self.rng.random() * min(3, len(self.under_way)))])

    def complete(self, effect: Effect) -> None:
        self.under_way.remove(effect)
        self.take(self._world.completion(effect, AT_S + self.now_s))

    def awaited(self, kind: type[Effect]) -> Effect:
        """Run until an effect of this kind is under way."""
        self.begin()
        for _ in range(EVENTS):
            found = next((effect for effect in self.under_way if isinstance(effect, kind)), None)
            if found is not None:
                return found
            self.complete(self.under_way[0])
        raise LookupError(kind)

    def _block(self) -> None:
        self._world.head += int(self.rng.random() * 8)
        self.chain.head = Block(self._world.head)
        self.chain.trouble_until = self.chain.head
        self.take(BlockSeen(AT_S + self.now_s, self.chain.head))

    def _send(self, effect: SetWeights) -> None:
        hotkeys = {neuron.uid: neuron.hotkey for neuron in self.state.metagraph.neurons}
        top = max(hotkeys) if self.rng.random() < 0.5 else min(hotkeys)
        names = tuple(hotkeys.get(Uid(uid), Hotkey("gone")) for uid in range(top + 1))
        limits = Limits(self.chain.head, int(self.rng.random() * 9), 4000 + int(self.rng.random() * 61_535))
        terms = Terms(limits, AT_S, names, Uid(0))
        row = row_for(effect.weights, effect.owners, terms, version_key=effect.version_key, now_s=AT_S)
        self.chain.submissions.append(
            Sent(effect.weights, effect.owners, row if isinstance(row, tuple) else None, terms)
        )
