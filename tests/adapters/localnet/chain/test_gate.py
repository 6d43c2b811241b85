"""The gate on both fronts: what a client of the SDK meets at it, and that all is well once it is healed."""

import time
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

import anyio
import pytest

from adapters.chain.sdk import tend_sessions
from adapters.localnet.chain import LocalChain
from adapters.localnet.chain.gate import Gate, Snap
from tests.adapters.localnet.chain.fronts import Front, client_of
from tests.adapters.localnet.chain.world import genesis

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bittensor import BlockHeader

BLOCK_TIME_S = 0.02
PATIENCE_S = 0.3

pytestmark = pytest.mark.parametrize("front", Front)


async def test_a_dropped_client_comes_back(front: Front) -> None:
    """Every connection is cut: a stream of heads ends with an error, and the next question is answered."""
    from bittensor import ChainError

    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate, BLOCK_TIME_S) as client:
        heads = cast("AsyncGenerator[BlockHeader, None]", client.blocks())
        async with aclosing(heads):
            await anext(heads)
            gate.drop()
            with pytest.raises(ChainError, match="Connection lost"):
                await _read_all(heads)
        assert await client.block() >= 0


async def test_a_refused_client_is_told_at_once(front: Front) -> None:
    """Neither the old connection nor a new one is of use until the gate is healed."""
    from bittensor import BittensorError

    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate) as client:
        tend_sessions()
        gate.refuse()
        with anyio.fail_after(5):
            for _ in range(2):
                with pytest.raises(BittensorError, match=r"takes no connections|HTTP 503"):
                    await client.block()
        gate.heal()
        assert await client.block() == 0


async def test_a_half_open_chain_never_answers(front: Front) -> None:
    """What is asked meanwhile is lost, and neither acted on nor answered; a healed chain answers what is asked again."""
    gate, chain = Gate(), LocalChain(genesis())
    async with client_of(front, chain, gate) as client:
        gate.half_open()
        asked = gate.frames
        with anyio.move_on_after(PATIENCE_S) as patience:
            await client.block()
        assert (patience.cancelled_caught, gate.frames) == (True, asked + 1)
        gate.heal()
        with anyio.fail_after(5):
            assert await client.block() == 0


async def test_a_delayed_answer_comes_late_and_not_after_the_end_of_the_delay(front: Front) -> None:
    """Answers come after the delay, in order; the end of it lets out all that was held back."""
    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate) as client:
        gate.delay(PATIENCE_S)
        began = time.monotonic()
        assert await client.block() == 0
        assert time.monotonic() - began >= PATIENCE_S
        gate.delay(3_600)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.block)
            await anyio.sleep(0.05)
            gate.heal()
            with anyio.fail_after(5):
                assert await client.block() == 0


async def test_a_stale_head_stands_still_while_all_is_answered(front: Front) -> None:
    """No block comes while the gate halts them; then they come again."""
    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate, BLOCK_TIME_S) as client:
        gate.halt()
        before = await client.block()
        await anyio.sleep(5 * BLOCK_TIME_S)
        assert await client.block() == before
        gate.heal()
        await client.wait_for_block(before + 2, timeout=5)


async def test_blocks_tell_the_time_of_day_or_a_late_one(front: Front) -> None:
    """A clock that is behind shifts every time that is told, of old blocks too; the chain's own stays as it is."""
    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate, BLOCK_TIME_S) as client:
        head = await client.wait_for_block(timeout=5)
        right = (await client.timestamp(head.number)).timestamp()
        gate.fall_behind(1_800)
        late = (await client.timestamp(head.number)).timestamp()
        gate.heal()
        again = (await client.timestamp(head.number)).timestamp()
    assert right == pytest.approx(time.time(), abs=15)
    assert right - late == pytest.approx(1_800)
    assert again == right


@pytest.mark.parametrize("snap", [Snap.CUT_BEFORE, Snap.CUT_AFTER])
async def test_a_snare_cuts_at_the_frame_it_waits_for(front: Front, snap: Snap) -> None:
    """Only at the frame with its text, after those that it spares, and once; a question is asked again by the SDK."""
    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate) as client:
        gate.snare(snap, "chain_getHead", spared=1)
        asked = gate.frames
        for _ in range(3):
            assert await client.block() == 0
    assert gate.frames - asked == 4


async def test_a_snare_that_silences_leaves_the_chain_half_open(front: Front) -> None:
    """Nothing more is answered after the frame that it waited for."""
    gate = Gate()
    async with client_of(front, LocalChain(genesis()), gate) as client:
        gate.snare(Snap.SILENCE, "chain_getHead")
        for _ in range(2):
            with anyio.move_on_after(PATIENCE_S) as patience:
                await client.block()
            assert patience.cancelled_caught


async def _read_all(heads: "AsyncGenerator[BlockHeader, None]") -> None:
    with anyio.fail_after(5):
        async for _head in heads:
            pass
