"""One reporter over several."""

import pytest

from adapters.fakes import RecordingReporter
from adapters.reporting.fanout import FanOut
from core.records import Record
from core.state import State
from tests.adapters.reporting.episode import Told


def _first(told: Told) -> tuple[State, tuple[Record, ...]]:
    """The first call of a run that has something to tell."""
    return next(call for call in told if call[1])


def test_all_are_told_even_if_one_fails(told: Told) -> None:
    """A reporter that raises keeps nothing from the others, and its failure is passed on."""
    first, broken, last = RecordingReporter(), RecordingReporter(broken=True), RecordingReporter()
    state, records = _first(told)
    with pytest.raises(ExceptionGroup, match="reporters failed"):
        FanOut(first, broken, last).observe(state, records)

    assert first.records == last.records == list(records)


def test_nothing_is_raised_if_none_fails(told: Told) -> None:
    """Without a failure the call just returns."""
    reporter = RecordingReporter()
    FanOut(reporter).observe(*_first(told))

    assert reporter.records == list(_first(told)[1])
