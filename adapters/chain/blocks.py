"""New heads as they come, through any number of lost connections.

Rules:
- A block is given once, and none after a later one: what a new subscription repeats is left out.
- A subscription that fails, ends or falls silent is taken out again, after a pause that doubles up to a limit.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Protocol

import anyio
import attrs

from adapters.chain.sdk import tend_sessions
from core.types import Block

CLOSE_TIMEOUT_S = 1.0


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


async def follow(subscribe: Callable[[], AsyncIterator[Header]], pace: Pace) -> AsyncGenerator[Block, None]:
    """Ever later block numbers, endlessly; leaves gaps where blocks came while the connection was down."""
    last, pause_s = -1, pace.first_pause_s
    while True:
        stream = subscribe()
        try:
            while (header := await _next(stream, pace.silence_s)) is not None:
                pause_s = pace.first_pause_s
                if header.number > last:
                    last = header.number
                    yield Block(last)
        finally:
            await _close(stream)
        await anyio.sleep(pause_s)
        pause_s = min(2 * pause_s, pace.longest_pause_s)


async def _next(stream: AsyncIterator[Header], silence_s: float) -> Header | None:
    """The next head; None when this subscription is lost, for whatever reason."""
    try:
        with anyio.fail_after(silence_s):
            return await anext(stream)
    except Exception:  # noqa: BLE001 - the SDK lets exceptions of many kinds through, all of them mean: lost
        return None
    finally:
        tend_sessions()


async def _close(stream: AsyncIterator[Header]) -> None:
    if isinstance(stream, AsyncGenerator):
        with anyio.move_on_after(CLOSE_TIMEOUT_S, shield=True):
            await stream.aclose()
    tend_sessions()
