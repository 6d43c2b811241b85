"""From verdicts to averages, and the record that explains them."""

import attrs
import pytest

from core.effects import QueryMiners, ScoreCompletions
from core.events import BlockSeen, CompletionsScored, MetagraphRead, MinersAnswered
from core.judging import judge, scored_texts
from core.randomness import generator
from core.records import Notice, StepRecord
from core.state import Scoring
from core.step import Step
from core.tasks import answer_task, question_task
from core.types import Block, EffectId, ForwardId, Metagraph, Outcome, Wire
from core.version import LOGIC_VERSION
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
    assert (record.block, record.prompt, record.base_text) == (
        machine.state.head,
        score.prompt,
        score.base_text,
    )
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


def test_a_record_keeps_what_came_over_the_wire() -> None:
    """Code, message, text as received, time and wire of each response, be it an answer or none."""
    machine = running(metagraph(MINERS))
    advance(machine)
    query = expect(waiting_effect(machine), QueryMiners)
    outcomes = (
        Outcome(200, "OK", " The town is old. ", 0.25, Wire.V10),
        Outcome(408, "no answer in time", "", 10.0, Wire.BTAUTH),
        Outcome(200, "", "Rivers carry water", 1.5, None),
    )
    machine.step(MinersAnswered(3.0, query.effect_id, outcomes))
    score = expect(waiting_effect(machine), ScoreCompletions)
    record, _ = judged(machine, scored(score.effect_id, [1.0, 2.0]))
    kept = [Outcome(r.code, r.message, r.completion, r.process_time_s, r.wire) for r in record.responses]
    assert kept == list(outcomes)
    assert [r.scored for r in record.responses] == ["The town is old", None, "Rivers carry water"]


def test_only_an_answer_is_scored_and_as_its_kind_of_step_wants_it() -> None:
    """A text that comes with a failure is none; of a question's answer the question alone is looked at."""
    outcomes = [
        Outcome(200, "", "Well. What is rain? It falls.", 1.0),
        Outcome(500, "the miner failed", "What is snow?", 1.0),
        Outcome(200, "", " . ", 1.0),
    ]
    question = question_task("Rain falls.", (), 0, generator(1))
    answer = answer_task("Why?", "Rain falls.", 0, generator(1))
    assert scored_texts(question, outcomes) == ("What is rain?", None, None)
    assert scored_texts(answer, outcomes) == ("Well. What is rain? It falls", None, None)


def test_every_target_has_its_outcome() -> None:
    """Outcomes that are too few are a fault of ours: going by place they would pay one miner for another."""
    machine, score = scoring()
    phase = machine.state.forwards[ForwardId(0)]
    assert isinstance(phase, Scoring)
    short = attrs.evolve(phase.answered, outcomes=phase.answered.outcomes[:2])
    with pytest.raises(ValueError, match="shorter"):
        judge(Step(machine.state), short, scored(score.effect_id, [1.0, 2.0]))


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


@pytest.mark.parametrize(("logic_version", "is_half_way"), [(4, False), (5, True), (LOGIC_VERSION, True)])
def test_equal_scores_are_half_way_since_version_5(logic_version: int, is_half_way: bool) -> None:
    """A journal is judged by the rule of the version that recorded it."""
    machine, score = scoring()
    config = attrs.evolve(machine.state.config, logic_version=logic_version)
    machine.state = attrs.evolve(machine.state, config=config)
    record, _ = judged(machine, scored(score.effect_id, [0.1] * 3))
    found = {x for function in record.functions for x in function.normalised}
    assert (found == {0.5}) is is_half_way
