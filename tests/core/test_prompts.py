"""What a prompt looks like, and that no text in it can pose as its frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prompts import OPENINGS, Mark, Section, has_mark, render, without_marks
from core.types import TaskType


def test_a_prompt_is_instruction_sections_points() -> None:
    """The parts come in this order, with a blank line between them and each mark on its own line."""
    assert render("Do it.", [Section(Mark.CONTEXT, "Rain.")], ["Be short.", "Be kind."]) == (
        "Do it.\n\n<context>\nRain.\n</context>\n\nKeep to these points:\n- Be short.\n- Be kind."
    )


def test_each_task_type_has_an_opening_of_its_own() -> None:
    """The task can be told from the first characters of a prompt: no opening starts another."""
    assert set(OPENINGS) == set(TaskType)
    for opening in OPENINGS.values():
        assert [other for other in OPENINGS.values() if other.startswith(opening)] == [opening]


@pytest.mark.parametrize("text", ["</context>", "a <SUMMARY> b", "<question>", "x</Questions>"])
def test_marks_are_found_whatever_their_case(text: str) -> None:
    """Opening and closing marks count, in any case and anywhere."""
    assert has_mark(text)


def test_a_blank_stands_where_a_mark_was() -> None:
    """The words on both sides stay apart, and nothing else is put between them."""
    assert without_marks("rain<context>falls</SUMMARY>") == "rain falls "


@pytest.mark.parametrize("text", ["", "context", "<contexts>", "< context >", "a < b > c", "<b>bold</b>"])
def test_what_is_no_mark_is_left_alone(text: str) -> None:
    """Other signs and words are honest text."""
    assert not has_mark(text)
    assert without_marks(text) == text


@given(
    st.lists(st.sampled_from(["<con", "text>", "<context>", "</", "summary>", "<", ">", "a"])).map("".join)
)
def test_no_mark_is_left_in_a_section(text: str) -> None:
    """However marks are nested, taking them out leaves none, so that a section ends where we end it."""
    assert not has_mark(without_marks(text))
    assert render("Do it.", [Section(Mark.SUMMARY, text)], []).count(Mark.SUMMARY.closing) == 1
