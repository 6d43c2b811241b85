"""Bytes of the journal's columns: texts compressed, numbers as doubles."""

import struct
import sys

from adapters.journal.codec import Malformed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# What one column may come to when unpacked: a thousand answers of the most bytes a miner may send, three times that when escaped.
MOST_BYTES = 1 << 32
# The fastest that is worth its name: level 3 makes answers 5 % smaller, and takes half as long again.
LEVEL = 1


def pack_text(text: bytes) -> bytes:
    """Text, compressed."""
    return zstd.compress(text, LEVEL)


def unpack_text(packed: bytes) -> bytes:
    """What `pack_text` was given.

    Raises:
        Malformed: it is no such thing, or larger than anything that is written.
    """
    reader = zstd.ZstdDecompressor()
    try:
        text: bytes = reader.decompress(packed, max_length=MOST_BYTES)
    except (zstd.ZstdError, TypeError, MemoryError) as error:
        raise Malformed(f"not to be unpacked: {error}") from None
    if not reader.eof:
        raise Malformed("not to be unpacked: cut short, or too large")
    return text


def pack_numbers(numbers: tuple[float, ...]) -> bytes:
    return struct.pack(f"<{len(numbers)}d", *numbers)


def unpack_numbers(packed: bytes) -> tuple[float, ...]:
    """What `pack_numbers` was given; raises Malformed."""
    try:
        return struct.unpack(f"<{len(packed) // 8}d", packed)
    except (struct.error, TypeError) as error:
        raise Malformed(f"no numbers: {error}") from None
