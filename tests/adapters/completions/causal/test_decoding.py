"""Tokens become text as they come: never half a character, and nothing lost."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.completions.causal.decoding import BROKEN, Decode, Decoding
from tests.adapters.scoring.architectures import Size, trained_tokenizer

TOKENIZER = trained_tokenizer(Size(64).vocabulary)


def by_bytes(tokens: Sequence[int]) -> str:
    """The hardest tokenizer: each token is one byte."""
    return bytes(tokens).decode(errors="replace")


def by_words(tokens: Sequence[int]) -> str:
    """Puts a space before every word but the first, as sentencepiece does: how a token reads depends on what it follows."""
    return " ".join(f"w{token}" for token in tokens)


def streamed(decode: Decode, tokens: Sequence[int]) -> list[str]:
    decoding = Decoding(decode)
    return [*(decoding.push(token) for token in tokens), decoding.end()]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda text: BROKEN not in text))
def test_characters_of_several_bytes_come_whole(text: str) -> None:
    """Cut after each byte: every piece is whole characters, and all of them are the text."""
    pieces = streamed(by_bytes, list(text.encode()))
    assert "".join(pieces) == text
    assert not any(BROKEN in piece for piece in pieces)


@given(st.lists(st.integers(0, 99), max_size=20))
def test_what_a_token_follows_is_seen(tokens: list[int]) -> None:
    """Joined pieces are what all tokens decode to at once."""
    assert "".join(streamed(by_words, tokens)) == by_words(tokens)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda text: BROKEN not in text))
def test_a_real_tokenizer_streams_to_the_same_text(text: str) -> None:
    """Byte-level BPE cuts emoji and accents between tokens."""
    tokens = TOKENIZER.encode(text).ids
    pieces = streamed(lambda some: str(TOKENIZER.decode(list(some))), tokens)
    assert "".join(pieces) == TOKENIZER.decode(tokens) == text


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_character_that_is_never_finished_is_left_out(kept: int) -> None:
    """A completion that ends within a character ends before it."""
    assert "".join(streamed(by_bytes, [*b"sea ", *"\U0001f30a".encode()[:kept]])) == "sea "


def test_bytes_that_are_no_character_do_not_hold_up_the_rest() -> None:
    """A model that says nonsense goes on to be read behind it."""
    pieces = streamed(by_bytes, [0xC3, *b"ab"])
    assert pieces[1:3] == [f"{BROKEN}a", "b"]
