"""Questions cut at a break between clauses."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.asking import shortened
from core.completions import MOST_QUESTION_WORDS

BLANKS = st.sampled_from([" ", "\n", "\x1f", "\u3000"])
CLAUSES = st.lists(st.tuples(st.integers(1, 9), BLANKS), min_size=1, max_size=6).map(
    lambda sizes: [blank.join(["lakes"] * size) for size, blank in sizes]
)
BREAKS = st.sampled_from([" and ", ", but ", "; ", ", given that "])


@given(CLAUSES, BREAKS, st.integers(4, 40))
def test_the_break_nearest_to_the_length_is_taken(clauses: list[str], link: str, words: int) -> None:
    """Of all that leave more than four words; none where all of the text is as near."""
    text, *cuts = reversed(list(accumulate(clauses, lambda before, clause: before + link + clause)))
    usable = [cut for cut in reversed(cuts) if len(cut.split()) > 4]
    nearest = min([text, *usable], key=lambda cut: abs(words - len(cut.split())))
    assert shortened(text, words) == " ".join(nearest.split()[:MOST_QUESTION_WORDS])


def test_a_comma_before_a_cut_is_left_out() -> None:
    """And breaks within a word are none."""
    text = "Why is the lake so deep and cold, but so clear in the highlands of the island"
    assert shortened(text, 6) == "Why is the lake so deep"
    assert shortened(text, 8) == "Why is the lake so deep and cold"
    assert shortened(text, 99) == text
    assert shortened("Why do some sandy brands of butter, in short, sell so well", 5).endswith("so well")
