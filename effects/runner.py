"""The runner: one owner of the state, one mailbox, effects under deadlines.

    event -> step (pure) -> journal (durable) -> effects started, records told -> their completions are events

Rules:
- Only `run` touches the state, one event after the other, in the order in which they arrive.
- An event and what was decided on it are durable before any effect that follows from it starts.
- Effects run in one task group; when the machine has stopped the group is cancelled, and nothing survives it.
- While the journal cannot be written nothing is begun: events wait, the write is tried again, and both are told.
- A reporter that fails changes nothing.
"""

from collections.abc import Sequence
from contextlib import aclosing, suppress
from itertools import count

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from core.effects import Effect
from core.events import BlockSeen, Event, Started, StopRequested
from core.pauses import back_off_s
from core.records import Notice
from core.state import State, Stopped
from core.step import Step
from effects.perform import Ports, perform
from effects.ports import Entry, Fault, Journal, Reporter
from effects.replay import take

MAILBOX_EVENTS = 1024
# Events that are made durable together, at most.
GROUP_EVENTS = 64
# A disk is asked often, nobody suffers from that; what comes of it is told a few times, then once a minute.
LONGEST_JOURNAL_PAUSE_S = 5.0
TOLD_JOURNAL_ATTEMPTS = 4
TOLD_EVERY_ATTEMPTS = 12


class Runner:
    """Drives the machine from a state until it has stopped."""

    def __init__(self, state: State, *, seq: int, ports: Ports, journal: Journal, reporter: Reporter) -> None:
        self.state = state
        self.reports_failed = 0
        self._stopping = anyio.Event()
        self._seq = seq
        self._ports, self._journal, self._reporter = ports, journal, reporter
        self._send: MemoryObjectSendStream[Event]
        self._receive: MemoryObjectReceiveStream[Event]
        self._send, self._receive = anyio.create_memory_object_stream(MAILBOX_EVENTS)

    async def run(self) -> State:
        """Run until the machine has stopped; its last state."""
        async with self._send, self._receive, anyio.create_task_group() as tasks:
            await self._take([Started(self._ports.clock.now_s())], tasks)
            tasks.start_soon(self._watch_blocks)
            while not isinstance(self.state.lifecycle, Stopped):
                await self._take(await self._next_events(), tasks)
            tasks.cancel_scope.cancel()
        return self.state

    async def stop(self, reason: str) -> None:
        """Ask the machine to stop; returns when the request is in the mailbox. Nothing happens if it has stopped already.

        Where the journal cannot be written there is no more waiting for it, and `run` ends with its `Fault`.
        """
        self._stopping.set()
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            await self._send.send(StopRequested(self._ports.clock.now_s(), reason))

    async def _take(self, events: Sequence[Event], tasks: TaskGroup) -> None:
        steps = self._fold(events)
        await self._persist([entry for entry, _ in steps], steps[-1][1].state)
        for entry, taken in steps:
            self._seq, self.state = entry.seq, taken.state
            for effect in taken.effects:
                tasks.start_soon(self._carry_out, effect)
            self._tell(taken)

    async def _persist(self, entries: Sequence[Entry], state: State) -> None:
        """Make the entries durable, however long that takes."""
        for attempt in count():
            try:
                await self._journal.append(entries, state)
            except Fault as fault:
                await self._wait_for_journal(fault, attempt)
            else:
                break
        if attempt > 0:
            self._tell(Step(self.state).tell(Notice("the journal can be written again: going on")))

    async def _wait_for_journal(self, fault: Fault, attempt: int) -> None:
        pause_s = min(back_off_s(attempt), LONGEST_JOURNAL_PAUSE_S)
        if attempt < TOLD_JOURNAL_ATTEMPTS or attempt % TOLD_EVERY_ATTEMPTS == 0:
            notice = f"{fault}; nothing new is begun until it can, trying again in {pause_s:g} s"
            self._tell(Step(self.state).tell(Notice(notice, is_warning=True)))
        with anyio.move_on_after(pause_s):
            await self._stopping.wait()
            raise Fault(
                f"{fault}; asked to stop, so what happened since is not kept: free the disk and start again"
            )

    async def _next_events(self) -> list[Event]:
        events = [await self._receive.receive()]
        while len(events) < GROUP_EVENTS:
            try:
                events.append(self._receive.receive_nowait())
            except anyio.WouldBlock:
                break
        return events

    def _fold(self, events: Sequence[Event]) -> list[tuple[Entry, Step]]:
        state, steps = self.state, []
        for seq, event in enumerate(events, start=self._seq + 1):
            entry, taken = take(seq, state, event)
            state = taken.state
            steps.append((entry, taken))
        return steps

    async def _carry_out(self, effect: Effect) -> None:
        completion = await perform(effect, self._ports)
        await self._send.send(completion)

    async def _watch_blocks(self) -> None:
        async with aclosing(self._ports.chain.blocks()) as blocks:
            async for block in blocks:
                await self._send.send(BlockSeen(self._ports.clock.now_s(), block))

    def _tell(self, taken: Step) -> None:
        try:
            self._reporter.observe(taken.state, taken.records)
        except Exception:  # noqa: BLE001 - telemetry cannot hurt, whatever it raises
            self.reports_failed += 1
