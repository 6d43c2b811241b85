"""A journal in memory."""

from collections.abc import Sequence

from core.state import State
from effects.ports import Entry, Fault


class MemoryJournal:
    """Keeps entries in a list; with `limit` it fails like a full disk at the entry beyond, until the limit is lifted."""

    def __init__(self, limit: int | None = None) -> None:
        self.written: list[Entry] = []
        self.limit = limit

    async def append(self, entries: Sequence[Entry], state: State) -> None:
        if self.limit is not None and len(self.written) + len(entries) > self.limit:
            raise Fault("the journal cannot be written: no space left on device")
        self.written.extend(entries)
