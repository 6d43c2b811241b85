"""Small simulated chains for tests: a validator, a few miners, the faults that a test names."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import anyio
import attrs

from core.config import CoreConfig
from core.types import Block, Hotkey, Metagraph, Uid, WeightsResult
from core.version import VERSION_KEY
from effects.ports import Fault
from tests.simulation.chain import SimulatedChain
from tests.simulation.clock import SimulatedClock
from tests.simulation.dice import Dice, Strike
from tests.simulation.kinds import Kind
from tests.simulation.swarm import OWN_HOTKEY, Swarm

OWN = Hotkey(OWN_HOTKEY)
BLOCK_S = 12.0


@attrs.define
class Scene:
    """A chain, and what decides on it.

    Attributes:
        heads: as the port gave them, in order.
        seen: the metagraph that weights were last made for.
    """

    chain: SimulatedChain
    dice: Dice
    clock: SimulatedClock
    heads: list[Block] = attrs.field(factory=list)
    seen: Metagraph | None = None

    async def to(self, block: int) -> None:
        """Let time go by until there is that block."""
        while self.chain.head < block:  # noqa: ASYNC110 - the chain tells nobody of blocks by an event
            await anyio.sleep(1.0)

    async def on(self, blocks: int) -> None:
        await self.to(self.chain.head + blocks)

    async def metagraph(self) -> Metagraph:
        """As soon as it can be read."""
        while True:
            with suppress(Fault):
                return await self.chain.metagraph()
            await anyio.sleep(BLOCK_S)

    async def weigh(self) -> WeightsResult:
        """All miners alike, as soon as it is known who there is."""
        self.seen = await self.metagraph()
        return await self.weigh_now()

    async def weigh_now(self) -> WeightsResult:
        """All miners that were seen last alike."""
        neurons = self.seen.neurons if self.seen else ()
        miners = [neuron for neuron in neurons if neuron.hotkey != OWN]
        weights = [(neuron.uid, 1 / len(miners)) for neuron in miners]
        return await self.chain.set_weights(weights, VERSION_KEY, [neuron.hotkey for neuron in miners])

    def struck(self, kind: Kind) -> int:
        return sum(strike.kind is kind for strike in self.dice.strikes)

    async def watch(self) -> None:
        async for head in self.chain.blocks():
            self.heads.append(head)


@asynccontextmanager
async def scene(
    rates: Mapping[Kind, float] | None = None,
    *,
    miners: int = 8,
    seed: int = 1,
    once: tuple[Kind, int] | None = None,
) -> AsyncIterator[Scene]:
    """A chain whose blocks come as long as the block of code lasts.

    Args:
        rates: of faults.
        miners: beside the validator.
        seed: of all chance.
        once: one fault instead, at that opportunity.
    """
    only = None if once is None else [Strike(*once)]
    rates = rates or {} if once is None else {once[0]: 1.0}
    swarm = Swarm(
        seed=seed,
        config=CoreConfig(OWN_HOTKEY),
        miners=miners,
        tempo_blocks=10,
        weights_rate_limit_blocks=5,
        rates=rates,
        block_time_s=BLOCK_S,
    )
    clock, dice = SimulatedClock(), Dice(seed, rates, only)
    # The world begins now, however long the loop has been running.
    clock.suspend(-anyio.current_time())
    here = Scene(SimulatedChain(swarm, dice, clock), dice, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(here.chain.run)
        tasks.start_soon(here.watch)
        yield here
        tasks.cancel_scope.cancel()


def hotkeys(metagraph: Metagraph) -> dict[Uid, Hotkey]:
    return {neuron.uid: neuron.hotkey for neuron in metagraph.neurons}


def axons(metagraph: Metagraph) -> dict[Hotkey, str | None]:
    """Of the miners."""
    return {neuron.hotkey: neuron.axon for neuron in metagraph.neurons if neuron.hotkey != OWN}
