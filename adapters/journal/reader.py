"""A journal read: its headers, its snapshots, its entries, each row held to the chain before it is believed."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from adapters.errors import OperatorError
from adapters.journal import snapshots
from adapters.journal.codec import Malformed
from adapters.journal.header import Header, decode_header
from adapters.journal.retention import base_of
from adapters.journal.rows import NO_HASH, SELECT, Broken, Row, checked, to_entry
from adapters.journal.schema import connect_to_read, damage, possible, readable, version_of
from adapters.journal.snapshots import Snapshot
from adapters.journal.tail import Tail, read_tail, tail_path
from core.config import CoreConfig
from core.state import State
from core.version import LOGIC_VERSION
from effects.ports import Entry
from effects.replay import Folded, fold

# SQLite's.
MOST_NUMBER = 2**63 - 1


class JournalReader:
    """A journal's file. Damage shows as an `OperatorError` that names the row and the remedy, whatever is asked.

    Attributes:
        lost: what is missing of the file's end, in words; "" for nothing.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._connection = path, connection
        # Before the rows: a writer may be adding to them meanwhile.
        tail = read_tail(tail_path(path))
        with readable(path):
            self._headers: dict[int, str] = dict(connection.execute("SELECT first_seq, body FROM header"))
            self._base = base_of(connection)
            last = connection.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
            (kept,) = connection.execute("SELECT count(*) FROM snapshot").fetchone()
        if kept and last is None:
            raise damage(path, "its events are gone")
        self._last_seq: int = last[0] if last else 0
        self._last_hash: bytes = last[1] if last else NO_HASH
        self.lost = self._missing(tail)

    def close(self) -> None:
        self._connection.close()

    @property
    def first_seq(self) -> int:
        """Of the first entry that is still kept."""
        return self._base + 1

    @property
    def last_seq(self) -> int:
        """Of the last entry, 0 for none."""
        return self._last_seq

    def headers(self) -> tuple[tuple[int, Header], ...]:
        """(seq of the first entry under it, header), in order."""
        try:
            found = tuple((seq, decode_header(self._headers[seq])) for seq in sorted(self._headers))
        except (Malformed, TypeError) as error:
            raise damage(self.path, f"a header: {error}") from None
        newest = max((header.config.logic_version for _, header in found), default=LOGIC_VERSION)
        if newest > LOGIC_VERSION:
            raise OperatorError(
                f"the journal {self.path} was recorded under logic version {newest}, this program knows 1 to {LOGIC_VERSION}: "
                "use the program that wrote it, or a newer one"
            )
        return found

    def configs(self) -> Mapping[int, CoreConfig]:
        """The configuration that begins with an entry, by the entry's `seq`."""
        return {seq: header.config for seq, header in self.headers()}

    def beginning(self) -> Snapshot:
        """The state before the first entry that is kept.

        Raises:
            OperatorError: it is damaged.
        """
        if self._base == 0:
            return Snapshot(0, 0.0, NO_HASH, State(self._first_config()))
        with readable(self.path):
            found = snapshots.read(self._connection, self._base)
        if found is None:
            raise damage(self.path, f"its first state, at row {self._base}")
        return found

    def start(self, upto: int | None = None) -> Snapshot:
        """The last snapshot at or before entry `upto` (the last one if left out) that can be trusted; else the beginning."""
        with readable(self.path):
            good = snapshots.good(self._connection, self._last_seq if upto is None else upto)
            found = next((each for each in good if self._is_of_chain(each)), None)
        return self.beginning() if found is None else found

    def snapshot_places(self) -> list[tuple[int, float]]:
        """(seq, Unix time) of every snapshot, oldest first."""
        with readable(self.path):
            return snapshots.places(self._connection)

    def entries(self, after: Snapshot | None = None) -> Iterator[Entry]:
        """All that was written `after` a snapshot (from the beginning if left out), in order.

        Raises:
            OperatorError: a row was changed, lost or cannot be read; names it.
        """
        for row in self.rows(after or self.beginning()):
            try:
                yield to_entry(row)
            except Broken as broken:
                raise damage(self.path, broken) from None

    def fold(self, after: Snapshot) -> Iterator[Folded]:
        """The entries after a snapshot, each taken in again."""
        with possible(self.path):
            yield from fold(self.entries(after), after.state, self.configs())

    def rows(self, after: Snapshot) -> Iterator[Row]:
        """The rows after a snapshot, each held to the chain."""
        try:
            with readable(self.path):
                columns = self._connection.execute(SELECT, (after.seq,))
                yield from checked(columns, after.seq, after.entry_hash, self._headers)
        except Broken as broken:
            raise damage(self.path, broken) from None

    def seqs_of_forward(self, forward_id: int) -> tuple[int, int] | None:
        """The first and the last entry that were for a forward; None where there is none."""
        if not 0 <= forward_id <= MOST_NUMBER:
            return None
        select = "SELECT min(seq), max(seq) FROM entry WHERE forward_id = ?"
        with readable(self.path):
            first, last = self._connection.execute(select, (forward_id,)).fetchone()
        return None if first is None else (first, last)

    def hash_of(self, seq: int) -> bytes:
        """The chain's hash at entry `seq`: it stands for the entry and all that were before it."""
        with readable(self.path):
            found = self._connection.execute("SELECT hash FROM entry WHERE seq = ?", (seq,)).fetchone()
        return found[0] if found else NO_HASH

    def forwards(self) -> tuple[int, int] | None:
        """The lowest and the highest forward that entries were for; None where there are none."""
        with readable(self.path):
            select = "SELECT min(forward_id), max(forward_id) FROM entry WHERE forward_id IS NOT NULL"
            lowest, highest = self._connection.execute(select).fetchone()
        return None if lowest is None else (lowest, highest)

    def _is_of_chain(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot belongs to the rows that the file holds."""
        return snapshot.seq == self._base or self.hash_of(snapshot.seq) == snapshot.entry_hash

    def _missing(self, tail: Tail | None) -> str:
        if tail is None or tail.seq <= self._last_seq:
            return ""
        return (
            f"the journal {self.path} was written up to event {tail.seq} and ends at event {self._last_seq}: "
            f"{tail.seq - self._last_seq} torn off, or in a newer copy"
        )

    def _first_config(self) -> CoreConfig:
        configs = self.configs()
        if 1 not in configs:
            raise damage(self.path, "its first header is lost")
        return configs[1]


def open_reader(path: Path) -> JournalReader:
    """Open a file that exists, to be read only; a validator may be writing to it meanwhile.

    Raises:
        OperatorError: it is no journal, of another version, or nothing is in it.
    """
    with readable(path):
        connection = connect_to_read(path)
    try:
        is_made = version_of(connection, path) > 0
        # The file as it is now, whatever a writer adds or cuts off meanwhile.
        connection.execute("BEGIN")
        reader = JournalReader(path, connection) if is_made else None
    except BaseException:
        connection.close()
        raise
    if reader is None or reader.last_seq == 0:
        connection.close()
        raise OperatorError(f"the journal {path} holds no event yet")
    return reader
