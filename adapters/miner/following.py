"""The miner's place on the chain: registered, published, and knowing who calls. For as long as the miner runs.

Rules:
- A chain that is not there is waited for without end, also at the start; it is dialled anew after pauses that double up to a limit.
- What was read last is used until there is something newer.
- Only a chain that answers can say that our hotkey is not registered: that ends the miner.
- The address is published where the chain has another; where that fails, it is tried again some blocks later.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Never

import anyio
import attrs

from adapters.chain.client import SubtensorChain, open_chain
from adapters.chain.connection import ChainSettings
from adapters.chain.endpoints import shown
from adapters.chain.wallet import Signer
from adapters.errors import OperatorError
from adapters.miner.gate import Gate
from adapters.miner.telling import Telling
from core.types import Block
from effects.ports import Fault

# Blocks until a failed publishing is tried again; chains limit how often it may be.
PUBLISH_AGAIN_BLOCKS = 5


@attrs.frozen(eq=False)
class Following:
    """Follows one subnet for one hotkey.

    Attributes:
        every_blocks: from one reading to the next.
        silence_s: without a block for so long the chain counts as lost.
        first_pause_s, longest_pause_s: before it is dialled again.
    """

    settings: ChainSettings
    signer: Signer
    gate: Gate
    telling: Telling
    every_blocks: int
    silence_s: float
    first_pause_s: float = 1.0
    longest_pause_s: float = 15.0

    async def run(self) -> Never:
        """Until cancelled.

        Raises:
            OperatorError: our hotkey is not registered; says what to do.
        """
        pause_s = self.first_pause_s
        while True:
            try:
                async with self._connected() as chain:
                    block = await self._read(chain)
                    pause_s = self.first_pause_s
                    await self._stay(chain, block)
            except Fault as fault:
                self.telling.lost(str(fault))
            await anyio.sleep(pause_s)
            pause_s = min(2 * pause_s, self.longest_pause_s)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SubtensorChain]:
        async with AsyncExitStack() as stack:
            try:
                chain = await stack.enter_async_context(open_chain(self.settings, self.signer))
            except OperatorError as error:
                # It may be there later.
                raise Fault(str(error)) from error
            yield chain

    async def _stay(self, chain: SubtensorChain, due: Block) -> Never:
        """Read again whenever it is due; raises Fault when the chain is lost."""
        async with aclosing(chain.blocks()) as blocks:
            while True:
                block = await self._next(blocks)
                if block >= due:
                    due = await self._read(chain)

    async def _next(self, blocks: AsyncGenerator[Block, None]) -> Block:
        try:
            with anyio.fail_after(self.silence_s):
                return await anext(blocks)
        except TimeoutError:
            raise Fault(f"no new block for {self.silence_s:g} s") from None

    async def _read(self, chain: SubtensorChain) -> Block:
        """Learn who is on the subnet; the block at which to do so again."""
        await chain.check_registered()
        metagraph = await chain.metagraph()
        self.gate.learn(metagraph)
        self.telling.joined(shown(self.settings.endpoints[0]), metagraph)
        is_published = await self._publish(chain)
        blocks = self.every_blocks if is_published else min(PUBLISH_AGAIN_BLOCKS, self.every_blocks)
        return Block(metagraph.block + blocks)

    async def _publish(self, chain: SubtensorChain) -> bool:
        try:
            await chain.serve_axon()
        except Fault as fault:
            self.telling.unpublished(str(fault))
            return False
        self.telling.published(self.settings.axon)
        return True
