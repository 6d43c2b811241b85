"""The versioned store: exact reads of the kept past."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain.store import HistoryError, VersionedStore

WRITES = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), st.integers())), min_size=1, max_size=30
)


@given(blocks=WRITES, history=st.integers(0, 10))
def test_every_kept_block_reads_as_it_was(blocks: list[dict[str, int | None]], history: int) -> None:
    """A read at a block gives what that block left, whatever was written later."""
    store = VersionedStore(history)
    snapshots: list[dict[str, int]] = [{}]
    for writes in blocks:
        store.advance()
        for name, value in writes.items():
            store.put("map", (name,), value)
        merged = {**snapshots[-1], **writes}
        snapshots.append({name: value for name, value in merged.items() if value is not None})

    for block in range(store.oldest, store.head + 1):
        assert dict(store.entries("map", block)) == {(name,): v for name, v in snapshots[block].items()}
        assert {name: store.get("map", (name,), block) for name in "abc"} == {
            name: snapshots[block].get(name) for name in "abc"
        }


@given(blocks=WRITES, more=WRITES, history=st.integers(2, 10), depth=st.integers(1, 5))
def test_a_rewound_store_is_as_if_nothing_had_followed(
    blocks: list[dict[str, int | None]], more: list[dict[str, int | None]], history: int, depth: int
) -> None:
    """Blocks that are forgotten and written anew leave what they would have left without the first ones."""
    rewound, straight = VersionedStore(history), VersionedStore(history)
    _write(rewound, blocks)
    below = max(rewound.oldest, rewound.head - depth)
    kept = blocks[:below]
    rewound.rewind(below)
    for store, writes in ((rewound, more), (straight, [*kept, *more])):
        _write(store, writes)

    assert rewound.head == straight.head
    for block in range(max(rewound.oldest, straight.oldest), straight.head + 1):
        assert dict(rewound.entries("map", block)) == dict(straight.entries("map", block))


def test_a_rewind_does_not_bring_back_what_was_dropped() -> None:
    """Versions older than the history stay out of reach, and a block that is out of reach is no place to go."""
    store = VersionedStore(history_blocks=3)
    for value in range(1, 8):
        store.advance()
        store.put("map", (), value)
    store.rewind(5)

    assert (store.oldest, store.head) == (4, 5)
    assert [store.get("map", (), block) for block in (4, 5)] == [4, 5]
    for block in (3, 6):
        with pytest.raises(HistoryError):
            store.rewind(block)


@given(history=st.integers(0, 8), blocks=st.integers(20, 60), rewinds=st.sets(st.integers(1, 60)))
def test_what_is_deleted_is_forgotten_with_the_history(history: int, blocks: int, rewinds: set[int]) -> None:
    """A key of each block, deleted in the next, takes up memory only as long as a kept block held it."""
    store = VersionedStore(history)
    for number in range(blocks):
        if number in rewinds and store.head - store.oldest >= 2:
            store.rewind(store.head - 1)
        present = [params for params, _ in store.entries("map", store.advance())]
        for params in present:
            store.put("map", params, None)
        store.put("map", (number,), "here")

    assert store.size("map") <= history + 4


def _write(store: VersionedStore, blocks: list[dict[str, int | None]]) -> None:
    for writes in blocks:
        store.advance()
        for name, value in writes.items():
            store.put("map", (name,), value)


def test_a_block_outside_of_the_history_is_refused() -> None:
    """Neither the future nor the forgotten past reads as empty."""
    store = VersionedStore(history_blocks=2)
    for _ in range(5):
        store.advance()

    assert (store.oldest, store.head) == (3, 5)
    for block in (2, 6):
        with pytest.raises(HistoryError, match=r"3\.\.5"):
            store.get("map", (), block)
