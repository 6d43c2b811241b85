"""A connection that stops reading at a limit, whatever the bytes mean.

Heads, chunk framing and interim answers cost the event loop as bodies do, so the limit is on the wire itself.
"""

import httpcore2

from adapters.dendrite.verdict import TOO_LARGE, Refused

# An honest answer of 1 MiB comes in some 700 reads even where each brings a single packet.
_MAX_READS = 4096


class BoundedStream(httpcore2.AsyncNetworkStream):
    """Passes `allowance_bytes` on to the reader; asking for more raises Refused (413)."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, allowance_bytes: int) -> None:
        self._stream = stream
        self._left_bytes = allowance_bytes
        self._left_reads = _MAX_READS
        self.received = False

    def allow(self, allowance_bytes: int) -> None:
        """From here on pass this many bytes on, however many are left."""
        self._left_bytes = allowance_bytes

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        if self._left_bytes <= 0 or self._left_reads <= 0:
            raise Refused(TOO_LARGE, "answer above the limit of bytes or pieces")
        data = await self._stream.read(min(max_bytes, self._left_bytes), timeout)
        self._left_bytes -= len(data)
        self._left_reads -= 1
        self.received = self.received or bool(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()
