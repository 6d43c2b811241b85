"""The windows in which weights are legal, and whether weights landed in each while the chain could be reached. Pure.

An epoch of the validator is the time from one landing of its weights to the next, and its first legal window is reckoned from the chain's
own state, block by block:

- It opens at the first block after which weights may be in the next one: the last update is as far back as the chain's rate limit
  and the validator's `epoch_length` want, the permit is there, and the version key is not above the program's.
- It closes with the block in which weights landed (`LastUpdate` moved, by weights or by a commit to them), or as soon as weights
  are not legal any more, or after as many blocks as the distance from one set of weights to the next (`WINDOW_BLOCKS`): the next epoch
  begins then, with a window of its own, and this one is missed.
- Blocks that a reorganisation made void do not count, and neither do landings in them: the window goes on as if there had been none.
- The chain was reachable in it if weights landed, or if for half of such a distance on end (`REACHABLE_S`) no outage was on. An outage is
  a fault that lasts and keeps clients from the chain as it is (refused, half-open, late, a head that stands still, a clock that is
  late). Everything else (cut connections, reorganisations, other runtimes, changed hyperparameters, replaced miners) excuses nothing.

A window without any outage is counted apart as well: nothing but those other faults could excuse its loss, and nothing does.
"""

from collections.abc import Iterable, Iterator, Sequence

import attrs

from core.version import VERSION_KEY
from tests.faults.chronicle import BlockLine
from tests.faults.place import BLOCK_TIME_S, EPOCH_LENGTH_BLOCKS, RATE_LIMIT_BLOCKS

WINDOW_BLOCKS = max(RATE_LIMIT_BLOCKS, EPOCH_LENGTH_BLOCKS)
REACHABLE_S = WINDOW_BLOCKS * BLOCK_TIME_S / 2


@attrs.frozen
class Span:
    """From one Unix time to another."""

    begin_s: float
    end_s: float

    def free_of(self, others: Iterable["Span"]) -> float:
        """Seconds of the longest part of it that no other covers."""
        longest_s, at_s = 0.0, self.begin_s
        for other in sorted(others, key=lambda other: other.begin_s):
            if other.end_s > at_s:
                longest_s = max(longest_s, min(other.begin_s, self.end_s) - at_s)
                at_s = other.end_s
        return max(longest_s, self.end_s - at_s)

    def overlaps(self, other: "Span") -> bool:
        return self.begin_s < other.end_s and other.begin_s < self.end_s


@attrs.frozen
class Window:
    """One legal window.

    Attributes:
        opened, closed: blocks; `landed` is that of the weights, None where there were none.
        free_s: seconds of its longest part without an outage.
        had_outage: whether any touched it.
    """

    opened: int
    closed: int
    landed: int | None
    span: Span
    free_s: float
    had_outage: bool

    @property
    def was_reachable(self) -> bool:
        return self.landed is not None or self.free_s >= REACHABLE_S

    @property
    def is_cut_short(self) -> bool:
        """Weights ceased to be legal before there was time to say whether they would have landed."""
        return not self.was_reachable and self.closed - self.opened < WINDOW_BLOCKS

    @property
    def is_missed(self) -> bool:
        return self.landed is None and self.was_reachable


def windows(lines: Iterable[BlockLine], outages: Sequence[Span]) -> Iterator[Window]:
    """All that have closed, in order."""
    opened: BlockLine | None = None
    for line in canonical(lines):
        if opened is not None and (window := _closed(opened, line, outages)) is not None:
            yield window
            opened = None
        if opened is None and is_legal_after(line):
            opened = line


def canonical(lines: Iterable[BlockLine]) -> Sequence[BlockLine]:
    """The blocks of the chain as it came to stand, by number."""
    stands: dict[int, BlockLine] = {}
    for line in lines:
        stands[line.number] = line
    return [stands[number] for number in sorted(stands)]


def is_legal_after(line: BlockLine) -> bool:
    """Whether the next block could take the validator's weights, and the validator would send them."""
    wait_blocks = max(line.rate_limit, EPOCH_LENGTH_BLOCKS)
    is_time = line.last_update == 0 or line.number + 1 - line.last_update >= wait_blocks
    return is_time and line.permit and line.version_key <= VERSION_KEY


def _closed(opened: BlockLine, line: BlockLine, outages: Sequence[Span]) -> Window | None:
    landed = line.last_update if line.last_update > opened.last_update else None
    goes_on = landed is None and is_legal_after(line) and line.number - opened.number < WINDOW_BLOCKS
    if goes_on:
        return None
    span = Span(opened.at_s, line.at_s)
    return Window(
        opened.number,
        line.number,
        landed,
        span,
        span.free_of(outages),
        any(span.overlaps(outage) for outage in outages),
    )
