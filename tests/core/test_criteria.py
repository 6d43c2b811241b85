"""What criteria say, and what missing them costs."""

import math
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.criteria import (
    Criterion,
    Layout,
    MatchContent,
    MatchLayout,
    MatchLength,
    Place,
    Unit,
    describe,
    length,
    penalty,
)

CRITERIA: st.SearchStrategy[Criterion] = (
    st.builds(MatchLength, st.integers(1, 300), st.sampled_from(Unit))
    | st.builds(
        MatchContent,
        st.lists(st.text(min_size=1), max_size=3).map(tuple),
        st.sampled_from(Place),
        st.booleans(),
    )
    | st.builds(MatchLayout, st.sampled_from(Layout))
)


@given(CRITERIA, st.text())
def test_any_text_has_a_penalty(criterion: Criterion, text: str) -> None:
    """Whatever the text, the penalty is from 0 to the criterion's own."""
    assert 0 <= penalty(criterion, text) <= criterion.penalty


@given(CRITERIA, st.text())
def test_white_space_around_the_text_does_not_matter(criterion: Criterion, text: str) -> None:
    """A criterion judges the trimmed text."""
    assert penalty(criterion, f" \n{text}\t ") == penalty(criterion, text.strip())


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("", Unit.CHARACTERS, 0),
        ("", Unit.WORDS, 0),
        ("", Unit.SENTENCES, 0),
        ("", Unit.PARAGRAPHS, 0),
        ("Dr. Smith. 1. One 2. Two", Unit.SENTENCES, 2),
        ("Rain falls", Unit.CHARACTERS, 10),
        ("Rain falls - mostly.", Unit.WORDS, 3),
        ("One.\n\nTwo.", Unit.PARAGRAPHS, 2),
    ],
)
def test_length_in_each_unit(text: str, unit: Unit, expected: int) -> None:
    """Empty text is 0 long in every unit; list numbers and abbreviations end no sentence."""
    assert length(text, unit) == expected


@pytest.mark.parametrize(("found", "error"), [(10, 0.0), (5, 0.5), (15, -0.5), (0, 1.0), (9, 0.1)])
def test_a_wrong_length_costs_by_its_relative_error(found: int, error: float) -> None:
    """The penalty is 1 - exp(-10 e^2) of the criterion's own, the same above the target and below."""
    text = "word " * found
    assert penalty(MatchLength(10, Unit.WORDS, penalty=0.5), text) == pytest.approx(
        0.5 * (1 - math.exp(-10 * error**2))
    )


def test_a_target_below_one_is_refused() -> None:
    """No relative error exists to a length of 0."""
    with pytest.raises(ValueError, match="target"):
        MatchLength(0, Unit.WORDS)


@pytest.mark.parametrize(
    ("criterion", "text", "met"),
    [
        (MatchContent(("What", "How"), Place.START), "How does rain fall?", True),
        (MatchContent(("What", "How"), Place.START), "what's rain?", True),
        (MatchContent(("What", "How"), Place.START), "However, rain falls", False),
        (MatchContent(("What", "How"), Place.START), "So what", False),
        (MatchContent(("What",), Place.START), "Tell me\nWhat is rain?", False),
        (MatchContent(("?",), Place.END), "What is rain?\n", True),
        (MatchContent(("?",), Place.END), "What is rain? Water.", False),
        (MatchContent(("rain",), Place.ANYWHERE), "Heavy Rain.", True),
        (MatchContent(("rain",), Place.ANYWHERE), "A train.", False),
        (MatchContent(("?",), Place.ANYWHERE, negate=True), "Rain falls.", True),
        (MatchContent(("?",), Place.ANYWHERE, negate=True), "Why? Rain falls.", False),
        (MatchContent((".*",), Place.ANYWHERE), "Rain", False),
    ],
)
def test_content_counts_whole_words_at_their_place(criterion: MatchContent, text: str, met: bool) -> None:
    """Any one of the words will do, whatever its case, and none may stand there when negated."""
    assert penalty(criterion, text) == (0 if met else criterion.penalty)


@pytest.mark.parametrize(
    ("text", "layouts"),
    [
        ("It was built in 2020. The end.", {Layout.PLAIN}),
        ("A well - known\nname.", {Layout.PLAIN}),
        ("3.5 percent\n-5 degrees\n**bold** words", {Layout.PLAIN}),
        ("- rain\n- snow", {Layout.BULLETS}),
        ("Kinds:\n  * rain\n  • snow", {Layout.BULLETS}),
        ("1. rain\n2. snow", {Layout.NUMBERS}),
        ("1) rain\n(2) snow", {Layout.NUMBERS}),
        ("- only one", set()),
        ("1. only one", set()),
        ("", {Layout.PLAIN}),
    ],
)
def test_list_marks_count_at_line_starts(text: str, layouts: set[Layout]) -> None:
    """Numbers and dashes within a line make no list; two marked lines do, and a single one is neither."""
    assert {layout for layout in Layout if penalty(MatchLayout(layout), text) == 0} == layouts


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (MatchLength(150, Unit.WORDS), "Length in words: about 150."),
        (MatchContent(("Why", "How"), Place.START), 'Start with "Why" or "How".'),
        (MatchContent(("?",), Place.END), 'End with "?".'),
        (MatchContent(("rain",), Place.ANYWHERE), 'Include "rain".'),
        (MatchContent(("?",), Place.ANYWHERE, negate=True), 'Do not include "?".'),
        (
            MatchLayout(Layout.BULLETS),
            'Layout: a bullet list of two or more items, each on a line that starts with "- ".',
        ),
        (
            MatchLayout(Layout.NUMBERS),
            'Layout: a numbered list of two or more items, on lines that start with "1. ", "2. " and so on.',
        ),
        (MatchLayout(Layout.PLAIN), "Layout: plain text, no bullet list and no numbered list."),
    ],
)
def test_each_criterion_is_told_in_words(criterion: Criterion, expected: str) -> None:
    """A description is one line that says all that the penalty checks."""
    assert describe(criterion) == expected


def test_what_is_outside_the_unions_is_a_broken_invariant() -> None:
    """Nothing but the listed criteria, units, places and layouts is ever judged or described."""
    stranger = cast("Criterion", "stranger")
    with pytest.raises(AssertionError):
        describe(stranger)
    with pytest.raises(AssertionError):
        penalty(stranger, "text")
    with pytest.raises(AssertionError):
        length("text", cast("Unit", "stranger"))
    with pytest.raises(AssertionError):
        penalty(MatchContent(("a",), cast("Place", "stranger")), "text")
    for judge in (describe, lambda criterion: penalty(criterion, "text")):
        with pytest.raises(AssertionError):
            judge(MatchLayout(cast("Layout", "stranger")))
