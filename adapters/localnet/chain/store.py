"""Versioned key/value storage: what any key held at any recent block, exactly.

Rules: writes go to the block being built; a read names the block it means; a value put in is never changed
afterwards (hand in frozen ones). Versions older than the history are dropped as newer ones arrive, and what
was deleted is forgotten once no kept block held it, so memory is bounded by the number of keys times the history.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Hashable, Iterator

import attrs

Params = tuple[Hashable, ...]


class HistoryError(LookupError):
    """The block is not in the store: not built yet, or older than the history kept."""


@attrs.define
class _Versions:
    blocks: list[int] = attrs.field(factory=list)
    values: list[object] = attrs.field(factory=list)

    def at(self, block: int) -> object:
        place = bisect_right(self.blocks, block) - 1
        return self.values[place] if place >= 0 else None

    def put(self, block: int, value: object) -> None:
        if self.blocks and self.blocks[-1] == block:
            self.values[-1] = value
            return
        self.blocks.append(block)
        self.values.append(value)

    def drop_before(self, oldest: int) -> None:
        place = bisect_right(self.blocks, oldest) - 1
        if place > 0:
            del self.blocks[:place], self.values[:place]

    def drop_after(self, block: int) -> None:
        place = bisect_right(self.blocks, block)
        del self.blocks[place:], self.values[place:]

    def gone_since(self, block: int) -> bool:
        """No kept block from this one on holds a value."""
        return self.at(block) is None and all(
            value is None for at, value in zip(self.blocks, self.values, strict=True) if at > block
        )


class VersionedStore:
    """Maps named by `item`, each from parameters to a value; None means absent.

    Args:
        history_blocks: how many blocks below the head stay readable.
    """

    def __init__(self, history_blocks: int) -> None:
        self._history = history_blocks
        self._head = self._oldest = 0
        self._items: dict[Hashable, dict[Params, _Versions]] = {}
        self._deleted: deque[tuple[int, Hashable, Params]] = deque()

    @property
    def head(self) -> int:
        return self._head

    @property
    def oldest(self) -> int:
        """The oldest block that can still be read."""
        return self._oldest

    def advance(self) -> int:
        """Close the head and open the next block; returns its number."""
        self._head += 1
        self._oldest = max(self._oldest, self._head - self._history)
        while self._deleted and self._deleted[0][0] <= self._oldest:
            _, item, params = self._deleted.popleft()
            self._forget(item, params)
        return self._head

    def rewind(self, block: int) -> None:
        """Forget all that was written after `block`, which becomes the head. No older block becomes readable by it.

        Raises:
            HistoryError: the block lies outside of `oldest`..`head`.
        """
        self._check(block)
        self._head = block
        for entries in self._items.values():
            for params, versions in tuple(entries.items()):
                versions.drop_after(block)
                if not versions.blocks:
                    del entries[params]

    def put(self, item: Hashable, params: Params, value: object) -> None:
        versions = self._items.setdefault(item, {}).setdefault(params, _Versions())
        versions.put(self._head, value)
        versions.drop_before(self.oldest)
        if value is None:
            self._deleted.append((self._head, item, params))

    def get(self, item: Hashable, params: Params, block: int) -> object:
        """The value at the end of `block`, None where there was none.

        Raises:
            HistoryError: the block lies outside of `oldest`..`head`.
        """
        self._check(block)
        versions = self._items.get(item, {}).get(params)
        return versions.at(block) if versions else None

    def entries(self, item: Hashable, block: int) -> Iterator[tuple[Params, object]]:
        """All present entries of a map at the end of `block`, in order of first insertion."""
        self._check(block)
        for params, versions in self._items.get(item, {}).items():
            value = versions.at(block)
            if value is not None:
                yield params, value

    def size(self, item: Hashable) -> int:
        """How many keys of a map take up memory, present or not."""
        return len(self._items.get(item, {}))

    def _check(self, block: int) -> None:
        if not self.oldest <= block <= self._head:
            raise HistoryError(f"block {block} is outside of the kept history {self.oldest}..{self._head}")

    def _forget(self, item: Hashable, params: Params) -> None:
        versions = self._items[item].get(params)
        if versions is not None and versions.gone_since(self._oldest):
            del self._items[item][params]
