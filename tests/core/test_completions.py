"""What is scored of a completion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.completions import clean, scored_text, trim_followup
from core.text import sentences
from core.types import TaskType
from tests.core.test_text import TEXTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" . . ", ""),
        (" Rain falls. ", "Rain falls"),
        ("...Rain. Snow...", "Rain. Snow"),
        ("Rain . \n.", "Rain"),
        ("Why?", "Why?"),
    ],
)
def test_cleaning_takes_white_space_and_full_stops_off_the_ends(text: str, expected: str) -> None:
    """What is within the text stays, and a text of nothing else becomes empty."""
    assert clean(text) == expected


def _marks(text: str) -> list[str]:
    return [char for char in text if char != "." and not char.isspace()]


@given(st.text() | st.text(alphabet=" .\n\u00a0a"))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """A clean text is clean, and nothing but white space and full stops is lost."""
    once = clean(text)
    assert clean(once) == once
    assert once in text
    assert _marks(once) == _marks(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("?!", ""),
        ("What did the U.S. Senate decide?", "What did the U.S. Senate decide?"),
        ("Is 3.5 percent high?", "Is 3.5 percent high?"),
        ("Is 3.5 percent high? ", "Is 3.5 percent high?"),
        ("Sure, here it is. What is rain? It is water.", "What is rain?"),
        ("What is rain? What is snow?", "What is rain?"),
        ("What is rain??? What is snow?", "What is rain?"),
        ('Is it "rain"? It is.', 'Is it "rain"?'),
        ("Here:\n\n1. What is rain?!\n2. What is snow?", "1. What is rain?"),
        ('"What is rain?" That is it.', '"What is rain?'),
        ("**What is rain ?**", "**What is rain ?"),
        ("雨とは何ですか？水です。", "雨とは何ですか？"),
        ("Rain falls. Snow melts.", "Snow melts."),
        ("Rain falls. Tell me more. \n", "Tell me more."),
        ("See http://rain.example/?a=b. Tell me more. ...", "Tell me more."),
    ],
)
def test_a_followup_is_its_first_question_or_its_last_sentence(text: str, expected: str) -> None:
    """Boundaries are those of sentences: abbreviations, decimals and trailing blanks cut nothing off."""
    assert trim_followup(text) == expected


def test_a_long_question_keeps_its_last_40_words() -> None:
    """Forty words stay as they are; of more, the first ones go."""
    forty = " ".join(["word"] * 39) + " why?"
    assert trim_followup(forty) == forty
    assert trim_followup(forty.replace("word word", "word\nword", 1)) == forty.replace(
        "word word", "word\nword", 1
    )
    assert trim_followup(f"too much {forty}") == forty


@pytest.mark.parametrize("characters", [990, 1_000, 1_010, 50_000])
def test_a_question_is_found_in_a_text_of_any_length(characters: int) -> None:
    """Also behind or before more words than anybody was asked for."""
    filler = "Rain falls. " * (characters // 12)
    assert trim_followup(f"{filler}What is rain? It falls.") == "What is rain?"
    assert trim_followup(f"What is rain? {filler}") == "What is rain?"
    assert trim_followup(f"{filler}Snow melts.") == "Snow melts."


def test_a_long_sentence_that_asks_nothing_stays_whole() -> None:
    """Only a question is shortened."""
    text = "word " * 60 + "end."
    assert trim_followup(text) == text


def test_a_shortened_question_is_one_sentence() -> None:
    """Where shortening makes a stop within the question end a sentence, what comes before it goes as well."""
    text = "1. " + "word " * 9 + "2. " + "word " * 38 + "why?"
    shortened = trim_followup(text.replace("word 2.", "x 2.", 1))
    assert sentences(shortened) == (shortened,)
    assert len(shortened.split()) <= 40
    assert shortened.endswith("why?")


def test_dashes_are_no_words_of_a_question() -> None:
    """Forty words are counted as words are, so that signs between them push none out."""
    text = "Why - " + "word - " * 38 + "so ?"
    assert trim_followup(text) == text
    assert trim_followup(f"Well - {text}") == text


@given(TEXTS)
def test_trimming_twice_changes_nothing_more(text: str) -> None:
    """A trimmed follow-up is a single sentence with a word in it, or empty, and stays as it is."""
    once = trim_followup(text)
    assert trim_followup(once) == once
    assert len(sentences(once)) == (1 if once else 0)


@pytest.mark.parametrize(
    ("task_type", "expected"),
    [
        (TaskType.SUMMARY, "Well. What is rain? It falls"),
        (TaskType.QUESTION, "What is rain?"),
        (TaskType.ANSWER, "Well. What is rain? It falls"),
    ],
)
def test_only_questions_are_trimmed(task_type: TaskType, expected: str) -> None:
    """A summary and an answer are scored whole; all are clean."""
    assert scored_text(task_type, " Well. What is rain? It falls. ") == expected


@given(st.sampled_from(TaskType), TEXTS)
def test_what_is_scored_is_clean(task_type: TaskType, text: str) -> None:
    """Whatever came, the scored text is clean."""
    scored = scored_text(task_type, text)
    assert clean(scored) == scored
