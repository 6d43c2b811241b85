"""Near copies: what two texts have in common, counted in runs of letters."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.scoring.batch import MAX_CHARS
from adapters.scoring.copies import COPIED, MOST, RUN, near_copies, runs, taken
from adapters.scoring.letters import letters

FIRST = "Rain that falls on the hills feeds two rivers, which meet below the old town and carry barges to the sea."
SECOND = (
    "A lock of oak gates was built in 1500, so that boats could pass the weir without being dragged ashore."
)
# Few letters, so that runs repeat and are shared.
TEXTS = st.lists(
    st.text("ab", max_size=30) | st.text("ab", max_size=4).map(lambda text: text * 20), max_size=6
)


def naive(text: str) -> set[str]:
    found = letters(text)
    return {found[i : i + RUN] for i in range(max(1, len(found) - RUN + 1))} - {""}


@given(TEXTS)
def test_shares_are_those_of_sets_of_runs(texts: list[str]) -> None:
    """The table of keys comes to what sets of strings come to."""
    sets = [naive(text) for text in texts]
    assert [len(runs(letters(text))) for text in texts] == [len(found) for found in sets]
    expected: list[float | None] = [None] * len(texts)
    for i, j in combinations(range(len(texts)), 2):
        fewer, more = sorted((len(sets[i]), len(sets[j])))
        common = len(sets[i] & sets[j])
        if common and common / fewer >= COPIED and common / more > MOST:
            for k in (i, j):
                expected[k] = max(expected[k] or 0.0, common / fewer)
    assert near_copies(texts) == expected


@given(TEXTS.filter(lambda texts: len(texts) > 1))
def test_what_is_taken_is_the_share_of_its_runs(texts: list[str]) -> None:
    """Of the text, not of its source."""
    text, source = texts[:2]
    found = naive(text)
    expected = len(found & naive(source)) / len(found) if found else 0.0
    assert taken(runs(letters(text)), runs(letters(source))) == pytest.approx(expected)


@pytest.mark.parametrize(
    "copy",
    [
        FIRST,
        FIRST.lower(),
        f"**{FIRST}**",
        f"> Well, indeed: {FIRST}",
        f"{FIRST} That is so!",
        FIRST.replace("the sea", "a bay"),
        FIRST.replace(" ", "\u200b_"),
    ],
)
def test_a_copy_in_another_form_is_found(copy: str) -> None:
    """Both are told, in whatever order; another text of the step is not."""
    one, other, another = near_copies([FIRST, SECOND, copy])
    assert one == another
    assert one is not None
    assert one >= COPIED
    assert other is None


def test_other_texts_are_not_copies() -> None:
    """Other words, half of a text, the same in part in other words, nothing at all, a name that two give: only these are the same."""
    half, reworded = FIRST[: len(FIRST) // 2], FIRST.replace("feeds", "fills").replace("carry", "bear")
    kept = (FIRST, SECOND, half, reworded, "", "...")
    assert near_copies([*kept, "Bruges", "Ghent", "BRUGES"]) == [*[None] * len(kept), 1.0, None, 1.0]
    assert near_copies([]) == []


@given(st.text("abc", min_size=1), st.text("xyz", min_size=1), st.data())
def test_one_answer_makes_no_two_others_copies(one: str, another: str, data: st.DataObject) -> None:
    """Of two that have nothing in common: so whoever strings many answers together takes at most one reward from the others."""
    both = "".join(data.draw(st.lists(st.sampled_from((one, another)), max_size=4)))
    assert None in near_copies([one, another, both])[:2]


def test_a_sign_that_stands_for_many_letters_is_cut() -> None:
    """What a text of `MAX_CHARS` unfolds to is not looked at beyond as many letters."""
    assert len(runs(letters("\ufdfa" * MAX_CHARS))) <= MAX_CHARS
    long = "".join(map(str, range(10_000)))
    assert np.array_equal(runs(long), runs(long[:MAX_CHARS]))
