"""Found: averages and statistics that are not what the raw events come to."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from core.events import CompletionsScored, Event, MinersAnswered
from core.machine import step
from core.records import StepRecord
from core.state import State
from core.step import Step
from core.types import Hotkey
from tests.simulation.watch.doctoring import find, under
from tests.simulation.watch.lives import Doctor


def scored(doctor: Callable[[dict[Hotkey, float]], None]) -> Doctor:
    """Doctors the averages of each judged step, and the record with them."""

    def doctored(_: State, __: Event, taken: Step) -> Step:
        if not any(isinstance(record, StepRecord) for record in taken.records):
            return taken
        scores = dict(taken.state.scores)
        doctor(scores)
        return taken.but(scores=scores)

    return doctored


def told_too(change: Callable[[float], float], *, of: Callable[[StepRecord], int] = lambda _: 0) -> Doctor:
    """Doctors one counted reward of each judged step, its average and its record alike: only a recount can tell."""

    def doctored(before: State, _: Event, taken: Step) -> Step:
        record = next((r for r in taken.records if isinstance(r, StepRecord)), None)
        if record is None or not record.responses[of(record)].counted:
            return taken
        place, alpha = of(record), before.config.neuron.moving_average_alpha
        response = record.responses[place]
        reward = change(response.reward or 0.0)
        after = alpha * reward + (1 - alpha) * response.before
        responses = list(record.responses)
        responses[place] = attrs.evolve(response, reward=reward, after=after)
        other = attrs.evolve(record, responses=tuple(responses))
        records = tuple(other if told is record else told for told in taken.records)
        scores = {**taken.state.scores, response.target.hotkey: after}
        return attrs.evolve(taken.but(scores=scores), records=records)

    return doctored


def test_an_average_that_is_a_little_off_is_found() -> None:
    """Averages are compared with the recount, whatever the record says of them."""
    assert "the reward of hk" in find(told_too(lambda reward: reward + 1e-7))


@pytest.mark.parametrize("wrong", [float("nan"), 1.5, -0.1])
def test_an_average_beyond_its_bounds_is_found(wrong: float) -> None:
    """Averages are finite and within 0 and 1."""
    assert "hk" in find(scored(lambda scores: scores.update(dict.fromkeys(scores, wrong))))


def test_an_average_of_nobody_is_found() -> None:
    """Averages belong to hotkeys that hold a uid, not to uids, nor to those who left."""
    assert "3" in find(scored(lambda scores: scores.update({Hotkey("3"): 0.5})))


def test_statistics_are_recounted() -> None:
    """Sentinels that got into the statistics, or measured values that did not, are found."""

    def all_measured(before: State, event: Event, taken: Step) -> Step:
        if not isinstance(event, CompletionsScored):
            return taken
        rewards = tuple(
            attrs.evolve(raw, measured=tuple(not real for real in raw.measured)) for raw in event.rewards
        )
        return step(before, attrs.evolve(event, rewards=rewards))

    assert "recounted" in find(all_measured)


@pytest.mark.parametrize(
    "changes",
    [{"moving_average_alpha": 0.31}, {"diversity_off": True, "nsfw_off": True, "blacklist_off": True}],
)
def test_settings_are_those_that_hold(changes: dict[str, Any]) -> None:
    """Averages reckoned by another share, or with fewer masks, are found."""
    assert "hk" in find(under(**changes), moving_average_alpha=0.3)


def test_a_verdict_that_is_taken_in_twice_is_found() -> None:
    """One completion changes each average once."""

    def twice(before: State, event: Event, taken: Step) -> Step:
        if not isinstance(event, CompletionsScored) or taken.state.scores is before.scores:
            return taken
        return step(attrs.evolve(before, scores=taken.state.scores), event)

    assert "hk" in find(twice)


def test_a_silent_miner_is_an_observation() -> None:
    """A step in which nobody answered, and nobody's average fell, is found."""

    def forgiving(before: State, event: Event, taken: Step) -> Step:
        return taken.but(scores=before.scores) if isinstance(event, MinersAnswered) else taken

    assert find(forgiving, moving_average_alpha=0.9)


def test_what_was_answered_for_another_hotkey_must_not_count() -> None:
    """An average that is found by uid, whoever holds it by now, is found."""

    def by_uid(before: State, event: Event, taken: Step) -> Step:
        if not isinstance(event, CompletionsScored):
            return taken
        answered = next(
            (p.answered for p in before.forwards.values() if getattr(p, "effect_id", 0) == event.effect_id),  # type: ignore[union-attr]
            None,
        )
        if answered is None:
            return taken
        owners = {target.uid: target.hotkey for target in answered.plan.targets}
        neurons = tuple(
            attrs.evolve(neuron, hotkey=owners.get(neuron.uid, neuron.hotkey))
            for neuron in before.metagraph.neurons
        )
        other = attrs.evolve(before, metagraph=attrs.evolve(before.metagraph, neurons=neurons))
        return step(other, event).but(metagraph=before.metagraph)

    assert "must not count" in find(by_uid, seeds=60) or "but no uid" in find(by_uid, seeds=60)
