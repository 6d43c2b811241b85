"""Text of others, made visible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reporting.text import visible
from tests.adapters.reporting.hostile import TEXTS, is_safe


@given(TEXTS, st.integers(1, 100))
def test_any_text_becomes_safe_and_short(text: str, limit: int) -> None:
    """Whatever comes in, what goes out is printable where it stands, and within the limit."""
    shown = visible(text, limit)

    assert is_safe(shown)
    assert "\n" not in shown
    assert len(shown) <= limit


@given(TEXTS, TEXTS)
def test_no_text_can_pass_for_another(one: str, other: str) -> None:
    """Texts that are shown whole are shown alike only if they are equal."""
    assert (visible(one, 10_000) == visible(other, 10_000)) == (one == other)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The mill is old.", "The mill is old."),
        ("Größe, naïve, 水, ?!", "Größe, naïve, 水, ?!"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("filler\u3164", "filler\\u3164"),
        ("lone \ud800", "lone \\ud800"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("C:\\x1b", "C:\\\\x1b"),
        ("\u0301first", "\\u0301first"),
        ("a\u0301\u0302\u0303", "a\u0301\u0302\\u0303"),
        ("no\u00a0break", "no\\xa0break"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    """Plain text stays as it is; each kind of hidden or acting character becomes its escape."""
    assert visible(text, 100) == shown


def test_a_cut_is_marked_and_splits_no_escape() -> None:
    """Text that is too long ends in an ellipsis, before an escape that would not fit."""
    assert visible("abcdef", 6) == "abcdef"
    assert visible("abcdefg", 6) == "abcde…"
    assert visible("abc\x1bdef", 6) == "abc…"
