"""One reporter over several."""

from collections.abc import Sequence

from core.records import Record
from core.state import State
from effects.ports import Reporter


class FanOut:
    """Tells each of `reporters`. One that fails keeps nothing from the others; all failures are raised together at the end."""

    def __init__(self, *reporters: Reporter) -> None:
        self._reporters = reporters

    def observe(self, state: State, records: Sequence[Record]) -> None:
        failures = []
        for reporter in self._reporters:
            try:
                reporter.observe(state, records)
            except Exception as failure:  # noqa: BLE001 - whatever it is, the others are told first
                failures.append(failure)
        if failures:
            raise ExceptionGroup("reporters failed", failures)
