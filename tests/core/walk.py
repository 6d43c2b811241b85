"""A long walk of the machine through plausible and implausible events, in an order that follows from a seed.

`python -m tests.core.walk SEED` prints a fingerprint of all that was decided on the way, for comparison between interpreters.
"""

import hashlib
import random
import sys
from collections.abc import Iterator

import attrs

from core.config import NeuronConfig
from core.effects import Effect
from core.events import (
    AxonServed,
    BlockSeen,
    Completion,
    Event,
    LastUpdateRead,
    Slept,
    Started,
    StopRequested,
)
from core.state import State, Stopped
from core.step import Step
from core.types import Block, EffectId
from tests.core.builders import config
from tests.core.checks import CheckedMachine, waited_for
from tests.core.world import World

EVENTS = 600


def initial(rng: random.Random) -> State:
    """A validator of small epochs, with settings drawn from `rng`."""
    neuron = NeuronConfig(
        seed=int(rng.random() * 1000),
        num_concurrent_forwards=1 + int(rng.random() * 4),
        max_forwards=int(rng.random() * 3) * 3,
        followup_sample_size=1 + int(rng.random() * 4),
        answer_sample_size=1 + int(rng.random() * 4),
        num_followup_steps=int(rng.random() * 5),
        moving_average_alpha=0.05 + rng.random() * 0.95,
        epoch_length=1 + int(rng.random() * 30),
        checkpoint_block_length=10,
        disable_set_weights=rng.random() < 0.1,
        axon_off=rng.random() < 0.2,
        await_epoch=rng.random() < 0.6,
    )
    return State(config(neuron))


class Walk:
    """Events by chance: most complete what is under way, some come late, twice, for nothing, or of the wrong kind."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.machine = CheckedMachine(initial(self._rng))
        self._world = World(self._rng)
        self._given: list[Completion] = []
        self._lost: list[Effect] = []
        self._at_s = 1_700_000_000.0

    def steps(self, count: int = EVENTS) -> Iterator[tuple[Event, Step]]:
        """Take `count` events in, checking after each."""
        yield self._take(Started(self._at_s))
        for _ in range(count):
            self._at_s += self._rng.random() * 10
            yield self._take(self._event())

    def _take(self, event: Event) -> tuple[Event, Step]:
        if isinstance(event, Started | StopRequested):
            self._lost += self.machine.under_way.values()
        waiting = waited_for(self.machine.state)
        taken = self.machine.step(event)
        if isinstance(event, Completion):
            self._given.append(event)
            if event.effect_id not in waiting:
                self.machine.forget(event)
        return event, taken

    def _event(self) -> Event:
        lot, stopped = self._rng.random(), isinstance(self.machine.state.lifecycle, Stopped)
        if lot < (0.5 if stopped else 0.01):
            return Started(self._at_s)
        if lot < 0.02:
            return StopRequested(self._at_s, "operator")
        if lot < 0.12:
            return self._block()
        if lot < 0.2:
            return self._implausible()
        return self._completion() or self._block()

    def _block(self) -> BlockSeen:
        if self._rng.random() < 0.1:
            return BlockSeen(self._at_s, Block(max(1, self._world.head - 5)))
        self._world.head += int(self._rng.random() * (8 if self._rng.random() < 0.9 else 100))
        return BlockSeen(self._at_s, Block(self._world.head))

    def _completion(self) -> Completion | None:
        under_way = list(self.machine.under_way.values())
        if not under_way:
            return None
        return self._world.completion(under_way[int(self._rng.random() * len(under_way))], self._at_s)

    def _implausible(self) -> Event:
        """A completion for the second time, from before a restart, of another kind, or for what never was."""
        lot = self._rng.random()
        if lot < 0.4 and self._given:
            return self._given[int(self._rng.random() * len(self._given))]
        if lot < 0.7 and self._lost:
            effect = self._lost[int(self._rng.random() * len(self._lost))]
            return self._world.completion(effect, self._at_s)
        effect_id = EffectId(10**6) if lot < 0.8 else EffectId(self.machine.state.next_effect - 1)
        if lot < 0.9:
            return LastUpdateRead(self._at_s, effect_id, Block(9))
        return AxonServed(self._at_s, effect_id) if lot < 0.95 else Slept(self._at_s, effect_id)


def fingerprint(seed: int, count: int = 200) -> str:
    """Of every state, effect and record of a walk."""
    digest = hashlib.sha256()
    for _, taken in Walk(seed).steps(count):
        digest.update(
            repr((attrs.astuple(taken.state, recurse=False), taken.effects, taken.records)).encode()
        )
    return digest.hexdigest()


if __name__ == "__main__":
    print(fingerprint(int(sys.argv[1])))  # noqa: T201 - this is what it is for
