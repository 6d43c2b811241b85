"""Where the journal ended, kept beside it: a line with the last row's number and hash, rewritten after every commit.

SQLite drops a torn end of its write-ahead file without a word. With this line the loss of what was durable once is noticed and said.
It is not synced by itself: it may lag behind the journal, and then says nothing.
"""

import os
import zlib
from pathlib import Path

import attrs

MOST_BYTES = 200


@attrs.frozen
class Tail:
    """The last row that was durable."""

    seq: int
    hash: bytes


def tail_path(journal: Path) -> Path:
    return journal.with_name(f"{journal.name}-tail")


def write_tail(path: Path, tail: Tail) -> None:
    """Best effort: a journal that is written is not failed for a line that is not."""
    line = f"{tail.seq:020d} {tail.hash.hex()}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.pwrite(descriptor, f"{line} {zlib.crc32(line.encode()):08x}\n".encode(), 0)
        finally:
            os.close(descriptor)
    except OSError:
        return


def read_tail(path: Path) -> Tail | None:
    """The line's content; None where there is none, or it is damaged."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(MOST_BYTES).decode("ascii")
        line, _, check = content.rstrip("\n").rpartition(" ")
        seq, _, digest = line.partition(" ")
        if int(check, 16) != zlib.crc32(line.encode()):
            return None
        return Tail(int(seq), bytes.fromhex(digest))
    except (OSError, ValueError):
        return None
