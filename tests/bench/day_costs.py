"""What the machine takes for a day: CPU seconds of its events, the world's making of answers apart."""

import statistics
import time
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from itertools import count

import attrs

from core.events import BlockSeen, CompletionsScored, ContextDrawn, Event, MinersAnswered, Started
from core.machine import step
from core.records import ForwardEnded, StepRecord
from core.state import State
from core.step import Step
from core.types import Block
from effects.replay import take
from tests.bench.day_world import FIRST_BLOCK, START_S, DayWorld, Scale

BLOCKS_PER_FORWARD = 7.2
Taking = Callable[[int, State, Event], Step]


@attrs.define
class Costs:
    """What has been taken in so far.

    Attributes:
        prompted: miners, in all steps.
        taken_s: per kind of event, each event's CPU seconds.
    """

    blocks: int = 0
    forwards: int = 0
    steps: int = 0
    prompted: int = 0
    taken_s: dict[type[Event], list[float]] = attrs.field(factory=dict)

    @property
    def total_s(self) -> float:
        return sum(sum(taken) for taken in self.taken_s.values())

    @property
    def miners(self) -> float:
        """Prompted per step, on average."""
        return self.prompted / self.steps

    @property
    def step_us(self) -> float:
        """The median answers and the median verdicts, with the next step's prompt."""
        return 1e6 * sum(
            statistics.median(self.taken_s[kind]) for kind in (MinersAnswered, CompletionsScored)
        )

    @property
    def mean_step_us(self) -> float:
        """All that a day takes but its blocks, spread over its steps: what comes once per metagraph or forward, too."""
        return 1e6 * (self.total_s - sum(self.taken_s[BlockSeen])) / self.steps

    def add(self, event: Event, taken: Step, taken_s: float) -> None:
        self.taken_s.setdefault(type(event), []).append(taken_s)
        self.blocks += isinstance(event, BlockSeen)
        for record in taken.records:
            self.forwards += isinstance(record, ForwardEnded)
            if isinstance(record, StepRecord):
                self.steps += 1
                self.prompted += len(record.responses)


def core_alone(_: int, state: State, event: Event) -> Step:
    return step(state, event)


def core_and_decision(seq: int, state: State, event: Event) -> Step:
    """As the runner takes an event in; writing it down is not in it."""
    return take(seq, state, event)[1]


def day_costs(scale: Scale, taking: Taking) -> Costs:
    """Of a day of so many forwards at least, and of the blocks that come with them."""
    world, costs, order = DayWorld(scale), Costs(), count()
    due: list[tuple[float, int, Event]] = []
    state, seq = State(world.config), 0

    def put(event: Event) -> None:
        heappush(due, (event.at_s, next(order), event))

    put(Started(START_S))
    put(BlockSeen(START_S, Block(FIRST_BLOCK)))
    while costs.forwards < scale.forwards or costs.blocks < BLOCKS_PER_FORWARD * scale.forwards:
        now_s, _, event = heappop(due)
        if isinstance(event, BlockSeen):
            put(world.block_after(event.block))
        seq += 1
        began_s = time.process_time()
        taken = taking(seq, state, event)
        costs.add(event, taken, time.process_time() - began_s)
        state = taken.state
        for effect in taken.effects:
            put(world.completion(effect, now_s))
    return costs


def shares_s(costs: Costs) -> Mapping[str, float]:
    """CPU seconds by what they are for."""
    named = {
        "contexts": ContextDrawn,
        "answers": MinersAnswered,
        "verdicts": CompletionsScored,
        "new heads": BlockSeen,
    }
    told = {name: sum(costs.taken_s[kind]) for name, kind in named.items()}
    return {**told, "the rest": costs.total_s - sum(told.values())}
