"""A journal in memory."""

from collections.abc import Iterator, Sequence

from effects.ports import Entry


class MemoryJournal:
    """Keeps entries in a list; with `limit` it fails like a full disk at the entry beyond."""

    def __init__(self, limit: int | None = None) -> None:
        self.written: list[Entry] = []
        self._limit = limit

    async def append(self, entries: Sequence[Entry]) -> None:
        if self._limit is not None and len(self.written) + len(entries) > self._limit:
            raise OSError(28, "No space left on device")
        self.written.extend(entries)

    def entries(self) -> Iterator[Entry]:
        return iter(tuple(self.written))
