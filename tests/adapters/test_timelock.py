"""The stand-in for the time lock: it gives back what it holds, and says of itself that it hides nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.timelock import COMMIT_LIMIT_BYTES, Sealed, opened, seal

KEY = bytes(range(32))
U16 = st.integers(0, 65_535)
ROWS = st.lists(st.tuples(U16, U16), max_size=60)


@given(row=ROWS, version_key=st.integers(0, (1 << 64) - 1), key=st.binary(min_size=32, max_size=32))
def test_what_was_sealed_is_opened(row: list[tuple[int, int]], version_key: int, key: bytes) -> None:
    """Any row comes out as it went in, with its version key and its committer."""
    assert opened(seal(row, version_key, key)) == Sealed(key, tuple(row), version_key)


@given(row=ROWS, cut=st.integers(1, 400), more=st.binary(min_size=1, max_size=5))
def test_only_a_whole_seal_is_one(row: list[tuple[int, int]], cut: int, more: bytes) -> None:
    """What is cut short, longer, or something else does not open."""
    whole = seal(row, 7, KEY)

    assert opened(whole[:-cut]) is None
    assert opened(whole + more) is None
    assert opened(more) is None
    assert opened(b"\x01" + whole[1:]) is None


def test_a_seal_says_that_it_hides_nothing() -> None:
    """Whoever looks at a commit is told so in words, and can read the row."""
    sealed = seal([(258, 772)], 0, KEY)

    assert b"NOT ENCRYPTED" in sealed
    assert sealed.endswith(bytes([2, 1, 4, 3]))


def test_the_largest_subnet_fits_a_commit() -> None:
    """1024 uids are sealed within the chain's bound; what exceeds it is refused."""
    assert len(seal([(uid, 65_535) for uid in range(1_024)], 0, KEY)) < COMMIT_LIMIT_BYTES
    with pytest.raises(ValueError, match="does not fit"):
        seal([(uid, 1) for uid in range(1_300)], 0, KEY)


@pytest.mark.parametrize(
    ("row", "version_key", "key"),
    [([(65_536, 1)], 0, KEY), ([(1, -1)], 0, KEY), ([], 1 << 64, KEY), ([], 0, KEY[:-1])],
)
def test_what_does_not_fit_a_field_is_refused(
    row: list[tuple[int, int]], version_key: int, key: bytes
) -> None:
    """Numbers too large, negative ones and short keys are the caller's error."""
    with pytest.raises(ValueError, match=r"u16|bytes"):
        seal(row, version_key, key)
