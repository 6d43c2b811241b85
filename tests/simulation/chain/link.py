"""The client's way to the chain: calls that take a while, break, or are never answered.

Every step of a call first brings the chain up to the world's time.
"""

import anyio

from adapters.localnet.chain.pool import Extrinsic
from adapters.localnet.chain.state import StateView
from effects.ports import Fault
from tests.simulation.chain.ledger import Fate, Pending
from tests.simulation.chain.subnet import Subnet
from tests.simulation.clock import SimulatedClock
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind

LOST = "connection lost"
PAUSE_S = (0.0, 1.0)
# How long the real client waits for a verdict; how long a chain that does not answer does not.
SUBMIT_TIMEOUT_S = 60.0
SILENT_READING_S, SILENT_SENDING_S = (20.0, 90.0), (60.0, 240.0)
# Much less than anything lasts, much more than a float of Unix time misses.
SOON_S = 1e-3


class Link:
    """Leads to one subnet.

    Attributes:
        turn: set when there is another block; then there is another turn.
    """

    def __init__(self, subnet: Subnet, dice: Dice, clock: SimulatedClock) -> None:
        self.turn = anyio.Event()
        self._subnet, self._dice, self._clock = subnet, dice, clock

    @property
    def state(self) -> StateView:
        """At the head."""
        return self._subnet.chain.at()

    def is_away(self) -> bool:
        return self._clock.true_s() < self._subnet.away_until_s

    def is_stuck(self) -> bool:
        """No heads arrive."""
        return self._clock.true_s() < max(self._subnet.stuck_until_s, self._subnet.away_until_s)

    async def run(self) -> None:
        """Blocks as they are due, for ever."""
        while True:
            self.advance()
            await anyio.sleep(max(SOON_S, self._subnet.due_s - self._clock.true_s()))

    def advance(self) -> None:
        """Build all blocks that are due."""
        while self._subnet.due_s - self._clock.true_s() < SOON_S:
            self._subnet.next_block()
            turn, self.turn = self.turn, anyio.Event()
            turn.set()

    async def pause(self, what: str) -> None:
        await anyio.sleep(self._dice.between(what, *PAUSE_S))
        self.advance()

    async def reach(self, what: str) -> None:
        """A question and its answer.

        Raises:
            Fault: there is none.
        """
        await self.pause(what)
        if self.is_away():
            raise Fault(f"{what}: the chain cannot be reached")
        if self._dice.strikes_now(Kind.READ_DROPPED):
            self._subnet.trouble(0)
            raise Fault(f"{what}: {LOST}")
        if self._dice.strikes_now(Kind.READ_SILENT):
            await self.be_silent(SILENT_READING_S)
            raise Fault(f"{what}: no answer")

    async def be_silent(self, between_s: tuple[float, float]) -> None:
        with self._subnet.against():
            await anyio.sleep(self._dice.between("silence", *between_s))
            self.advance()

    async def settled(self, extrinsic: Extrinsic) -> Fate:
        """What became of it, as far as that is known when the client's patience, or its connection, is at its end."""
        with anyio.move_on_after(SUBMIT_TIMEOUT_S):
            while isinstance(self._subnet.ledger.fate(extrinsic), Pending) and not self.is_away():
                await self.turn.wait()
        return self._subnet.ledger.fate(extrinsic)
