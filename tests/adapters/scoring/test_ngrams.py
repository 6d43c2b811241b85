"""Counting n-grams by lossy counting."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.scoring.ngram_keys import ngrams_of, words_of
from adapters.scoring.ngrams import NgramCounts, significance
from adapters.scoring.settings import BlacklistSettings

PHRASE = ["this", "is", "the", "phrase", "that", "everybody", "repeats", "here"]
SMALL = BlacklistSettings(
    support=0.1, error=0.05, half_life=10_000, max_entries=10_000, significance_bound=20
)


def unique(i: int, length: int = 12) -> list[str]:
    return [f"w{i}x{j}" for j in range(length)]


def test_words_are_lower_case_without_punctuation() -> None:
    """Case, brackets, bars and stops do not tell words apart."""
    assert words_of('(The |U.S.| "Senate\'s" 3.5 %)') == ("the", "u", "s", "senate's", "3", "5")


def test_all_ngrams_of_five_to_ten_words_are_found_once() -> None:
    """A text of n words has n - size + 1 n-grams of each size, fewer where they repeat."""
    words = [f"w{i}" for i in range(12)]
    assert len(ngrams_of(words).keys) == sum(12 - size + 1 for size in range(5, 11))
    assert len(ngrams_of(["again"] * 30).keys) == 6
    assert len(ngrams_of(words[:4]).keys) == 0


def test_significance_is_the_formula() -> None:
    """1.25 ** (L - 1) * f / N * 100."""
    assert significance(5, 100, 1000) == pytest.approx(1.25**4 * 10)


def test_an_ngram_counts_once_per_completion() -> None:
    """One completion that repeats a phrase sixty times flags it for nobody."""
    counts = NgramCounts(SMALL)
    counts.add(PHRASE[:5] * 60)
    for i in range(99):
        counts.add(unique(i))
    assert counts.significant() == {}


def test_nothing_is_significant_before_one_window() -> None:
    """The 19 first completions of a window of 20 flag nothing, the 20th does, and significance is current from then on."""
    counts = NgramCounts(SMALL)
    for _ in range(19):
        counts.add(PHRASE[:5])
    assert counts.significant() == {}
    counts.add(PHRASE[:5])
    assert counts.significant() == {tuple(PHRASE[:5]): pytest.approx(significance(5, 20, 20))}
    counts.add(unique(0))
    assert counts.significant() == {tuple(PHRASE[:5]): pytest.approx(significance(5, 20, 21))}


def test_rare_ngrams_are_dropped_at_the_end_of_a_window() -> None:
    """After a thousand different completions only those of the last two windows of 20 are still counted."""
    counts = NgramCounts(SMALL)
    for i in range(1000):
        counts.add(unique(i))
    assert len(counts) <= 40 * len(ngrams_of(unique(0)).keys)


def test_the_number_of_entries_is_bounded() -> None:
    """Above the limit the rarest go, and the frequent phrase stays."""
    bounded = NgramCounts(BlacklistSettings(support=0.5, error=0.001, max_entries=500))
    for i in range(300):
        bounded.add(PHRASE)
        bounded.add(unique(i))
        assert len(bounded) <= 500
    for _ in range(400):
        bounded.add(PHRASE)
    assert tuple(PHRASE) in bounded.significant()


def test_a_half_life_forgets_the_past() -> None:
    """A phrase that everybody said and nobody says any more loses its significance, the faster with halved counts."""

    def left(half_life: int) -> float:
        counts = NgramCounts(BlacklistSettings(support=0.01, error=0.005, half_life=half_life))
        for _ in range(200):
            counts.add(PHRASE[:5])
        for i in range(800):
            counts.add(unique(i))
        return counts.significant().get(tuple(PHRASE[:5]), 0.0)

    assert left(10_000) == pytest.approx(significance(5, 200, 1000))
    assert left(200) < left(10_000) / 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=40, max_size=200))
def test_lossy_counts_keep_their_promise(stream: list[int]) -> None:
    """A phrase seen in a share of completions above the support is counted, at most `error * N` too low and never too high."""
    counts, truth = (
        NgramCounts(BlacklistSettings(support=0.1, error=0.05, significance_bound=0)),
        Counter(stream),
    )
    for i in stream:
        counts.add(unique(i, 5))
    found = counts.significant()
    for i, count in truth.items():
        seen = found.get(tuple(unique(i, 5)), 0.0) / significance(5, 1, len(stream))
        assert seen <= count + 1e-9
        if count >= 0.1 * len(stream):
            assert seen >= count - 0.05 * len(stream) - 1e-9
