"""Found: a row on chain that does not follow from weights of ours, or that nobody of ours sent."""

from collections.abc import Sequence

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.effects import QueryMiners
from core.submission import Terms, row_for
from core.types import Block, Hotkey, Limits, Row, Uid
from tests.simulation.violation import Violation
from tests.simulation.watch.lives import AT_S, Lives
from tests.simulation.watch.plain import Sent
from tests.simulation.watch.rows import check_row

OWNERS = tuple(Hotkey(f"hk{uid}") for uid in range(12))


def sent(weights: Sequence[float], least: int, limit: int, gone: Sequence[int] = ()) -> Sent:
    """What the validator makes of weights for the uids from 0 on, some of which have changed hands."""
    pairs = [(Uid(uid), weight) for uid, weight in enumerate(weights)]
    hotkeys = tuple(Hotkey("new") if uid in gone else hotkey for uid, hotkey in enumerate(OWNERS))
    terms = Terms(Limits(Block(1), least, limit), AT_S, hotkeys, Uid(0))
    row = row_for(pairs, OWNERS[: len(pairs)], terms, version_key=1, now_s=AT_S)
    return Sent(pairs, OWNERS[: len(pairs)], row if isinstance(row, tuple) else None, terms)


@given(
    st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=12),
    st.integers(0, 14),
    st.integers(1, 65_535),
    st.lists(st.integers(0, 11), max_size=4),
)
def test_rows_of_the_validator_pass(weights: list[float], least: int, limit: int, gone: list[int]) -> None:
    """Whatever the weights, the limits and who has left: the row that is made is one that follows."""
    check_row(sent(weights, least, limit, gone))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (((0, 65_535), (1, 32_767), (2, 100)), "nobody of ours decided on"),
        (((0, 65_535), (1, 30_000), (2, 0)), "its weight"),
        (((0, 65_535), (1, 32_768)), "3 are wanted"),
        (((0, 65_535), (1, 32_768), (2, 0), (3, 0)), "3 are wanted"),
        (((1, 32_768), (0, 65_535), (2, 0)), "not in order"),
        (((0, 65_535), (1, 32_768), (40, 0)), "not those of the subnet"),
        (((0, 60_000), (1, 30_000), (2, 0)), "not u16"),
    ],
)
def test_a_wrong_row_is_found(row: Row, found: str) -> None:
    """A share for a stranger, other proportions, padding that is missing or too much, and a row of no form at all."""
    honest = sent([0.6, 0.3], 3, 65_535)
    assert honest.row == ((0, 65_535), (1, 32_768), (2, 0))
    with pytest.raises(Violation, match=found):
        check_row(attrs.evolve(honest, row=row))


def test_a_share_above_the_limit_is_found() -> None:
    """The largest share is held to the subnet's limit to the last unit."""
    honest = sent([0.5, 0.3, 0.2], 1, 30_000)
    assert honest.row is not None
    row = tuple((uid, value - 1 if value < 65_535 else value) for uid, value in honest.row)
    with pytest.raises(Violation, match="largest share"):
        check_row(attrs.evolve(honest, row=row))


def test_what_reached_the_chain_was_sent_by_us() -> None:
    """A submission that no effect asked for is found, and so is one beside another."""
    lives = Lives(1)
    lives.awaited(QueryMiners)
    lives.chain.submissions.append(sent([0.6, 0.4], 1, 65_535))
    with pytest.raises(Violation, match="was never performed"):
        lives._block()
    lives = Lives(1)
    lives.awaited(QueryMiners)
    first, second = sent([0.6, 0.4], 1, 65_535), sent([0.5, 0.5], 1, 65_535)
    lives.chain.submissions += [first, second]
    lives.chain.doubled.append(second)
    with pytest.raises(Violation, match="two submissions were in flight"):
        lives._block()
