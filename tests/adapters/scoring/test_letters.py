"""The normal form of texts that are compared as texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.scoring.letters import is_part, letters, pieces

WORDS = st.lists(
    st.sampled_from(["the", "lake", "is", "deep", "Ærø", "straße", "naïve", "1984", "вода", "湖は深い"]),
    max_size=8,
)
# White space, marks, punctuation, and what nobody sees: joiners, a soft hyphen, directions, a filler, NUL, accents put over letters.
BETWEEN = st.text(
    " \n\t*_`#>~|-–.,;:!?\"'“”()[]\u200b\u200d\u2060\ufeff\u00ad\u202e\u3164\0\u0301\u0336", max_size=6
)


@given(st.text())
def test_the_form_of_a_normal_form_is_itself(text: str) -> None:
    """Any text at all; and it holds nothing that is no letter and no digit."""
    assert letters(letters(text)) == letters(text)
    assert letters(text) == "" or letters(text).isalnum()


@given(WORDS, st.data())
def test_what_stands_between_letters_makes_no_difference(words: list[str], data: st.DataObject) -> None:
    """Anywhere: before and after, between words and within them."""
    text = " ".join(words)
    disguised = "".join(f"{data.draw(BETWEEN)}{sign}" for sign in text) + data.draw(BETWEEN)
    assert letters(disguised) == letters(text)


@pytest.mark.parametrize(
    "text",
    [
        "STRASSE FINE CAFE 12",
        "straße ﬁne café ¹²",
        "Ｓｔｒａｓｓｅ ﬁｎｅ CAFÉ ①②",
        "𝐬𝐭𝐫𝐚𝐬𝐬𝐞 fine cafe\u0301\u0301\u0301 12",
    ],
)
def test_the_same_letters_in_another_dress_are_the_same(text: str) -> None:
    """Case, ligatures, accents composed or towering, full width, bold, circled and raised digits."""
    assert letters(text) == "strassefinecafe12"


@given(WORDS, WORDS)
def test_other_words_are_another_form(one: list[str], another: list[str]) -> None:
    """No two of these words run together as others do: the form tells which they are, and in which order."""
    assert (letters(" ".join(one)) == letters(" ".join(another))) == (one == another)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("its water", True),
        ("It-s WATER is", True),
        ("The lake is deep. Its water is cold", True),
        ("", True),
        ("is col", False),
        ("ake is deep", False),
        ("water is deep", False),
    ],
)
def test_a_part_is_of_whole_words(text: str, is_one: bool) -> None:
    """From the beginning of a word to the end of one, in the order of the source."""
    assert is_part(letters(text), pieces("The lake is deep. Its water is cold")) == is_one
