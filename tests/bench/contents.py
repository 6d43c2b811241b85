"""What a journal's file holds: where its bytes go, and how far they are compressed."""

from collections import Counter
from pathlib import Path

import attrs

from adapters.journal.opening import reading
from adapters.journal.packing import unpack_text
from adapters.journal.schema import connect_to_read


@attrs.frozen
class Contents:
    """Bytes of a journal.

    Attributes:
        file: of all files that belong to it.
        plain, packed: of the events as JSON, and as they stand in the file.
        numbers: of the decisions.
        snapshots: of those that are kept.
        kinds: packed, by the events' kinds.
    """

    events: int
    file: int
    plain: int
    packed: int
    numbers: int
    snapshots: tuple[int, ...]
    kinds: dict[str, int]

    @property
    def compression(self) -> float:
        return self.plain / self.packed


def contents(path: Path) -> Contents:
    plain = packed = numbers = 0
    kinds = Counter[str]()
    with reading(path) as journal:
        for row in journal.rows(journal.beginning()):
            plain += len(unpack_text(row.body))
            packed += len(row.body)
            numbers += len(row.numbers)
            kinds[row.kind] += len(row.body)
        events = journal.last_seq - journal.first_seq + 1
    file = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))
    return Contents(events, file, plain, packed, numbers, _snapshots(path), dict(kinds.most_common()))


def _snapshots(path: Path) -> tuple[int, ...]:
    connection = connect_to_read(path)
    try:
        return tuple(size for (size,) in connection.execute("SELECT length(body) FROM snapshot"))
    finally:
        connection.close()
