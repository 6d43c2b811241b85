"""The last vectors added, in one block of memory that is written round and round.

Rules:
- Memory is taken once; adding copies the new rows only, reading copies nothing.
"""

import torch
from torch import Tensor


class Ring:
    """At most `size` rows of `width` numbers; a row more takes the oldest one's place."""

    def __init__(self, size: int, width: int) -> None:
        self._rows = torch.zeros(size, width)
        self._added = 0

    def __len__(self) -> int:
        return min(self._added, len(self._rows))

    def add(self, rows: Tensor) -> None:
        """Take `rows` [any, width] in, the oldest first."""
        kept = rows[-len(self._rows) :]
        start = (self._added + len(rows) - len(kept)) % len(self._rows)
        before_end = min(len(kept), len(self._rows) - start)
        self._rows[start : start + before_end] = kept[:before_end]
        self._rows[: len(kept) - before_end] = kept[before_end:]
        self._added += len(rows)

    def but_newest(self, newest: int) -> tuple[Tensor, ...]:
        """All rows but the `newest` ones, the oldest first, in at most two parts: views, good until the next `add`."""
        count = max(0, len(self) - newest)
        start = (self._added - len(self)) % len(self._rows)
        parts = self._rows[start : start + count], self._rows[: max(0, start + count - len(self._rows))]
        return tuple(part for part in parts if len(part))
