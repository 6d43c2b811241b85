"""The stream of new heads."""

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import anyio
import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chain.blocks import Pace, follow
from tests.adapters.chain.world import QUICK, chain_of, opened, start_node, until


@attrs.frozen
class Head:
    number: int


async def test_the_stream_goes_on_after_a_restart_of_the_node(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Blocks keep coming, none twice and none backwards, and asyncio has nothing to complain about."""
    local, seen = chain_of(), list[int]()
    async with anyio.create_task_group() as tasks:
        port, kill = await start_node(tasks, local)
        async with opened(f"ws://127.0.0.1:{port}", tmp_path) as chain:
            with anyio.fail_after(15):
                async with aclosing(chain.blocks()) as blocks:
                    async for block in blocks:
                        seen.append(block)
                        if len(seen) in {3, 6}:
                            await kill()
                            _, kill = await start_node(tasks, local, port)
                        if len(seen) == 9:
                            break
        tasks.cancel_scope.cancel()
    assert all(later > earlier for earlier, later in pairwise(seen))
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_the_stream_waits_for_a_node_that_stays_away(tmp_path: Path) -> None:
    """While the node is down nothing comes and nothing fails; once it is back, blocks come again."""
    local, seen = chain_of(), list[int]()
    async with anyio.create_task_group() as tasks:
        port, kill = await start_node(tasks, local)
        async with opened(f"ws://127.0.0.1:{port}", tmp_path) as chain:

            async def collect() -> None:
                async for block in chain.blocks():
                    seen.append(block)

            tasks.start_soon(collect)
            await until(lambda: len(seen) > 1)
            await kill()
            count = len(seen)
            await anyio.sleep(5 * QUICK.longest_pause_s)
            assert len(seen) == count
            await start_node(tasks, local, port)
            await until(lambda: len(seen) > count)
            tasks.cancel_scope.cancel()
    assert all(later > earlier for earlier, later in pairwise(seen))


async def test_a_subscription_that_falls_silent_is_taken_out_again() -> None:
    """A half-open connection gives neither heads nor an error; the pace says when that is enough."""
    subscriptions = 0

    async def silent() -> AsyncIterator[Head]:
        nonlocal subscriptions
        subscriptions += 1
        yield Head(subscriptions)
        await anyio.sleep_forever()

    with anyio.fail_after(5):
        async with aclosing(follow(silent, Pace(0.0, 0.0, silence_s=0.02))) as blocks:
            assert [await anext(blocks), await anext(blocks), await anext(blocks)] == [1, 2, 3]


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=5))
def test_heads_only_ever_grow(streams: list[list[int]]) -> None:
    """Whatever the subscriptions repeat or take back, each later number comes once, at its first sight."""
    heads = [head for stream in streams for head in stream]
    growing = [head for count, head in enumerate(heads) if head > max(heads[:count], default=-1)]
    left = iter(streams)

    async def subscription() -> AsyncIterator[Head]:
        for number in next(left):
            yield Head(number)
        raise ConnectionError

    async def seen() -> list[int]:
        async with aclosing(follow(subscription, Pace(0.0, 0.0))) as blocks:
            return [await anext(blocks) for _ in growing]

    assert anyio.run(seen) == growing
