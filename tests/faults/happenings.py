"""The account of the faults, read again."""

import attrs

from tests.faults.windows import Span


@attrs.frozen
class Happened:
    """A fault that is over; see `adapters.localnet.chain.injecting.Injected`."""

    kind: str
    began_s: float
    began_block: int
    is_outage: bool
    ended_s: float | None = None
    ended_block: int | None = None
    refused: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.began_s, self.began_s if self.ended_s is None else self.ended_s)

    def __str__(self) -> str:
        if self.refused is not None:
            return f"{self.kind} at block {self.began_block} left out: {self.refused}"
        lasted_s = self.span.end_s - self.span.begin_s
        return f"{self.kind} at block {self.began_block}" + (f" for {lasted_s:.1f} s" if lasted_s else "")
