"""Fixed-point arithmetic as the chain's epoch does it: I32F32 held in plain integers.

A value `x` stands for `x / 2**32`. All results are rounded down, a division by zero is zero, and nothing is
ever a float, so that every machine computes the same emission to the last rao.
"""

from collections.abc import Sequence

ONE = 1 << 32
U16_MAX = 65_535


def mul(a: int, b: int) -> int:
    """`a * b`, rounded down."""
    return a * b >> 32


def div(a: int, b: int) -> int:
    """`a / b`, rounded down; 0 where `b` is 0. Two plain integers give their ratio as well."""
    return (a << 32) // b if b else 0


def normalise(values: Sequence[int]) -> tuple[int, ...]:
    """The values divided by their sum; as they are where the sum is 0."""
    total = sum(values)
    return tuple(div(value, total) for value in values) if total else tuple(values)


def to_u16(value: int) -> int:
    """A fraction on the scale of 0 to 65535, rounded down, kept within it."""
    return max(0, min(U16_MAX, value * U16_MAX >> 32))


def upscale_to_u16(values: Sequence[int]) -> tuple[int, ...]:
    """Fixed-point values scaled so that the largest is 65535, rounded to nearest: how a weight row is stored.

    The two branches round differently, and the chain's do (`vec_max_upscale_to_u16`).
    """
    top = max(values, default=0)
    if top == 0:
        return (0,) * len(values)
    if top > 32_768 * ONE:
        factor = div(U16_MAX * ONE, top)
        scaled = [mul(value, factor) for value in values]
    else:
        scaled = [div(value * U16_MAX, top) for value in values]
    return tuple(min(U16_MAX, (value + ONE // 2) >> 32) for value in scaled)
