"""The door between clients and a chain, and what a bad network or a bad node does at it.

Both fronts ask it: before they take a connection, before they act on a frame, before they answer, before a block.

Rules:
- One condition holds at a time: a new one ends the one before it, and `heal` ends it.
- What was said into a half-open connection is lost for good, so its end cuts the connections that were open.
- It changes nothing on chain; what does (reorganisations, hyperparameters, …) is `injecting`'s.
"""

from collections.abc import Callable
from enum import Enum

import anyio
import attrs


class Snap(Enum):
    """What happens at a frame from a client that a test waits for."""

    CUT_BEFORE = "the connection breaks, and the frame is lost"
    CUT_AFTER = "the frame is acted on, and the connection breaks before its answer"
    SILENCE = "the frame is acted on, and no answer to anything comes back"


@attrs.frozen
class _Snare:
    text: str
    spared: int
    snap: Snap


class Gate:
    """The state of the way to one chain; whole at first.

    Attributes:
        refusing: connections are refused.
        silent: connections and frames are taken and never acted on or answered.
        delay_s: how late each frame is answered.
        halted: no blocks come, and all else goes on.
        behind_s: how much earlier than the chain all time is told.
        frames: how many frames have come from clients.
    """

    def __init__(self) -> None:
        self.frames = 0
        self._cuts: dict[object, Callable[[], None]] = {}
        self._snare: _Snare | None = None
        self._punctual = anyio.Event()
        self._clear()

    def opened(self, connection: object, cut: Callable[[], None]) -> None:
        """A connection is open from now on; `cut` breaks it and says `closed`."""
        self._cuts[connection] = cut

    def closed(self, connection: object) -> None:
        self._cuts.pop(connection, None)

    def drop(self) -> None:
        """Cut every connection, once; new ones are taken."""
        for cut in tuple(self._cuts.values()):
            cut()

    def refuse(self) -> None:
        """Cut every connection, and take no new one."""
        self.heal()
        self.refusing = True
        self.drop()

    def half_open(self) -> None:
        """Take connections and frames, and do nothing about them."""
        self.heal()
        self.silent = True

    def delay(self, delay_s: float) -> None:
        """Answer, and tell of new heads, so much later."""
        self.heal()
        self.delay_s = delay_s
        self._punctual = anyio.Event()

    async def undelayed(self, due: float) -> None:
        """Wait until then, or until the delay ends: what is late by then comes at once."""
        with anyio.CancelScope(deadline=due):
            await self._punctual.wait()

    def halt(self) -> None:
        """Let the head stand still."""
        self.heal()
        self.halted = True

    def fall_behind(self, behind_s: float) -> None:
        """Tell a time that is so long past, as a node does that is catching up."""
        self.heal()
        self.behind_s = behind_s

    def behind_ms(self) -> int:
        return round(1_000 * self.behind_s)

    def heal(self) -> None:
        """Let all go on as it should."""
        was_silent = self.silent
        self._clear()
        self._punctual.set()
        if was_silent:
            self.drop()

    def snare(self, snap: Snap, text: str = "", spared: int = 0) -> None:
        """Wait for a frame that holds `text`, let the first `spared` of them pass, and then do `snap`, once."""
        self._snare = _Snare(text, spared, snap)

    def met(self, frame: str) -> Snap | None:
        """Count a frame from a client; what is to happen at it, None for nothing."""
        self.frames += 1
        snare = self._snare
        if snare is None or snare.text not in frame:
            return None
        if snare.spared:
            self._snare = attrs.evolve(snare, spared=snare.spared - 1)
            return None
        self._snare = None
        return snare.snap

    def _clear(self) -> None:
        self.refusing = self.silent = self.halted = False
        self.delay_s = self.behind_s = 0.0
