"""One life of the validator's process: the real runner over the simulated world, until it stops or dies.

Rules:
- Before and after whatever a port or the disk does lies a boundary, at which the process may be killed. What was done stays done.
- A dead process does nothing any more: what its unwinding still tries never reaches the world.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar, cast

import anyio

from core.events import Event
from core.records import Record
from core.state import State
from core.step import Step
from effects.perform import Ports
from effects.ports import Entry, Fault
from effects.runner import Runner
from tests.simulation import ports
from tests.simulation.clock import Timers
from tests.simulation.kinds import Kind
from tests.simulation.loop import SeededLoop
from tests.simulation.world import Taken, World

T = TypeVar("T")
BLOCKED_S = (5.0, 60.0)
# How often fate is asked whether the process ends.
FATE_S = 20.0


class Died(Exception):
    """The process ends here."""


class Watched(Runner):
    """The runner, whose steps can be looked at before they are durable."""

    def __init__(self, state: State, **world: Any) -> None:
        super().__init__(state, **world)
        self.folded: list[Taken] = []

    def _fold(self, events: Sequence[Event]) -> list[tuple[Entry, Step]]:
        before, steps = self.state, super()._fold(events)
        self.folded = []
        for entry, taken in steps:
            self.folded.append((before, entry.event, taken))
            before = taken.state
        return steps

    @property
    def waiting(self) -> int:
        """Events in the mailbox."""
        return self._receive.statistics().current_buffer_used


class Life:
    """A process: as `effects.ports.Journal` and `Reporter` it stands between the runner and the world."""

    def __init__(self, world: World, state: State) -> None:
        self.world = world
        self.is_alive = True
        self._is_to_stop = False
        self._begun_s: float | None = None
        world.watch.begins(state)
        self._runner = Watched(
            state, seq=world.disk.written, ports=_ports(self, world), journal=self, reporter=self
        )

    async def run(self) -> State:
        """Live; the last state that the process knew."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._meet_fate)
                tasks.start_soon(self._end_when_enough)
                await self._runner.run()
                tasks.cancel_scope.cancel()
        except* Died:
            pass
        except* Fault:
            # It ends so only if it is to stop and cannot write; any other fault ought to have become an event.
            if not self._is_to_stop:
                raise
        self.is_alive = False
        return self._runner.state

    async def call(self, what: tuple[Any, ...], work: Callable[[], Awaitable[T]]) -> T:
        """Let a port do something, between two boundaries."""
        self.cross()
        self.world.watch.performs(what)
        if self.world.dice.strikes_now(Kind.LOOP_BLOCKED):
            self._block_loop()
        result = await work()
        self.cross()
        return result

    async def append(self, entries: Sequence[Entry], state: State) -> None:
        """Write to the disk, between two boundaries; how long it took, the watch hears."""
        self.cross()
        self.world.watch.queued(self._runner.waiting)
        begun_s = self._begun_s = anyio.current_time() if self._begun_s is None else self._begun_s
        steps = tuple(self._runner.folded)
        try:
            await self.world.disk.write(entries, state, partial(self.world.keep, steps))
        except Fault:
            self.world.watch.troubled()
            raise
        self._begun_s = None
        self.world.watch.held_up(anyio.current_time() - begun_s)
        self.cross()

    def observe(self, state: State, records: Sequence[Record]) -> None:  # noqa: ARG002 - as the port has it
        """Telemetry, which may fail."""
        if self.world.dice.strikes_now(Kind.TELEMETRY_DOWN):
            raise ConnectionError("telemetry is down")

    def cross(self) -> None:
        """A boundary; nothing passes it that is dead."""
        if not self.is_alive or self.world.dice.strikes_now(Kind.KILLED):
            self._die()

    def _die(self) -> None:
        self.is_alive = False
        raise Died

    def _block_loop(self) -> None:
        seconds = self.world.dice.between("loop blocked", *BLOCKED_S)
        cast("SeededLoop", asyncio.get_running_loop()).pass_by(seconds)
        self.world.watch.held_up(seconds)
        self.world.watch.troubled()

    async def _meet_fate(self) -> None:
        while True:
            await anyio.sleep(self.world.dice.between("fate", 0, 2 * FATE_S))
            if self.world.dice.strikes_now(Kind.KILLED_ANYTIME):
                self._die()
            if self.world.dice.strikes_now(Kind.STOPPED):
                await self._stop("SIGTERM")

    async def _end_when_enough(self) -> None:
        await self.world.enough.wait()
        await self._stop("enough")

    async def _stop(self, reason: str) -> None:
        self._is_to_stop = True
        await self._runner.stop(reason)


def _ports(life: Life, world: World) -> Ports:
    return Ports(
        ports.Dendrite(life.call, world.miners),
        ports.Chain(life.call, world.chain),
        ports.Scorer(life.call, world.scorer),
        ports.Contexts(life.call, world.contexts),
        ports.Clock(life.call, Timers(world.clock, world.dice)),
    )
