"""A reporter that keeps what it is told."""

from collections.abc import Sequence

from core.records import Record
from core.state import State


class RecordingReporter:
    """`records` is everything told, in order; `broken` makes every call fail, as a dead telemetry service would."""

    def __init__(self, *, broken: bool = False) -> None:
        self.records: list[Record] = []
        self._broken = broken

    def observe(self, state: State, records: Sequence[Record]) -> None:
        if self._broken:
            raise ConnectionError("telemetry is down")
        self.records.extend(records)
