"""Which reporter a stream gets."""

import io
import os
import pty

import pytest

from adapters.reporting.choose import reporting
from adapters.reporting.live import LiveView
from adapters.reporting.logs import LogReporter
from core.records import Record
from core.state import State
from tests.adapters.reporting.episode import SetClock, Told


def _first(told: Told) -> tuple[State, tuple[Record, ...]]:
    """The first call of a run that has something to tell."""
    return next(call for call in told if call[1])


def test_a_file_gets_log_lines(told: Told) -> None:
    """What is no terminal gets plain lines."""
    stream = io.StringIO()
    with reporting(stream, SetClock(), network="local", netuid=1) as reporter:
        reporter.observe(*_first(told))

    assert isinstance(reporter, LogReporter)
    assert stream.getvalue().startswith("{")


@pytest.mark.parametrize(("term", "kind"), [("xterm-256color", LiveView), ("dumb", LogReporter)])
def test_a_terminal_gets_the_live_view(monkeypatch: pytest.MonkeyPatch, term: str, kind: type) -> None:
    """A terminal that can redraw gets the live view; one that cannot gets lines."""
    monkeypatch.setenv("TERM", term)
    ours, theirs = pty.openpty()
    with (
        os.fdopen(ours, "rb"),
        os.fdopen(theirs, "w", encoding="utf-8") as stream,
        reporting(stream, SetClock(), network="local", netuid=1) as reporter,
    ):
        assert isinstance(reporter, kind)
        assert os.isatty(theirs)
