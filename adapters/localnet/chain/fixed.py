"""Fixed-point arithmetic as the chain's epoch does it: I32F32 held in plain integers.

A value `x` stands for `x / 2**32`. Results are rounded down unless said otherwise, a division by zero is zero, and nothing is
ever a float, so that every machine computes the same emission to the last rao.
"""

from collections.abc import Sequence

ONE = 1 << 32
U16_MAX = 65_535
# e to 23 binary places, and the exponents between which the chain keeps what it raises it to.
E = 22_802_600 << 9
MOST_EXPONENT = 20 * ONE


def mul(a: int, b: int) -> int:
    """`a * b`, rounded down."""
    return a * b >> 32


def div(a: int, b: int) -> int:
    """`a / b`, rounded down; 0 where `b` is 0. Two plain integers give their ratio as well."""
    return (a << 32) // b if b else 0


def quotient(a: int, b: int) -> int:
    """`a / b` where either may be negative: rounded towards zero, as the chain divides; 0 where `b` is 0."""
    magnitude = div(abs(a), abs(b))
    return magnitude if (a < 0) == (b < 0) else -magnitude


def exp(x: int) -> int:
    """`e` to the power of `x`, with `x` kept between -20 and 20 (chain: `exp_safe`).

    The chain sums the first 31 terms after 1 and rounds each, takes 1 / e**-x for what is negative, and has e itself from a
    table of 23 binary places. All of that is part of the result.
    """
    x = max(-MOST_EXPONENT, min(MOST_EXPONENT, x))
    if x == ONE:
        return E
    magnitude = abs(x)
    total, term = ONE + magnitude, magnitude
    for i in range(2, 32):
        term = (term * magnitude >> 32) // i
        total += term
    return div(ONE, total) if x < 0 else total


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
