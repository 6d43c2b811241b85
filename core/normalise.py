"""Running normalisation of one reward function's raw scores, to 0..1.

Per function a running count, mean and population variance are merged batch by batch (Chan, Golub and LeVeque 1979, "Updating
formulae and a pairwise algorithm for computing sample variances"); then `z = (x - mean) / std`, and the standard normal
distribution function of `z`. The count is capped, so that old scores fade.

Rules:
- Sentinels (no real measurement) are normalised, but never enter the statistics.
- Defined for one value and for zero variance; never NaN.
"""

import math
from collections.abc import Sequence

import attrs

COUNT_CAP = 3000


@attrs.frozen
class Normaliser:
    """Running statistics: number of values (capped), their mean and population variance."""

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def merge(self, values: Sequence[float], *, equal_has_no_variance: bool = True) -> "Normaliser":
        """The statistics with these values taken in."""
        if not values:
            return self
        n, m = self.count, len(values)
        # Their sum, rounded, over their number need not be one of them.
        are_equal = equal_has_no_variance and min(values) == max(values)
        if are_equal and n == 0:
            return Normaliser(min(m, COUNT_CAP), values[0], 0.0)
        batch_mean = values[0] if are_equal else math.fsum(values) / m
        batch_variance = math.fsum((x - batch_mean) ** 2 for x in values) / m
        total, delta = n + m, batch_mean - self.mean
        mean = self.mean + delta * m / total
        variance = (n * self.variance + m * batch_variance + delta**2 * n * m / total) / total
        return Normaliser(min(total, COUNT_CAP), mean, variance)

    def normalise(self, x: float) -> float:
        """Share of a normal population below `x`, 0..1; with zero variance 0.5 at the mean, else 0 or 1.

        Before anything was measured there is no mean to compare with: then a score (it can only be a sentinel) is 0.
        """
        if self.count == 0:
            return 0.0
        if self.variance <= 0 or (std := math.sqrt(self.variance)) == 0:
            return 0.5 if x == self.mean else float(x > self.mean)
        return 0.5 * (1 + math.erf((x - self.mean) / std / math.sqrt(2)))
