"""The recount of all averages."""

import attrs
import pytest

from adapters.reporting.recount import MOST_DIFFERENCES, Recount, Recounted
from core.records import ForwardRecovered, StepRecord
from core.state import State
from core.types import Hotkey
from tests.adapters.reporting.episode import Told


def _recounted(start: State, told: Told) -> Recounted:
    recount = Recount(start)
    for state, records in told:
        recount.observe(state, records)
    return recount.result()


def _step_calls(told: Told) -> list[int]:
    return [i for i, (_, records) in enumerate(told) if any(isinstance(r, StepRecord) for r in records)]


def _with_last_scores(told: Told, scores: dict[Hotkey, float]) -> Told:
    state, records = told[-1]
    return [*told[:-1], (attrs.evolve(state, scores={**state.scores, **scores}), records)]


def test_a_true_run_recounts_equal(start: State, told: Told) -> None:
    """After a run with failures and changed hotkeys nothing differs, and every step was counted."""
    recounted = _recounted(start, told)

    assert recounted.differences == ()
    assert recounted.step_events == len(_step_calls(told)) > 25
    assert str(recounted) == f"averages recounted from {recounted.step_events} step events: equal"


def test_a_run_goes_on_from_where_the_last_one_stopped(start: State, told: Told) -> None:
    """The recount starts from the scores of the state that it is given."""
    half = _step_calls(told)[20]
    rest = _recounted(told[half][0], told[half + 1 :])

    assert told[half][0].scores
    assert not any("average" in difference for difference in rest.differences)


@pytest.mark.parametrize("times", [0, 2])
def test_a_lost_or_doubled_update_is_found(start: State, told: Told, times: int) -> None:
    """A score that took the last reward not at all, or twice, differs, and the miner is named."""
    record = [r for _, records in told for r in records if isinstance(r, StepRecord)][-1]
    response = next(r for r in record.responses if r.counted and r.reward)
    score = response.before
    for _ in range(times):
        score += 0.3 * ((response.reward or 0) - score)
    recounted = _recounted(start, _with_last_scores(told, {response.target.hotkey: score}))

    assert recounted.differences_in_all == 1
    assert response.target.hotkey in recounted.differences[0]


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_step_that_was_not_told_is_found(start: State, told: Told, place: int) -> None:
    """Leaving out the record of any one step shows."""
    call = _step_calls(told)[place]
    state, records = told[call]
    kept = tuple(r for r in records if not isinstance(r, StepRecord))
    recounted = _recounted(start, [*told[:call], (state, kept), *told[call + 1 :]])

    assert recounted.differences_in_all > 0
    assert "difference" in str(recounted)


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_step_told_twice_is_found(start: State, told: Told, place: int) -> None:
    """Telling any one step twice shows."""
    call = _step_calls(told)[place]
    twice = [r for r in told[call][1] if isinstance(r, StepRecord)]
    recounted = _recounted(start, [*told[: call + 1], (told[call][0], tuple(twice)), *told[call + 1 :]])

    assert any("twice" in difference for difference in recounted.differences)


def test_an_update_of_a_hotkey_that_left_is_found(start: State, told: Told) -> None:
    """A reward counted for a uid that had changed hands shows."""
    call, record = next(
        (call, r)
        for call, (_, records) in enumerate(told)
        for r in records
        if isinstance(r, StepRecord) and not all(response.counted for response in r.responses)
    )
    responses = tuple(attrs.evolve(response, counted=True) for response in record.responses)
    wrong = (told[call][0], (attrs.evolve(record, responses=responses),))
    recounted = _recounted(start, [*told[:call], wrong, *told[call + 1 :]])

    assert any("counts" in difference for difference in recounted.differences)


def test_differences_are_bounded(start: State, told: Told) -> None:
    """However much differs, only so many sentences are kept; all are counted."""
    step = next(r for _, records in told for r in records if isinstance(r, StepRecord))
    recounted = _recounted(start, [(told[-1][0], (step,))] * (MOST_DIFFERENCES + 50))

    assert len(recounted.differences) == MOST_DIFFERENCES
    assert recounted.differences_in_all > MOST_DIFFERENCES


def test_a_run_over_a_restart_is_recounted_from_where_it_was(
    killed: State, told_over_a_restart: Told
) -> None:
    """Forwards that were taken up again are followed from the step at which they were."""
    recovered = [r for _, records in told_over_a_restart for r in records if isinstance(r, ForwardRecovered)]
    assert recovered
    assert _recounted(killed, told_over_a_restart).differences == ()
