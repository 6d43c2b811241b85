"""Sentences, words and paragraphs as people mean them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import cut, paragraphs, sentences, words

PIECES = st.sampled_from(
    [
        "Rain",
        "it",
        "The",
        "Dr.",
        "U.S.",
        "e.g.",
        "3.5",
        "1.",
        "2.",
        "3.",
        "fell.",
        "why?",
        'so."',
        "(no)",
        "...",
        "-",
        "雪。",
        "\n",
    ]
)
TEXTS = st.text() | st.lists(PIECES, max_size=60).map(" ".join) | st.lists(PIECES, max_size=60).map("\n".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" \n ", ()),
        ("... !! -", ()),
        ("Rain falls. Snow melts", ("Rain falls.", "Snow melts")),
        ("Is it? It is! So be it… Fine.", ("Is it?", "It is!", "So be it…", "Fine.")),
        ("What did the U.S. Senate decide?", ("What did the U.S. Senate decide?",)),
        ("He moved to the U.S. The rest stayed.", ("He moved to the U.S.", "The rest stayed.")),
        ("Is 3.5 percent high?", ("Is 3.5 percent high?",)),
        ("Ask Dr. Smith, e.g. on Monday.", ("Ask Dr. Smith, e.g. on Monday.",)),
        ("Salt, fat, etc. are used. It is 5 p.m. now.", ("Salt, fat, etc. are used.", "It is 5 p.m. now.")),
        ("A. A. Milne and J. S. Bach met.", ("A. A. Milne and J. S. Bach met.",)),
        ("See No. 5 there. No. Go.", ("See No. 5 there.", "No.", "Go.")),
        ("Dr. Smith. 1. One 2. Two", ("Dr. Smith.", "1. One 2. Two")),
        ("0. Rain falls.", ("0.", "Rain falls.")),
        ("100. Rain falls.", ("100. Rain falls.",)),
        ("1000. Rain falls.", ("1000.", "Rain falls.")),
        ("He has 1. She has 3.", ("He has 1.", "She has 3.")),
        ("He has 2. She has 3.", ("He has 2.", "She has 3.")),
        ("Is she the Dr? Yes.", ("Is she the Dr?", "Yes.")),
        ("Why? because it rains.", ("Why?", "because it rains.")),
        ("Well... iPhones ring.", ("Well... iPhones ring.",)),
        ("Fig. 5a shows it.", ("Fig. 5a shows it.",)),
        (". Rain falls.", ("Rain falls.",)),
        ("See (vol.) Three.", ("See (vol.) Three.",)),
        ('They call him "Jr." The end.', ('They call him "Jr."', "The end.")),
        ("It was the Dr . Then he left.", ("It was the Dr .", "Then he left.")),
        ("Water (e.g. rain) and 'Dr. Snow' fall.", ("Water (e.g. rain) and 'Dr. Snow' fall.",)),
        ("1. Rain falls. 2. Snow falls.", ("1. Rain falls.", "2. Snow falls.")),
        ("It was built in 2020. He has 2. She has 3.", ("It was built in 2020.", "He has 2.", "She has 3.")),
        ("- rain\n- snow\n1) ice", ("- rain", "- snow", "1) ice")),
        ("A heading\n\nRain\nfalls.", ("A heading", "Rain\nfalls.")),
        ('"Really?" he asked. "Yes." Well... no.', ('"Really?" he asked.', '"Yes."', "Well... no.")),
        ("Well... No.", ("Well...", "No.")),
        ("雨が降る。雪も降る。", ("雨が降る。", "雪も降る。")),
        ("What is rain ? It is water .", ("What is rain ?", "It is water .")),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: tuple[str, ...]) -> None:
    """Stops of abbreviations, initials, decimals and list numbers end no sentence; blank lines and list items do."""
    assert sentences(text) == expected


@given(TEXTS)
def test_a_sentence_alone_is_the_same_sentence(text: str) -> None:
    """Whatever the text, each of its sentences read alone is that one sentence, and holds a word."""
    for sentence in sentences(text):
        assert sentences(sentence) == (sentence,)
        assert words(sentence)


@given(TEXTS)
def test_no_word_is_lost_between_sentences(text: str) -> None:
    """The letters and digits of all sentences are those of the text, in order."""
    kept = "".join(char for char in "".join(sentences(text)) if char.isalnum())
    assert kept == "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), (" - ... ", 0), ("well - known", 2), ("don't, 3.5 times!", 3), ("one\ntwo\tthree", 3)],
)
def test_words_hold_a_letter_or_a_digit(text: str, expected: int) -> None:
    """A dash or a stop by itself is no word, and empty text has none."""
    assert len(words(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("\n\n", ()),
        ("one\ntwo", ("one\ntwo",)),
        ("one\n \n\ntwo\n\n---\n\nthree\n", ("one", "two", "three")),
        ("one\r\n\r\ntwo", ("one", "two")),
    ],
)
def test_paragraphs_stand_between_blank_lines(text: str, expected: tuple[str, ...]) -> None:
    """A single line break parts no paragraph, and a rule of dashes is none."""
    assert paragraphs(text) == expected


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [(0, 1, "One."), (1, 2, "Two.\n\nThree."), (2, 9, "Three."), (3, 1, ""), (0, 0, "")],
)
def test_a_cut_is_whole_sentences_as_they_stand(first: int, count: int, expected: str) -> None:
    """A cut keeps what is between its sentences, its final stop too, and is empty where there are none."""
    assert cut(" One. Two.\n\nThree. ", first, count) == expected


@pytest.mark.parametrize("unit", [".", ". ", "\n", "\n ", "1. ", "2. 3. ", "- \n", "e.g. ", '?"*', "x"])
def test_time_grows_with_the_length(unit: str) -> None:
    """A hostile text of 200 000 characters is taken apart in seconds, where backtracking would take hours."""
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    sentences(text)
    words(text)
    paragraphs(text)
    assert time.process_time() - began < 5
