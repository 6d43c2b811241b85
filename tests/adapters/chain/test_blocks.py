"""The stream of new heads."""

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from itertools import pairwise, repeat
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


@attrs.define
class Scripted:
    """A source of given subscriptions, each ending in an error, and of given answers to who asks for the head.

    A subscription of `SILENT` gives one head, and then neither another nor an error.
    """

    streams: Iterator[Sequence[int]]
    answers: Iterator[int] = iter(())
    renewed: int = 0
    waiting: anyio.CancelScope | None = None

    async def heads(self) -> AsyncIterator[Head]:
        for number in next(self.streams, ()):
            yield Head(number)
            if number == SILENT:
                await anyio.sleep_forever()
        raise ConnectionError

    async def head(self) -> int:
        number = next(self.answers, None)
        if number is None:
            raise Fault("no chain")
        return number

    @contextmanager
    def cutting(self, scope: anyio.CancelScope) -> Iterator[None]:
        self.waiting = scope
        yield
        self.waiting = None

    def renew(self) -> None:
        self.renewed += 1


SILENT = 7
AT_ONCE = Pace(0.0, 0.0, silence_s=0.02)


async def test_a_subscription_that_falls_silent_is_taken_out_again() -> None:
    """A half-open connection gives neither heads nor an error; the pace says when that is enough, and then another is tried."""
    source = Scripted(iter([[SILENT], [8], [9]]))
    with anyio.fail_after(5):
        async with aclosing(follow(source, AT_ONCE)) as blocks:
            assert [await anext(blocks), await anext(blocks), await anext(blocks)] == [7, 8, 9]
    assert source.renewed >= 1


async def test_a_node_that_answers_and_stands_still_is_given_up() -> None:
    """It says the same head whenever it is asked: no error, and no blocks either."""
    source = Scripted(iter([[5], [SILENT, 8]]), answers=repeat(5))
    with anyio.fail_after(5):
        async with aclosing(follow(source, Pace(0.0, 0.0, silence_s=60.0))) as blocks:
            assert [await anext(blocks) for _ in range(3)] == [5, 6, 7]
            assert source.renewed == 0
    stuck = Scripted(repeat([5]), answers=repeat(5))
    async with aclosing(follow(stuck, AT_ONCE)) as blocks:
        assert await anext(blocks) == 5
        with anyio.move_on_after(0.2):
            await anext(blocks)
    assert stuck.renewed >= 1


async def test_who_waits_for_a_head_does_not_wait_for_a_way_that_was_given_up() -> None:
    """Other calls have found out meanwhile: the subscription is left at once, however long its silence may last."""
    source, seen = Scripted(iter([[SILENT], [8]])), list[int]()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks, aclosing(follow(source, Pace(0.0, 0.0))) as blocks:
            assert await anext(blocks) == SILENT

            async def collect() -> None:
                seen.append(await anext(blocks))

            tasks.start_soon(collect)
            await until(lambda: source.waiting is not None)
            assert source.waiting is not None
            source.waiting.cancel()
            await until(lambda: seen == [8])


async def test_a_node_without_subscriptions_is_followed_by_asking() -> None:
    """Where no subscription holds, the head is asked for, and the blocks between are given."""
    source = Scripted(iter(()), answers=iter([5, 5, 7, 11]))
    with anyio.fail_after(5):
        async with aclosing(follow(source, Pace(0.0, 0.0))) as blocks:
            assert [await anext(blocks) for _ in range(7)] == [5, 6, 7, 8, 9, 10, 11]


NUMBERS = st.integers(0, 3 * REFILL_BLOCKS).filter(lambda number: number != SILENT)


@given(st.lists(st.lists(NUMBERS, max_size=5), max_size=5), st.lists(NUMBERS))
def test_every_block_is_given_once_and_in_order(streams: list[list[int]], polled: list[int]) -> None:
    """Whatever subscriptions repeat, leave out or take back: all since the first sight, but the oldest of a long absence."""
    heads = [head for stream in streams for head in stream]
    source = Scripted(iter(streams), iter(polled))

    async def seen() -> list[int]:
        given_blocks = list[int]()
        async with aclosing(follow(source, Pace(0.0, 0.0))) as blocks:
            with anyio.fail_after(5):
                while max(given_blocks, default=-1) < max(heads, default=-1):
                    given_blocks.append(await anext(blocks))
        return given_blocks

    blocks = anyio.run(seen)
    for earlier, later in pairwise(blocks):
        assert later == earlier + 1 or (later > earlier and later + REFILL_BLOCKS - 1 in {*heads, *polled})


async def _heal_later(way: Way) -> None:
    await anyio.sleep(0.6)
    way.gate.heal()
