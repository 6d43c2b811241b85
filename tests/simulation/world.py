"""The world around the validator, which outlives its processes."""

from collections.abc import Sequence

import anyio
import attrs

from core.events import Event
from core.records import ForwardEnded
from core.state import State
from core.step import Step
from tests.simulation.chain import SimulatedChain
from tests.simulation.clock import SimulatedClock
from tests.simulation.dice import Dice
from tests.simulation.disk import Disk
from tests.simulation.peers import SimulatedContexts, SimulatedMiners, SimulatedScorer
from tests.simulation.watch import Watch

# The state before, the event, and what it led to.
Taken = tuple[State, Event, Step]


@attrs.define
class World:
    """All that there is, and how much has happened.

    Attributes:
        forwards: that have ended in it.
        enough: so many have ended as were wanted.
    """

    dice: Dice
    clock: SimulatedClock
    disk: Disk
    chain: SimulatedChain
    miners: SimulatedMiners
    scorer: SimulatedScorer
    contexts: SimulatedContexts
    watch: Watch
    wanted: int
    block_time_s: float
    forwards: int = 0
    events: int = 0
    enough: anyio.Event = attrs.field(factory=anyio.Event)

    def keep(self, steps: Sequence[Taken]) -> None:
        """These events are on the disk now, whoever gets to know of it."""
        self.events += len(steps)
        for _, _, taken in steps:
            self.forwards += sum(isinstance(record, ForwardEnded) for record in taken.records)
        self.watch.durable(steps)
        if self.forwards >= self.wanted:
            self.enough.set()
