"""One client's line to the chain, whatever carries it: frames in, frames out, and the gate between.

Rules:
- Frames that wait for a client are bounded; one that does not read them is cut off.
- Once cut, a line says nothing more, also not what was waiting.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio

from adapters.localnet.chain.gate import Gate, Snap
from adapters.localnet.chain.rpc import Rpc
from adapters.localnet.chain.session import Session

WAITING_FRAMES_LIMIT = 4_096


class Cut(Exception):
    """The line was cut, or closed."""


class Line:
    """Open while its block lasts. `on_cut` is told when the gate, or a full outbox, ends it before."""

    def __init__(self, rpc: Rpc, gate: Gate, on_cut: Callable[[], None] = lambda: None) -> None:
        self._gate = gate
        self._on_cut = on_cut
        self._outbox, self._frames = anyio.create_memory_object_stream[tuple[float, str]](
            WAITING_FRAMES_LIMIT
        )
        self._session = Session(rpc, self._post)
        self._forget = rpc.chain.on_block(self._session.on_block)
        self.is_open = True
        gate.opened(self, self.cut)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it; again is nothing."""
        if self.is_open:
            self.is_open = False
            self._gate.closed(self)
            self._forget()
            self._outbox.close()
            self._frames.close()

    def cut(self) -> None:
        self.close()
        self._on_cut()

    def receive(self, frame: str | bytes) -> None:
        """Act on a frame from the client, as the gate lets it."""
        snap = self._gate.met(str(frame))
        if self._gate.silent or not self.is_open:
            return
        if snap is Snap.SILENCE:
            self._gate.half_open()
        if snap is not Snap.CUT_BEFORE:
            self._session.receive(frame)
        if snap in {Snap.CUT_BEFORE, Snap.CUT_AFTER}:
            self.cut()

    async def next(self) -> str:
        """The next frame for the client, when it is due.

        Raises:
            Cut: there will be none.
        """
        try:
            due, frame = await self._frames.receive()
            if due:
                await self._gate.undelayed(due)
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            raise Cut from None
        if not self.is_open:
            raise Cut
        return frame

    def _post(self, frame: str) -> None:
        if self._gate.silent or not self.is_open:
            return
        due = anyio.current_time() + self._gate.delay_s if self._gate.delay_s else 0.0
        try:
            self._outbox.send_nowait((due, frame))
        except anyio.WouldBlock:
            self.cut()
