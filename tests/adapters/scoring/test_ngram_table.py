"""The n-gram table against a plain dictionary."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.scoring.ngram_table import SMALLEST, NgramTable

KEYS = st.integers(1, 40).map(lambda n: n * SMALLEST + 7)
BATCHES = st.lists(st.sets(KEYS, max_size=20), max_size=10)


def entered(batches: list[set[int]]) -> tuple[NgramTable, dict[int, float]]:
    """A table and a dictionary that saw the same; all keys begin their search at one place."""
    table, counts = NgramTable(), dict[int, float]()
    for batch in batches:
        keys = np.array(sorted(batch), np.uint64)
        told = table.add(keys, 2.0, 1.0)
        for key in batch:
            counts[key] = counts.get(key, 0.0) + 2.0
        assert told.tolist() == [counts[key] for key in sorted(batch)]
    return table, counts


def held(table: NgramTable) -> dict[Any, Any]:
    keys, counts, _ = table.entries()
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))


@settings(deadline=None)
@given(BATCHES)
def test_a_table_is_a_dictionary(batches: list[set[int]]) -> None:
    """It holds what was entered, and 0 for what was not."""
    table, counts = entered(batches)
    assert held(table) == counts
    assert len(table) == len(counts)
    unknown = np.array([5, 6 * SMALLEST + 8], np.uint64)
    assert table.counts_of(unknown).tolist() == [0.0, 0.0]


def test_a_table_grows_and_loses_nothing() -> None:
    """Many times as many keys as it had room for are all found again."""
    table = NgramTable()
    keys = np.arange(1, 10 * SMALLEST, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for part in np.array_split(keys, 7):
        table.add(part, 1.0, 0.0)
    assert len(table) == len(keys)
    assert table.counts_of(keys).tolist() == [1.0] * len(keys)


@settings(deadline=None)
@given(BATCHES, st.integers(0, 30))
def test_the_rarest_go_first(batches: list[set[int]], left: int) -> None:
    """What stays is as many as asked for, and no rarer than what went."""
    table, counts = entered(batches)
    table.drop_rarest(left)
    kept = held(table)
    assert len(kept) == min(left, len(counts))
    assert all(counts[key] == count for key, count in kept.items())
    gone = [count for key, count in counts.items() if key not in kept]
    assert not kept or not gone or max(gone) <= min(kept.values())


@settings(deadline=None)
@given(BATCHES, st.integers(0, 8))
def test_a_bar_drops_what_is_not_above_it(batches: list[set[int]], bar: int) -> None:
    """Count and slack together are what is looked at."""
    table, counts = entered(batches)
    table.drop_up_to(bar)
    assert held(table) == {key: count for key, count in counts.items() if count + 1.0 > bar}
