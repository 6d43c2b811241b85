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

from adapters.chain.blocks import REFILL_BLOCKS, Pace, follow
from effects.ports import Fault
from tests.adapters.chain.world import QUICK, Reach, Way, chain_of, opened, start_node, until


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


async def test_the_stream_waits_for_a_chain_that_stays_away(reach: Reach, tmp_path: Path) -> None:
    """While the chain is down nothing comes and nothing fails; once it is back, blocks come again."""
    seen = list[int]()
    async with (
        reach(chain_of()) as way,
        opened(way, tmp_path) as chain,
        anyio.create_task_group() as tasks,
    ):

        async def collect() -> None:
            async for block in chain.blocks():
                seen.append(block)

        tasks.start_soon(collect)
        await until(lambda: len(seen) > 1)
        way.gate.refuse()
        count = len(seen)
        await anyio.sleep(5 * QUICK.longest_pause_s)
        assert len(seen) == count
        way.gate.heal()
        await until(lambda: len(seen) > count)
        tasks.cancel_scope.cancel()
    assert all(later > earlier for earlier, later in pairwise(seen))


async def test_the_stream_goes_on_after_lost_connections(
    reach: Reach, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Blocks keep coming, none twice and none backwards, and asyncio has nothing to complain about."""
    seen = list[int]()
    async with reach(chain_of()) as way, opened(way, tmp_path) as chain:
        with anyio.fail_after(15):
            async with aclosing(chain.blocks()) as blocks:
                async for block in blocks:
                    seen.append(block)
                    if len(seen) in {3, 6}:
                        way.gate.drop()
                    if len(seen) == 9:
                        break
    assert all(later > earlier for earlier, later in pairwise(seen))
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_half_open_connection_is_left_for_another(reach: Reach, tmp_path: Path) -> None:
    """Where heads stop without an error, silence ends the subscription; once the chain answers, blocks come again."""
    seen = list[int]()
    pace = attrs.evolve(QUICK, silence_s=0.3)
    async with reach(chain_of()) as way, opened(way, tmp_path, pace=pace) as chain:
        with anyio.fail_after(15):
            async with aclosing(chain.blocks()) as blocks:
                seen += [await anext(blocks), await anext(blocks)]
                way.gate.half_open()
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_heal_later, way)
                    seen += [await anext(blocks) for _ in range(3)]
    assert all(later > earlier for earlier, later in pairwise(seen))


async def nothing_new() -> int:
    raise Fault("no chain")


async def test_a_subscription_that_falls_silent_is_taken_out_again() -> None:
    """A half-open connection gives neither heads nor an error; the pace says when that is enough."""
    subscriptions = 0

    async def silent() -> AsyncIterator[Head]:
        nonlocal subscriptions
        subscriptions += 1
        yield Head(subscriptions)
        await anyio.sleep_forever()

    with anyio.fail_after(5):
        async with aclosing(follow(silent, nothing_new, Pace(0.0, 0.0, silence_s=0.02))) as blocks:
            assert [await anext(blocks), await anext(blocks), await anext(blocks)] == [1, 2, 3]


async def test_a_node_without_subscriptions_is_followed_by_asking() -> None:
    """Where no subscription holds, the head is asked for, and the blocks between are given."""
    heads = iter([5, 5, 7, 11])

    async def refused() -> AsyncIterator[Head]:
        raise ConnectionError
        yield Head(0)  # makes it a generator

    async def poll() -> int:
        return next(heads)

    with anyio.fail_after(5):
        async with aclosing(follow(refused, poll, Pace(0.0, 0.0))) as blocks:
            assert [await anext(blocks) for _ in range(7)] == [5, 6, 7, 8, 9, 10, 11]


@given(
    st.lists(st.lists(st.integers(0, 3 * REFILL_BLOCKS), max_size=5), max_size=5),
    st.lists(st.integers(0, 3 * REFILL_BLOCKS)),
)
def test_every_block_is_given_once_and_in_order(streams: list[list[int]], polled: list[int]) -> None:
    """Whatever subscriptions repeat, leave out or take back: all since the first sight, but the oldest of a long absence."""
    left, answers = iter(streams), iter(polled)
    heads = [head for stream in streams for head in stream]

    async def subscription() -> AsyncIterator[Head]:
        for number in next(left, []):
            yield Head(number)
        raise ConnectionError

    async def poll() -> int:
        number = next(answers, None)
        if number is None:
            raise Fault("no chain")
        return number

    async def seen() -> list[int]:
        given_blocks = list[int]()
        async with aclosing(follow(subscription, poll, Pace(0.0, 0.0))) as blocks:
            with anyio.move_on_after(5):
                while max(given_blocks, default=-1) < max(heads, default=-1):
                    given_blocks.append(await anext(blocks))
        return given_blocks

    blocks = anyio.run(seen)
    assert max(blocks, default=-1) >= max(heads, default=-1)
    for earlier, later in pairwise(blocks):
        assert later == earlier + 1 or (later > earlier and later + REFILL_BLOCKS - 1 in {*heads, *polled})


async def _heal_later(way: Way) -> None:
    await anyio.sleep(0.6)
    way.gate.heal()
