"""Chance as a function of a key."""

import random

from hypothesis import given
from hypothesis import strategies as st

from core.randomness import below, between, choice, generator, key_of, sample


@given(st.integers(), st.lists(st.integers() | st.text(max_size=5), max_size=4))
def test_the_same_key_gives_the_same_choices(seed: int, parts: list[int | str]) -> None:
    """A generator has no memory of other generators."""
    first, second = generator(seed, *parts), generator(seed, *parts)
    assert [first.random() for _ in range(5)] == [second.random() for _ in range(5)]
    assert 0 <= key_of(seed, *parts) < 2**64


def test_keys_tell_their_parts_apart() -> None:
    """Seed, forward, step and purpose each give another key, wherever the digits fall."""
    keys = {key_of(1, 23, "uids"), key_of(12, 3, "uids"), key_of(1, 2, 3, "uids"), key_of(1, 23, "task")}
    assert len(keys) == 4


def test_draws_elsewhere_shift_nothing() -> None:
    """One purpose's draws leave those of another, and Python's own generator, as they were."""
    before = random.getstate()
    expected = generator(0, 1, "uids").random()
    other = generator(0, 1, "task")
    sample(other, range(100), 50)
    assert generator(0, 1, "uids").random() == expected
    assert random.getstate() == before


@given(st.integers(0, 2**32), st.integers(1, 1000))
def test_integers_stay_in_their_range(seed: int, n: int) -> None:
    """`below` excludes its end, `between` includes both."""
    rng = generator(seed)
    assert 0 <= below(rng, n) < n
    assert n <= between(rng, n, n + 3) <= n + 3
    assert choice(rng, range(n)) in range(n)


@given(st.integers(0, 2**32), st.lists(st.integers(), max_size=30), st.data())
def test_a_sample_is_part_of_its_items(seed: int, items: list[int], data: st.DataObject) -> None:
    """No place is drawn twice; drawing all of them is a permutation; the items stay as they were."""
    k = data.draw(st.integers(0, len(items)))
    before = list(items)
    drawn = sample(generator(seed), range(len(items)), k)
    assert len(set(drawn)) == len(drawn) == k
    assert sorted(sample(generator(seed), items, len(items))) == sorted(items)
    assert items == before


@given(st.integers(0, 2**32), st.integers(0, 40), st.data())
def test_a_sample_is_the_beginning_of_a_shuffle(seed: int, count: int, data: st.DataObject) -> None:
    """What is drawn is what swapping the items of a copied list would give, and takes as many numbers: old journals hold that."""
    k = data.draw(st.integers(0, count))
    shuffled, rng, same = list(range(count)), generator(seed), generator(seed)
    for i in range(k):
        j = i + below(rng, count - i)
        shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
    assert sample(same, range(count), k) == tuple(shuffled[:k])
    assert same.random() == rng.random()


def test_golden_keys_and_draws() -> None:
    """Pinned, because recorded journals are replayed on other machines and later Pythons."""
    assert key_of(0, 0, "context") == 4827194312221337129
    assert sample(generator(42, 7, "golden"), range(100), 5) == (32, 66, 22, 54, 12)
    assert [between(generator(42, i), 1, 6) for i in range(8)] == [6, 1, 6, 1, 1, 3, 2, 1]
