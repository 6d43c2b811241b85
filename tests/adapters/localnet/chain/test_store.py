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


def test_a_block_outside_of_the_history_is_refused() -> None:
    """Neither the future nor the forgotten past reads as empty."""
    store = VersionedStore(history_blocks=2)
    for _ in range(5):
        store.advance()

    assert (store.oldest, store.head) == (3, 5)
    for block in (2, 6):
        with pytest.raises(HistoryError, match=r"3\.\.5"):
            store.get("map", (), block)
