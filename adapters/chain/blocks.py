"""New heads as they come, through any number of lost connections.

Rules:
- A block is given once, and none after a later one: what a new subscription repeats, or a reorganisation takes back, is left out.
- A subscription that fails, ends or falls silent is taken out again, after a pause that doubles up to a limit. Meanwhile the head is
  asked for, so that a node that takes no subscriptions is followed all the same.
- Blocks that came while there was no subscription are given too, the newest `REFILL_BLOCKS` of them.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Protocol

import anyio
import attrs

from adapters.chain.sdk import tend_sessions
from core.types import Block
from effects.ports import Fault

CLOSE_TIMEOUT_S = 1.0
REFILL_BLOCKS = 256


class Header(Protocol):
    @property
    def number(self) -> int: ...


@attrs.frozen
class Pace:
    """How patient a stream is.

    Attributes:
        first_pause_s, longest_pause_s: before a lost subscription is taken out again.
        silence_s: without a head for so long, a subscription counts as lost.
    """

    first_pause_s: float = 0.5
    longest_pause_s: float = 15.0
    silence_s: float = 60.0


async def follow(
    subscribe: Callable[[], AsyncIterator[Header]], poll: Callable[[], Awaitable[int]], pace: Pace
) -> AsyncGenerator[Block, None]:
    """Ever later block numbers, endlessly; `poll` asks for the head, and raises Fault where it is not to be had."""
    last, pause_s = -1, pace.first_pause_s
    while True:
        stream = subscribe()
        try:
            while (number := await _next(stream, pace.silence_s)) is not None:
                pause_s = pace.first_pause_s
                for block in _since(last, number):
                    yield block
                    last = block
        finally:
            await _close(stream)
        number = await _polled(poll)
        for block in [] if number is None else _since(last, number):
            yield block
            last = block
        await anyio.sleep(pause_s)
        pause_s = min(2 * pause_s, pace.longest_pause_s)


def _since(last: int, number: int) -> list[Block]:
    """The blocks after the last one that was given; only the newest where none was, or where there are too many."""
    first = number if last < 0 else max(last + 1, number - REFILL_BLOCKS + 1)
    return [Block(block) for block in range(first, number + 1)]


async def _next(stream: AsyncIterator[Header], silence_s: float) -> int | None:
    """The next head; None when this subscription is lost, for whatever reason."""
    try:
        with anyio.fail_after(silence_s):
            return (await anext(stream)).number
    except Exception:  # noqa: BLE001 - the SDK lets exceptions of many kinds through, all of them mean: lost
        return None
    finally:
        tend_sessions()


async def _polled(poll: Callable[[], Awaitable[int]]) -> int | None:
    try:
        return await poll()
    except Fault:
        return None


async def _close(stream: AsyncIterator[Header]) -> None:
    if isinstance(stream, AsyncGenerator):
        with anyio.move_on_after(CLOSE_TIMEOUT_S, shield=True):
            await stream.aclose()
    tend_sessions()
