"""The summary: collected, written, printed."""

import io
import json
from typing import TypeVar

import attrs
import msgspec
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from adapters.reporting.collector import Collector
from adapters.reporting.loop_lag import Lag
from adapters.reporting.recount import Recount, Recounted
from adapters.reporting.summary import Summary, encode
from adapters.reporting.table import show
from core.records import ForwardEnded, StepRecord, WeightsRecord
from core.state import State
from core.types import Hotkey
from tests.adapters.reporting.episode import OWN, SetClock, Told, initial
from tests.adapters.reporting.hostile import TEXTS, is_safe, poisoned

R = TypeVar("R")
LAG = Lag(12.5, 3.25, 1000)
BEHAVIOURS = {Hotkey(f"hk{uid}"): "good" if uid % 2 else "silent" for uid in range(11, 21)}


def _summary(
    start: State, told: Told, behaviours: dict[Hotkey, str] | None = None, **options: int
) -> Summary:
    clock = SetClock()
    collector = Collector(start, clock, behaviours=behaviours, **options)
    recount = Recount(start)
    for state, records in told:
        collector.observe(state, records)
        recount.observe(state, records)
    clock.at_s += 300
    return collector.summary(lag=LAG, recount=recount.result())


def _printed(summary: Summary, width: int = 100) -> str:
    stream = io.StringIO()
    show(summary, Console(file=stream, width=width))
    return stream.getvalue()


def _of(told: Told, kind: type[R]) -> list[R]:
    return [record for _, records in told for record in records if isinstance(record, kind)]


def test_the_file_has_the_promised_keys(start: State, told: Told) -> None:
    """The JSON has exactly the keys that are promised, at every level."""
    found = json.loads(encode(_summary(start, told, BEHAVIOURS)))

    assert found["health"] == {"failing": [], "unscored_steps": 0, "state": "ok"}
    assert set(found) == {
        "forwards",
        "health",
        "weights",
        "miners",
        "dropped_completions",
        "duration_s",
        "loop_lag_max_ms",
        "loop_lag_p99_ms",
        "forgotten_forwards",
        "recount",
    }
    assert {frozenset(forward) for forward in found["forwards"]} == {frozenset(("id", "ended", "steps"))}
    assert {frozenset(step) for forward in found["forwards"] for step in forward["steps"]} == {
        frozenset(("index", "task_type", "uids", "statuses", "rewards", "best_uid"))
    }
    assert {frozenset(entry) for entry in found["weights"]} == {
        frozenset(("block", "uids", "weights", "accepted", "error"))
    }
    assert {frozenset(miner) for miner in found["miners"]} == {
        frozenset(("uid", "hotkey", "behaviour", "score", "incentive"))
    }
    assert set(found["recount"]) == {"step_events", "differences", "differences_in_all"}


def test_the_file_tells_what_happened(start: State, told: Told) -> None:
    """Read back, the file equals the summary; its steps, weights and scores are those of records and state."""
    summary = _summary(start, told, BEHAVIOURS)
    found = msgspec.json.decode(encode(summary), type=Summary)
    last = told[-1][0]

    assert found == summary
    assert sum(len(forward.steps) for forward in found.forwards) == len(_of(told, StepRecord))
    assert [entry.accepted for entry in found.weights] == [r.accepted for r in _of(told, WeightsRecord)]
    assert {m.hotkey: m.score for m in found.miners} == {
        f"{n.hotkey}": last.scores.get(n.hotkey, 0.0) for n in last.metagraph.neurons[1:]
    }
    assert OWN not in {miner.hotkey for miner in found.miners}
    assert {m.behaviour for m in found.miners} == {"good", "silent", ""}
    assert found.duration_s == 300
    assert (found.loop_lag_max_ms, found.loop_lag_p99_ms) == (12.5, 3.25)
    assert found.recount.differences_in_all == 0


def test_a_forward_ends_complete_or_with_its_reason(start: State, told: Told, told_of_failures: Told) -> None:
    """`ended` is "complete", the reason, or "running" while it is neither."""
    ends = {record.forward_id: record for _, rs in told for record in rs if isinstance(record, ForwardEnded)}
    for forward in _summary(start, told).forwards:
        end = next(end for forward_id, end in ends.items() if forward_id == forward.id)
        assert forward.ended == ("complete" if end.complete else end.reason)

    assert {f.ended for f in _summary(start, told_of_failures).forwards} == {"no best summary"}
    assert {f.ended for f in _summary(start, told[:10]).forwards} == {"running"}


def test_old_forwards_are_forgotten_and_counted(start: State, told: Told) -> None:
    """Beyond what is remembered the oldest forwards go."""
    summary = _summary(start, told, remembered_forwards=2)

    assert len(summary.forwards) == 2
    assert summary.forgotten_forwards == 4
    assert "4 older forwards no longer remembered" in _printed(summary)


def test_the_table_groups_miners_by_behaviour(start: State, told: Told) -> None:
    """With behaviours known there is one row each, with the mean score of its miners."""
    summary = _summary(start, told, BEHAVIOURS)
    scores = [miner.score for miner in summary.miners if miner.behaviour == "good"]
    row = next(line for line in _printed(summary).splitlines() if line.startswith(" good"))

    assert f"{sum(scores) / len(scores):.4f}" in row
    assert f"averages recounted from {len(_of(told, StepRecord))} step events: equal" in _printed(summary)
    assert "12.5 ms at most" in _printed(summary)


def test_the_table_lists_the_best_where_nothing_is_known_of_miners(start: State, told: Told) -> None:
    """Without behaviours the best miners are listed by uid and hotkey."""
    best = max(_summary(start, told).miners, key=lambda miner: miner.score)

    assert "the best 10 of 20" in _printed(_summary(start, told))
    assert f"{best.score:.4f}" in _printed(_summary(start, told))


def test_what_is_wrong_is_marked(start: State, told: Told) -> None:
    """Differences of the recount and a late loop carry a cross and are spelled out."""
    wrong = attrs.evolve(
        _summary(start, told),
        recount=Recounted(53, ("forward 1 step 2 was never told",), 1),
        loop_lag_max_ms=250.0,
    )
    crossed = [line for line in _printed(wrong).splitlines() if line.startswith("✗")]

    assert len(crossed) == 3
    assert "forward 1 step 2 was never told" in crossed[1]


def test_an_empty_run_has_a_table_too() -> None:
    """A run that was stopped at once prints what there is."""
    assert "No weights were set" in _printed(_summary(initial(), []))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(text=TEXTS)
def test_hostile_text_reaches_neither_table_nor_file_raw(start: State, told: Told, text: str) -> None:
    """Reasons and names of others are escaped in what is printed, and in what is collected for the file."""
    summary = _summary(start, poisoned(told, text), dict.fromkeys(BEHAVIOURS, text))

    assert is_safe(_printed(summary))
    assert is_safe(_printed(summary, 40))
    assert all(is_safe(forward.ended) for forward in summary.forwards)
    assert all(is_safe(entry.error) for entry in summary.weights)
    assert len(summary.weights) == len(_of(told, WeightsRecord))
