"""The hand that turns a chain: a block at each tick of the wall clock."""

import math
import time

import anyio

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.gate import Gate

BY_HAND = math.inf


async def produce_blocks(chain: LocalChain, gate: Gate, block_time_s: float | None = None) -> None:
    """Blocks until cancelled, as far as the gate lets them come. Ticks that were slept through are left out.

    Args:
        chain: its blocks may also be produced by hand meanwhile.
        gate: says whether blocks come.
        block_time_s: seconds from block to block; that of the genesis where None; `BY_HAND` for none.
    """
    pause_s = chain.genesis.block_time_s if block_time_s is None else block_time_s
    due = anyio.current_time()
    while True:
        due = max(due + pause_s, anyio.current_time())
        await anyio.sleep_until(due)
        if not gate.halted:
            chain.produce_block(round(1_000 * time.time()))
