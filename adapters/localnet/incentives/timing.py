"""The moment shortly before each epoch, for those who set weights at no other time."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from adapters.chain.client import SubtensorChain
from core.types import Block, Metagraph
from effects.ports import Fault

_log = logging.getLogger(__name__)

# What a submission takes until it is in a block, with one to spare.
LEAD_BLOCKS = 3


async def before_each_epoch(chain: SubtensorChain) -> AsyncGenerator[Metagraph, None]:
    """The metagraph, once an epoch and `LEAD_BLOCKS` before it; endlessly. An epoch before which the chain does not answer is left out."""
    due = Block(0)
    async with aclosing(chain.blocks()) as blocks:
        async for block in blocks:
            if block < due:
                continue
            try:
                metagraph = await chain.metagraph()
            except Fault as fault:
                _log.warning("no metagraph at block %d: %s", block, fault)
                continue
            lead = min(LEAD_BLOCKS, metagraph.tempo_blocks - 1)
            due = Block(metagraph.last_epoch + metagraph.tempo_blocks - lead)
            if block >= due:
                due = Block(due + metagraph.tempo_blocks)
                yield metagraph
