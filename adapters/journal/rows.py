"""The journal's rows as they stand in the file, each chained by hash to the one before.

Rules:
- A row's hash covers the row and the hash before it; where settings changed between two rows, the new header too.
- A hash is checked before anything of its row is unpacked.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import attrs

from adapters.journal.codec import Malformed, decode, encode
from adapters.journal.packing import pack_numbers, pack_text, unpack_numbers, unpack_text
from core.types import ForwardId
from effects.decision import Decision
from effects.ports import Entry

COLUMNS = "seq, at_s, forward_id, kind, body, digest, numbers, hash"
INSERT = f"INSERT INTO entry ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - names of our own
SELECT = f"SELECT {COLUMNS} FROM entry WHERE seq > ? ORDER BY seq"  # noqa: S608
# The hash before the first row.
NO_HASH = bytes(32)


@attrs.frozen
class Row:
    """An entry as it stands in the file."""

    seq: int
    at_s: float
    forward_id: int | None
    kind: str
    body: bytes
    digest: str
    numbers: bytes
    hash: bytes = b""


class Broken(Exception):
    """A row is not what was written; `seq` is its number, `what` is wrong with it."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(f"row {seq} {what}")
        self.seq, self.what = seq, what


def to_row(entry: Entry) -> Row:
    """The row of an entry, its hash left open."""
    kind, body = encode(entry.event)
    return Row(
        seq=entry.seq,
        # As SQLite gives it back: a float, and no negative zero.
        at_s=float(entry.event.at_s) + 0.0,
        forward_id=entry.forward_id,
        kind=kind,
        body=pack_text(body),
        digest=entry.decision.digest,
        numbers=pack_numbers(entry.decision.numbers),
    )


def to_entry(row: Row) -> Entry:
    """The entry of a row whose hash was checked.

    Raises:
        Broken: this program cannot read it.
    """
    try:
        event = decode(row.kind, unpack_text(row.body))
        decision = Decision(row.digest, unpack_numbers(row.numbers))
    except Malformed as error:
        raise Broken(row.seq, f"cannot be read ({error})") from None
    return Entry(row.seq, event, decision, None if row.forward_id is None else ForwardId(row.forward_id))


def chained(rows: Iterable[Row], before: bytes, headers: Mapping[int, str]) -> list[Row]:
    """The rows with their hashes; `before` is that of the row before them, `headers` are by their first `seq`."""
    done: list[Row] = []
    for row in rows:
        before = _hash(row, before, headers.get(row.seq, ""))
        done.append(attrs.evolve(row, hash=before))
    return done


def checked(
    columns: Iterable[Sequence[Any]], after: int, before: bytes, headers: Mapping[int, str]
) -> Iterator[Row]:
    """Rows as they come out of the file, each held to the chain, which begins after row `after` with hash `before`.

    Raises:
        Broken: a row was changed or lost.
    """
    for seq, values in enumerate(columns, start=after + 1):
        row = Row(*values)
        if row.seq != seq:
            raise Broken(seq, f"is missing, row {row.seq} stands in its place")
        try:
            before = _hash(row, before, headers.get(seq, ""))
        except (TypeError, ValueError):
            before = NO_HASH
        if before != row.hash:
            raise Broken(seq, "is not what was written")
        yield row


def _hash(row: Row, before: bytes, header: str) -> bytes:
    rest = [header, row.seq, row.at_s, row.forward_id, row.kind, row.digest, len(row.numbers), len(row.body)]
    digest = sha256(before)
    digest.update(json.dumps(rest).encode())
    digest.update(row.numbers)
    digest.update(row.body)
    return digest.digest()
