"""Counts under 64-bit keys: a hash table of numpy arrays that finds, enters and raises a whole array of keys at once.

Open addressing with linear probing: a key stands in the first place, from the one its own bits name, that was free when it came.
All keys of a call look at their next place together, so a call costs some rounds of array operations, whatever the table holds.

Rules:
- Keys are well mixed, and never 0: that marks a free place.
- At most `FULLEST` of the places are taken; beyond that the table doubles. It never shrinks: what was needed once will be again.
- An entry takes 24 bytes: key, count, slack.
- Which entries are kept is decided by their keys and numbers alone, never by where they stand.
"""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Values = NDArray[np.float64]
Places = NDArray[np.intp]

FULLEST = 0.55
SMALLEST = 4096


class NgramTable:
    def __init__(self) -> None:
        self._clear(SMALLEST)

    def __len__(self) -> int:
        return self._taken

    def add(self, keys: Keys, weight: float, slack: float) -> Values:
        """Raise the counts of distinct keys, and tell them; a new key begins at 0, and with `slack`."""
        self._make_room(len(keys))
        places = self._enter(keys)
        counts = self._counts[places]
        self._slacks[places[counts == 0]] = slack
        counts += weight
        self._counts[places] = counts
        return counts

    def counts_of(self, keys: Keys) -> Values:
        """Their counts; 0 for a key that is not there."""
        return self._counts[self._find(keys)]

    def entries(self) -> tuple[Keys, Values, Values]:
        """Copies of all keys, counts and slacks, in no particular order."""
        taken = np.flatnonzero(self._keys)
        return self._keys[taken], self._counts[taken], self._slacks[taken]

    def load(self, keys: Keys, counts: Values, slacks: Values) -> None:
        """Hold these entries and no others."""
        self._clear(len(self._keys))
        self._make_room(len(keys))
        places = self._enter(keys)
        self._counts[places], self._slacks[places] = counts, slacks

    def scale(self, factor: float) -> None:
        self._counts *= factor
        self._slacks *= factor

    def drop_up_to(self, bar: float) -> None:
        """Drop what has a count that with its slack is not above the bar."""
        keys, counts, slacks = self.entries()
        kept = counts + slacks > bar
        self.load(keys[kept], counts[kept], slacks[kept])

    def drop_rarest(self, left: int) -> None:
        """Down to `left` entries; of equal counts the smaller keys go, which is as good as chance."""
        keys, counts, slacks = self.entries()
        excess = len(keys) - left
        if excess <= 0:
            return
        rarest = np.partition(counts, excess - 1)[excess - 1]
        tied = counts == rarest
        of_tied = excess - int(np.count_nonzero(counts < rarest))
        last = np.partition(keys[tied], of_tied - 1)[of_tied - 1]
        kept = (counts > rarest) | (tied & (keys > last))
        self.load(keys[kept], counts[kept], slacks[kept])

    def _clear(self, room: int) -> None:
        self._taken, self._mask = 0, np.uint64(room - 1)
        self._keys = np.zeros(room, np.uint64)
        self._counts = np.zeros(room)
        self._slacks = np.zeros(room)

    def _make_room(self, more: int) -> None:
        room = len(self._keys)
        while self._taken + more > FULLEST * room:
            room *= 2
        if room > len(self._keys):
            keys, counts, slacks = self.entries()
            self._clear(room)
            places = self._enter(keys)
            self._counts[places], self._slacks[places] = counts, slacks

    def _find(self, keys: Keys) -> Places:
        """Where each key stands, or else the free place where its search ends."""
        places = (keys & self._mask).astype(np.intp)
        open_ = np.arange(len(keys))
        while len(open_):
            held = self._keys[places[open_]]
            open_ = open_[(held != keys[open_]) & (held != 0)]
            places[open_] = self._next(places[open_])
        return places

    def _enter(self, keys: Keys) -> Places:
        """Where each key stands from now on. Several may take one free place: whom a second look finds there has it."""
        places = (keys & self._mask).astype(np.intp)
        open_ = np.arange(len(keys))
        while len(open_):
            wanted, at = keys[open_], places[open_]
            free = np.flatnonzero(self._keys[at] == 0)
            self._keys[at[free]] = wanted[free]
            settled = self._keys[at] == wanted
            self._taken += int(np.count_nonzero(settled[free]))
            open_ = open_[~settled]
            places[open_] = self._next(at[~settled])
        return places

    def _next(self, places: Places) -> Places:
        return (places + 1) & (len(self._keys) - 1)
