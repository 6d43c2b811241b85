"""Health: what is left out of scoring, since when, and when it works again."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from adapters.reporting.health import DEGRADED, OK, Failing, Health
from core.records import StepRecord
from core.rewards import NormalisedReward
from core.types import Block, ForwardId, RawMask, TaskType

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
