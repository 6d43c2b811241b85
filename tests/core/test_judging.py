"""From verdicts to averages, and the record that explains them."""

import attrs
import pytest

from core.effects import ScoreCompletions
from core.events import BlockSeen, CompletionsScored, MetagraphRead
from core.records import Notice, StepRecord
from core.types import Block, EffectId, Metagraph
from tests.core.builders import metagraph
from tests.core.checks import CheckedMachine
from tests.core.scripted import advance, expect, records, running, scored, targets, waiting_effect

MINERS = range(1, 28)


def scoring() -> tuple[CheckedMachine, ScoreCompletions]:
    """Three miners have answered the first step, and are being scored."""
    machine = running(metagraph(MINERS), moving_average_alpha=0.5)
    advance(machine, 2)
    return machine, expect(waiting_effect(machine), ScoreCompletions)


def judged(machine: CheckedMachine, event: CompletionsScored) -> tuple[StepRecord, list[Notice]]:
    taken = machine.step(event)
    (record,) = records([taken], StepRecord)
    return record, records([taken], Notice)


def read(machine: CheckedMachine, graph: Metagraph) -> None:
    """Let the metagraph be read, and be found as given."""
    machine.step(BlockSeen(5.0, Block(machine.state.head + 100)))
    effect_id = EffectId(machine.state.next_effect - 1)
    machine.step(MetagraphRead(6.0, effect_id, attrs.evolve(graph, block=machine.state.head)))


def test_a_record_explains_the_rewards() -> None:
    """Each reward is the weighted sum of the record's own numbers, times its masks, times its penalties."""
    machine, score = scoring()
    record, _ = judged(machine, scored(score.effect_id, [0.3, -0.1, 0.2]))
    weights = {"dpo": 0.6, "reciprocate": 0.4}
    for response in record.responses:
        assert response.row is not None
        expected = sum(weights[f.name] * (f.normalised[response.row] or 0) for f in record.functions)
        for mask in record.masks:
            expected *= mask.values[response.row] or 0
        for penalty in response.penalties:
            expected *= penalty.applied
        assert response.reward == pytest.approx(expected)
        assert response.after == pytest.approx(0.5 * expected)
    assert record.responses[0].reward == max(response.reward or 0 for response in record.responses)
    assert record.best_uid == record.responses[0].target.uid


def test_a_record_says_how_long_it_took() -> None:
    """Asking and scoring are timed apart, by the events' own clock."""
    machine, score = scoring()
    record, _ = judged(machine, scored(score.effect_id, [1.0, 2.0, 3.0], at_s=4.5))
    assert (record.query_s, record.score_s) == (0.0, 3.5)


def test_a_replaced_hotkey_gets_nothing_for_an_answer_it_did_not_give() -> None:
    """The answer is discarded, said so, and cannot be the best; the others count as ever."""
    machine, score = scoring()
    uids = [target.uid for target in targets(machine)]
    read(machine, metagraph(MINERS, hotkeys={uids[0]: "newcomer"}))
    record, notices = judged(machine, scored(score.effect_id, [9.0, 1.0, 2.0]))
    assert [response.counted for response in record.responses] == [False, True, True]
    assert record.best_uid == uids[2]
    assert {"newcomer", f"hk{uids[0]}"}.isdisjoint(machine.state.scores)
    assert f"uid {uids[0]} changed hands meanwhile" in notices[0].text


def test_whoever_left_gets_no_score() -> None:
    """A uid that is gone from the metagraph is treated like one that changed hands."""
    machine, score = scoring()
    uids = [target.uid for target in targets(machine)]
    read(machine, metagraph(set(MINERS) - {uids[1]}))
    judged(machine, scored(score.effect_id, [1.0, 9.0, 2.0]))
    assert machine.state.scores.keys() == {f"hk{uids[0]}", f"hk{uids[2]}"}


def test_what_was_not_scored_is_no_observation() -> None:
    """Without a mask that is on nobody's average moves, and the operator is told which one failed and why."""
    machine, score = scoring()
    event = scored(score.effect_id, [1.0, 2.0, 3.0])
    lost = attrs.evolve(event, masks=event.masks[1:], unscored=(("blacklist", "its process died"),))
    record, notices = judged(machine, lost)
    assert [(r.reward, r.counted) for r in record.responses] == [(None, False)] * 3
    assert record.best_uid is None
    assert machine.state.scores == {}
    assert notices[0].text == "forward 0 step 0: blacklist left out, its process died"


def test_statistics_take_in_the_step() -> None:
    """Each reward function's running statistics have seen the three values once."""
    machine, score = scoring()
    machine.step(scored(score.effect_id, [1.0, 2.0, 3.0]))
    assert {name: n.count for name, n in machine.state.normalisers.items()} == {"dpo": 3, "reciprocate": 3}
