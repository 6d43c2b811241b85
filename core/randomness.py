"""Chance, as a function of a key: the same key gives the same choices on every machine and every Python.

Rules:
- Every purpose has a key of its own, made of seed, forward, step and purpose, so that a draw added in one place shifts none
  elsewhere, and one forward makes the same choices whatever runs beside it.
- Only `Random.random()` is used: it is the one method whose sequence Python promises to keep between versions.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def key_of(seed: int, *parts: int | str) -> int:
    """A 64-bit key made of the seed and the parts; independent of hash randomisation."""
    text = "\x1f".join((str(seed), *(str(part) for part in parts)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def generator(seed: int, *parts: int | str) -> random.Random:
    """A generator of its own for one purpose."""
    return random.Random(key_of(seed, *parts))


def below(rng: random.Random, n: int) -> int:
    """An integer in 0..n-1, uniform up to n / 2**53."""
    return int(rng.random() * n)


def between(rng: random.Random, low: int, high: int) -> int:
    """An integer in low..high, both ends included."""
    return low + below(rng, high - low + 1)


def choice(rng: random.Random, items: Sequence[T]) -> T:
    return items[below(rng, len(items))]


def sample(rng: random.Random, items: Sequence[T], k: int) -> tuple[T, ...]:
    """`k` of the items, uniform, without replacement, in random order (Fisher-Yates, its first `k` swaps).

    Costs by `k`, not by how many items there are: only what was swapped is kept.
    """
    moved: dict[int, int] = {}
    for i in range(k):
        j = i + below(rng, len(items) - i)
        moved[i], moved[j] = moved.get(j, j), moved.get(i, i)
    return tuple([items[moved[i]] for i in range(k)])
