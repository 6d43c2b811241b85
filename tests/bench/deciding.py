"""What the fingerprint of a decision costs beside the decision."""

import time
from collections.abc import Mapping
from itertools import islice

import attrs

from adapters.journal.reader import JournalReader
from core.machine import step
from effects.decision import decided


@attrs.define
class Share:
    """Seconds that all events of a kind took."""

    events: int = 0
    step_s: float = 0.0
    decided_s: float = 0.0

    @property
    def step_ms(self) -> float:
        return 1000 * self.step_s / self.events

    @property
    def decided_ms(self) -> float:
        return 1000 * self.decided_s / self.events

    @property
    def ratio(self) -> float:
        return self.decided_s / self.step_s

    def add(self, step_s: float, decided_s: float) -> None:
        self.events += 1
        self.step_s += step_s
        self.decided_s += decided_s


def deciding(journal: JournalReader, events: int) -> Mapping[str, Share]:
    """Of a journal's first events, by their kinds; "" is of all of them."""
    shares, state = {"": Share()}, journal.beginning().state
    for entry in islice(journal.entries(), events):
        began_s = time.perf_counter()
        taken = step(state, entry.event)
        stepped_s = time.perf_counter()
        decided(state, entry.event, taken)
        done_s = time.perf_counter()
        for kind in ("", type(entry.event).__name__):
            shares.setdefault(kind, Share()).add(stepped_s - began_s, done_s - stepped_s)
        state = taken.state
    return shares
