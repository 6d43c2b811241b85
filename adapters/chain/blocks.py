"""New heads as they come, through any number of lost connections.

Rules:
- A block is given once, and none after a later one: what a new subscription repeats, or a reorganisation takes back, is left out.
- A subscription that fails, ends or falls silent is taken out again, after a pause that doubles up to a limit. Meanwhile the head is
  asked for, so that a node that takes no subscriptions is followed all the same.
- Blocks that came while there was no subscription are given too, the newest `REFILL_BLOCKS` of them.
- A node that answers, and whose head stands still for as long, is given up for another.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractContextManager
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


class Source(Protocol):
    """Where heads come from."""

    def heads(self) -> AsyncIterator[Header]:
        """One subscription."""
        ...

    async def head(self) -> int:
        """The newest block; raises Fault where it is not to be had."""
        ...

    def cutting(self, scope: anyio.CancelScope, /) -> AbstractContextManager[None]:
        """Cancels the scope when the way to the chain is given up meanwhile."""
        ...

    def renew(self) -> None:
        """Give up the way to the chain for another."""
        ...


async def follow(source: Source, pace: Pace) -> AsyncGenerator[Block, None]:
    """Ever later block numbers, endlessly."""
    last, pause_s, moved_at_s = -1, pace.first_pause_s, anyio.current_time()
    while True:
        stream = source.heads()
        try:
            while (number := await _next(source, stream, pace.silence_s)) is not None:
                pause_s = pace.first_pause_s
                for block in _since(last, number):
                    yield block
                    last, moved_at_s = block, anyio.current_time()
        finally:
            await _close(stream)
        for block in await _missed(source, last):
            yield block
            last, moved_at_s = block, anyio.current_time()
        if anyio.current_time() - moved_at_s >= pace.silence_s:
            source.renew()
        await anyio.sleep(pause_s)
        pause_s = min(2 * pause_s, pace.longest_pause_s)


def _since(last: int, number: int) -> list[Block]:
    """The blocks after the last one that was given; only the newest where none was, or where there are too many."""
    first = number if last < 0 else max(last + 1, number - REFILL_BLOCKS + 1)
    return [Block(block) for block in range(first, number + 1)]


async def _next(source: Source, stream: AsyncIterator[Header], silence_s: float) -> int | None:
    """The next head; None when this subscription is lost, for whatever reason."""
    try:
        with anyio.fail_after(silence_s) as scope, source.cutting(scope):
            return (await anext(stream)).number
    except Exception:  # noqa: BLE001 - the SDK lets exceptions of many kinds through, all of them mean: lost
        return None
    finally:
        tend_sessions()
    return None


async def _missed(source: Source, last: int) -> list[Block]:
    """What came since the last block, as far as the source answers."""
    try:
        return _since(last, await source.head())
    except Fault:
        return []


async def _close(stream: AsyncIterator[Header]) -> None:
    if isinstance(stream, AsyncGenerator):
        with anyio.move_on_after(CLOSE_TIMEOUT_S, shield=True):
            await stream.aclose()
    tend_sessions()
