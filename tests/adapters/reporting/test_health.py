"""Health: what is left out of scoring, since when, and when it works again."""

import io
import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from adapters.reporting.collector import Collector
from adapters.reporting.health import DEGRADED, JUDGED_NONE, OK, Failing, Health
from adapters.reporting.live import LiveView
from adapters.reporting.logs import LogReporter
from adapters.reporting.loop_lag import Lag
from adapters.reporting.recount import Recounted
from core.records import StepRecord
from core.rewards import NormalisedReward
from core.types import Block, ForwardId, RawMask, TaskType
from effects.ports import Reporter
from tests.adapters.reporting.episode import SetClock, initial
from tests.adapters.reporting.hostile import TEXTS, is_safe

STEP = StepRecord(
    forward_id=ForwardId(0),
    index=0,
    task_type=TaskType.SUMMARY,
    name="summary",
    block=Block(1),
    prompt="prompt",
    base_text="base",
    responses=(),
    functions=(),
    masks=(),
    unscored=(),
    best_uid=None,
    query_s=0.0,
    score_s=0.0,
)


def step(*failed: tuple[str, str], judged: tuple[str, ...] = ()) -> StepRecord:
    functions = tuple(NormalisedReward(name, (), ()) for name in judged)
    return attrs.evolve(STEP, functions=functions, unscored=failed)


def test_what_fails_is_told_with_its_newest_reason_and_how_often() -> None:
    """Two steps without `dpo`: degraded, twice, for the second reason."""
    health = Health().after(step(("dpo", "no memory"))).after(step(("dpo", "no\nmodel"), judged=("rlhf",)))
    assert health.failing == (Failing("dpo", "no\\nmodel", 2),)
    assert (health.state, health.unscored_steps) == (DEGRADED, 2)
    assert health.line() == "degraded: dpo left out for 2 steps (no\\nmodel)"


def test_what_judges_again_is_well() -> None:
    """One step that a function or a mask judged clears it, and the count of the past stays."""
    health = Health().after(step(("dpo", "x"), ("nsfw", "y"))).after(step(judged=("dpo",)))
    assert [each.name for each in health.failing] == ["nsfw"]
    cured = health.after(attrs.evolve(STEP, masks=(RawMask("nsfw", (), ()),)))
    assert (cured.state, cured.line(), cured.unscored_steps) == (OK, "", 1)


def test_a_step_without_answers_changes_nothing() -> None:
    """Where nothing was judged, what failed is neither worse nor better."""
    health = Health().after(step(("dpo", "x")))
    assert health.after(step()) == health


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=8))
def test_steps_in_a_row_are_counted(failures: list[set[str]]) -> None:
    """Each failing function's count is the number of steps since it last judged one."""
    health = Health()
    for failed in failures:
        health = health.after(step(*((name, "why") for name in failed), judged=tuple({*"abc"} - failed)))
    for each in health.failing:
        assert all(each.name in failed for failed in failures[-each.steps :])
        assert each.steps == len(failures) or each.name not in failures[-each.steps - 1]


@pytest.mark.parametrize(("values", "state"), [((None, None), DEGRADED), ((None, 0.5), OK), ((), OK)])
def test_what_judges_no_completion_has_failed(values: tuple[float | None, ...], state: str) -> None:
    """A function or mask that ran and gave not one value is as good as left out; one value is enough."""
    function = attrs.evolve(STEP, functions=(NormalisedReward("dpo", values, values),))
    mask = attrs.evolve(
        STEP, masks=(RawMask("nsfw", tuple(None if v is None else 1 for v in values), ("",) * len(values)),)
    )
    for record in (function, mask):
        health = Health().after(record)
        assert health.state == state
        assert [each.reason for each in health.failing] == [JUDGED_NONE] * (state == DEGRADED)


def logged(*records: StepRecord) -> list[dict[str, Any]]:
    stream = io.StringIO()
    tell(LogReporter(stream, SetClock(), is_terminal=False), *records)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in lines if line["event"] != "step"]


def tell(reporter: Reporter, *records: StepRecord) -> None:
    for record in records:
        reporter.observe(initial(), (record,))


def drawn(width: int, *records: StepRecord) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=24)
    view = LiveView(console, SetClock(), network="local", netuid=1)
    tell(view, *records)
    with console.capture() as capture:
        console.print(view.render())
    return capture.get().splitlines()


def test_the_log_tells_the_begin_and_the_end_once() -> None:
    """Three steps without `dpo` and one with it again: one warning, and one line that says for how long it was."""
    failed = step(("dpo", "CUDA out of memory"))
    begin, end = logged(failed, failed, failed, step(judged=("dpo",)), step(judged=("dpo",)))
    assert (begin["level"], begin["event"]) == ("warning", "degraded")
    assert (begin["left_out"], begin["reason"]) == ("dpo", "CUDA out of memory")
    assert (end["level"], end["event"], end["function"]) == ("info", "works again", "dpo")
    assert end["left_out_steps"] == 3


def test_a_healthy_run_logs_nothing_of_it() -> None:
    """Nothing is said of what works."""
    assert logged(step(judged=("dpo",))) == []


@pytest.mark.parametrize("width", [80, 160])
def test_the_live_view_has_a_line_for_it_while_it_lasts(width: int) -> None:
    """Below the header, which stays as it was; the view still fits the terminal; gone once all is well."""
    failed = step(("dpo", "CUDA out of memory " * 20))
    degraded, well = drawn(width, failed, failed), drawn(width, failed, step(judged=("dpo",)))
    assert "degraded: dpo left out for 2 steps (CUDA out of memory" in degraded[1]
    assert "forwards 0/" in degraded[0]
    assert len(degraded) < 24
    assert max(map(cell_len, degraded)) <= width
    assert not any("degraded" in line for line in well)


def test_the_summary_tells_what_fails_at_the_end_and_how_often_anything_did() -> None:
    """`failing` is of the newest steps, `unscored_steps` of the whole run."""
    collector = Collector(initial(), SetClock())
    tell(collector, step(("nsfw", "x")), step(judged=("nsfw",)), step(("dpo", "y")))
    health = collector.summary(lag=Lag(), recount=Recounted()).health
    assert health == Health((Failing("dpo", "y", 1),), unscored_steps=2, state=DEGRADED)


@given(TEXTS)
def test_hostile_reasons_are_shown_escaped(text: str) -> None:
    """A reason can hold what a model's files or a library say: nowhere does it act on a terminal, or take a second line."""
    (line,) = logged(step(("dpo", text)))
    assert is_safe(line["reason"])
    assert "\n" not in Health().after(step(("dpo", text))).line()
    assert is_safe("\n".join(drawn(80, step(("dpo", text)))))
