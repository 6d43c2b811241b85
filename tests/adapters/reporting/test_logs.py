"""The log lines."""

import io
import json
import logging
import re
from datetime import UTC, datetime

import structlog
from hypothesis import HealthCheck, given, settings

from adapters.reporting.logs import MOST_REASON, LogReporter
from core.records import MetagraphChanged, Notice, StepRecord
from tests.adapters.reporting.episode import START_S, SetClock, Told, initial
from tests.adapters.reporting.hostile import TEXTS, is_safe, poisoned

_COLOURS = re.compile(r"\x1b\[\d*m")


def _written(told: Told, *, is_terminal: bool = False) -> str:
    stream = io.StringIO()
    reporter = LogReporter(stream, SetClock(), is_terminal=is_terminal)
    for state, records in told:
        reporter.observe(state, records)
    return stream.getvalue()


def test_every_record_is_one_line_of_json(told: Told) -> None:
    """Away from a terminal each record is one JSON object with an ISO time of the given clock, a level and an event."""
    lines = [json.loads(line) for line in _written(told).splitlines()]

    assert len(lines) == sum(len(records) for _, records in told)
    assert {datetime.fromisoformat(line["timestamp"]) for line in lines} == {
        datetime.fromtimestamp(START_S, UTC)
    }
    assert {line["event"] for line in lines} >= {
        "forward started",
        "step started",
        "step",
        "forward ended",
        "weights",
        "metagraph",
    }


def test_a_step_is_told_with_statuses_rewards_and_best(told: Told) -> None:
    """The line of a step names every miner's status, reward and score, and the best completion by length and start."""
    record = next(r for _, records in told for r in records if isinstance(r, StepRecord) if r.best_uid)
    line = next(line for line in map(json.loads, _written(told).splitlines()) if line["event"] == "step")
    best = next(r.completion for r in record.responses if r.target.uid == record.best_uid)

    assert line["statuses"] == [r.code for r in record.responses]
    assert line["rewards"] == [round(r.reward or 0, 4) for r in record.responses]
    assert line["best_uid"] == record.best_uid
    assert line["best_chars"] == len(best)
    assert best.startswith(line["best_start"].rstrip("…"))


def test_a_new_epoch_is_told_with_its_incentives(told: Told) -> None:
    """When a metagraph shows a later epoch than the one before, the highest incentives are told."""
    state = told[-1][0]
    before = state.metagraph
    after = MetagraphChanged(
        type(before)(before.block, before.neurons, last_epoch=type(before.block)(before.last_epoch + 20)), ()
    )
    written = _written([(state, (MetagraphChanged(before, ()), after))])
    epoch = next(line for line in map(json.loads, written.splitlines()) if line["event"] == "epoch")

    assert epoch["block"] == before.last_epoch + 20
    assert epoch["incentives"]["20"] == 0.02
    assert len(epoch["incentives"]) == 10


def test_on_a_terminal_lines_are_key_and_value(told: Told) -> None:
    """A terminal gets one readable line per record."""
    plain = _COLOURS.sub("", _written(told, is_terminal=True))

    assert len(plain.splitlines()) == sum(len(records) for _, records in told)
    assert "task_type=summarization" in plain


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(text=TEXTS)
def test_hostile_text_never_gets_out_raw(told: Told, text: str) -> None:
    """Neither form of line carries a character of others that acts on a terminal, nor more lines than records."""
    told = poisoned(told[:30], text)
    written = _written(told), _COLOURS.sub("", _written(told, is_terminal=True))

    assert all(map(is_safe, written))
    assert {len(form.splitlines()) for form in written} == {sum(len(records) for _, records in told)}


def test_a_text_is_never_written_whole() -> None:
    """A long notice is cut."""
    line = json.loads(_written([(initial(), (Notice("x" * 10_000, is_warning=True),))]))

    assert len(line["event"]) == MOST_REASON
    assert line["level"] == "warning"


def test_nothing_global_is_configured(told: Told) -> None:
    """Neither structlog's defaults nor the standard library's root logger change."""
    root = logging.getLogger()
    before = (structlog.is_configured(), root.level, list(root.handlers))
    _written(told)

    assert (structlog.is_configured(), root.level, list(root.handlers)) == before
