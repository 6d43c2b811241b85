"""Reference and product, one after the other, again and again.

Rules:
- Both judge the same texts, and each run has texts of its own: nothing kept from a run helps the next.
- What is told is the median of the runs; the ratio is the median of the runs' own ratios, since a machine's speed changes.
- The first call of both, on a few other texts, is not counted: it loads code.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import attrs

from tests.bench.counting import Work
from tests.bench.machine import matmul_peak
from tests.bench.texts import WARM_UP


@attrs.frozen(eq=False)
class Case:
    """One run's work.

    Attributes:
        reference, batched: do it.
        difference: the largest between what both gave.
        least_tokens: fewest that could be read, None where no model reads any.
    """

    reference: Callable[[], Any]
    batched: Callable[[], Any]
    difference: Callable[[Any, Any], float]
    least_tokens: int | None = None


@attrs.frozen(eq=False)
class Row:
    """One line of the table.

    Attributes:
        case: of a run's number.
        work: what the product's models have done so far.
    """

    case: Callable[[int], Case]
    work: Work = attrs.field(factory=Work)


@attrs.frozen
class Pair:
    """One run: what both took, how far they are apart, and what the product's models did."""

    reference_ms: float
    batched_ms: float
    difference: float
    work: Work
    least_tokens: int | None

    @property
    def ratio(self) -> float:
        return self.reference_ms / self.batched_ms


@attrs.frozen
class Figures:
    """What a row comes to.

    Attributes:
        ratios: smallest, median and largest of the runs.
        tokens, least_tokens: per run.
        peak_share: of the machine's best matrix products; None where no linear layer took part.
    """

    name: str
    reference_ms: float
    batched_ms: float
    ratio: float
    ratios: tuple[float, float]
    max_abs_diff: float
    tokens: int | None = None
    least_tokens: int | None = None
    peak_share: float | None = None


def measured(name: str, row: Row, runs: int) -> Figures:
    warm_up = row.case(WARM_UP)
    warm_up.reference(), warm_up.batched()
    peak = matmul_peak()
    pairs = [_pair(row, run) for run in range(runs)]
    return _figures(name, pairs, max(peak, matmul_peak()))


def _pair(row: Row, run: int) -> Pair:
    case = row.case(run)
    reference_ms, expected = _timed(case.reference)
    before = row.work.copy()
    batched_ms, found = _timed(case.batched)
    work = row.work.since(before)
    return Pair(reference_ms, batched_ms, case.difference(expected, found), work, case.least_tokens)


def _timed(do: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = do()
    return 1000 * (time.perf_counter() - started), result


def _figures(name: str, pairs: list[Pair], peak: float) -> Figures:
    def median(of: Callable[[Pair], float]) -> float:
        return statistics.median(of(pair) for pair in pairs)

    ratios = [pair.ratio for pair in pairs]
    least = [pair.least_tokens for pair in pairs if pair.least_tokens is not None]
    share = median(lambda pair: pair.work.operations / (pair.batched_ms / 1000) / peak)
    return Figures(
        name,
        median(lambda pair: pair.reference_ms),
        median(lambda pair: pair.batched_ms),
        statistics.median(ratios),
        (min(ratios), max(ratios)),
        max(pair.difference for pair in pairs),
        round(statistics.mean(pair.work.tokens for pair in pairs)) if least else None,
        round(statistics.mean(least)) if least else None,
        share if least else None,
    )
