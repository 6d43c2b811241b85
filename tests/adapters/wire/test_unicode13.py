"""Texts that every Python since 3.10 writes alike."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.unicode13 import REPLACEMENT, is_assigned, portable


def test_what_this_python_does_not_know_is_not_assigned() -> None:
    """Unicode takes no character back: what is unassigned today was so in version 13."""
    unknown = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cn"]
    assert len(unknown) > 800_000
    assert not any(map(is_assigned, unknown))


def test_what_python_3_2_knew_is_assigned() -> None:
    """The oldest tables that Python carries are within version 13."""
    old = unicodedata.ucd_3_2_0
    known = [chr(code) for code in range(sys.maxunicode + 1) if old.category(chr(code)) != "Cn"]
    assert len(known) > 200_000
    assert all(map(is_assigned, known))


@pytest.mark.parametrize(
    ("char", "is_old"),
    [
        ("\U0001fad6", True),  # teapot, 13.0
        ("\u0870", False),  # Arabic letter, 14.0
        ("\U0001fae0", False),  # melting face, 14.0
        ("\U0001fae8", False),  # shaking face, 15.0
        ("\U0002ebf0", False),  # CJK extension I, 15.1
        ("\U0001fae9", False),  # face with bags under eyes, 16.0
        ("\ud800", True),
        ("\ue000", True),
    ],
)
def test_characters_around_the_border(char: str, is_old: bool) -> None:
    """Those of 13.0 stay, those that came later are replaced."""
    assert portable(f"a{char}b") == (f"a{char}b" if is_old else f"a{REPLACEMENT}b")


@given(text=st.text(st.characters(exclude_categories=())))
def test_only_such_characters_change(text: str) -> None:
    """Length and all other characters stay."""
    assert portable(portable(text)) == portable(text)
    assert len(portable(text)) == len(text)
    assert all(new in {old, REPLACEMENT} for old, new in zip(text, portable(text), strict=True))
