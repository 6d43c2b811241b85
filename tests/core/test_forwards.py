"""A forward: nine steps to fresh miners, and every way in which it ends early."""

import attrs
import pytest

from core.effects import DrawContext, QueryMiners, ScoreCompletions, Sleep
from core.events import ContextDrawn, EffectFailed, MetagraphRead, MinersAnswered, Slept, Started
from core.machine import step
from core.records import ForwardEnded, ForwardRecovered, ForwardStarted, Notice, StepRecord, StepStarted
from core.state import Querying, Resting
from core.types import Context, ForwardId, Target, TaskType, Wire, WireReason
from core.version import CHOOSES_WIRES
from tests.core.builders import CONTEXT, answered, metagraph, silent
from tests.core.checks import CheckedMachine
from tests.core.scripted import (
    advance,
    expect,
    play,
    records,
    running,
    scored,
    targets,
    waiting_effect,
    well,
)


def fail(machine: CheckedMachine, reason: str = "it broke") -> list[object]:
    """Let the effect that forward 0 waits for fail; what is told."""
    effect = waiting_effect(machine)
    assert effect is not None
    return list(machine.step(EffectFailed(5.0, effect.effect_id, reason)).records)


def test_nine_steps_in_order() -> None:
    """Summary, then four rounds of question and answer, each to a miner of its own, each told."""
    machine = running(metagraph(range(1, 28)), max_forwards=2)
    steps = play(machine)
    types = [record.task_type for record in records(steps, StepRecord)]
    assert types == [TaskType.SUMMARY, *[TaskType.QUESTION, TaskType.ANSWER] * 4]
    started = records(steps, StepStarted)
    prompted = [target.uid for record in started for target in record.targets]
    assert [record.index for record in started] == list(range(9))
    assert sorted(prompted) == list(range(1, 28))
    assert records(steps, ForwardEnded) == [ForwardEnded(ForwardId(0), complete=True, reason="")]
    assert records(steps, ForwardStarted) == [ForwardStarted(ForwardId(1))]


def test_each_step_builds_on_the_best_so_far() -> None:
    """Questions see the best summary and the earlier questions, answers the newest best question."""
    steps = records(play(running(metagraph(range(1, 28)), max_forwards=1)), StepRecord)
    best = [
        next(r.scored or "" for r in record.responses if r.target.uid == record.best_uid) for record in steps
    ]
    for record in steps[1:]:
        assert best[0] in record.prompt
    assert best[1] in steps[2].prompt
    assert best[1] in steps[3].prompt
    assert best[3] in steps[4].prompt
    assert best[1] not in steps[4].prompt


def test_what_is_scored_is_scored_with_the_prompt_as_it_was_sent() -> None:
    """Reward functions get what the miners saw; the base text, which is within it, goes along for those that look at that."""
    effects = [
        effect for taken in play(running(metagraph(range(1, 28)), max_forwards=1)) for effect in taken.effects
    ]
    sent = [effect.synapse.messages for effect in effects if isinstance(effect, QueryMiners)]
    scored = [effect for effect in effects if isinstance(effect, ScoreCompletions)]
    assert len(scored) == 9
    assert [(effect.prompt,) for effect in scored] == sent[: len(scored)]
    assert all(effect.base_text != effect.prompt for effect in scored)
    assert [effect.task_type for effect in scored] == [
        TaskType.SUMMARY,
        *[TaskType.QUESTION, TaskType.ANSWER] * 4,
    ]
    lines = [line for effect in scored for line in effect.base_text.splitlines()]
    assert lines
    assert all(any(line in message for (message,) in sent) for line in lines)


@pytest.mark.parametrize(
    ("seed", "forward_id", "key", "opening", "sentences"),
    [
        (0, 0, 4827194312221337129, "River number 3 ", 26),
        (0, 1, 16283821876552583426, "River number 14 ", 20),
        (7, 0, 2662076729388682199, "River number 14 ", 23),
    ],
)
def test_golden_contexts(seed: int, forward_id: int, key: int, opening: str, sentences: int) -> None:
    """Which text a forward draws, and what it cuts out of it, is pinned: replays of old journals depend on it."""
    machine = running(seed=seed, num_concurrent_forwards=2)
    draw = expect(waiting_effect(machine, forward_id), DrawContext)
    machine.step(well(draw))
    phase = machine.state.forwards[ForwardId(forward_id)]
    assert isinstance(phase, Querying)
    assert draw.key == key
    assert phase.story.text.startswith(opening)
    assert phase.story.text.count(".") == sentences
    assert phase.story.source == CONTEXT.source, "whoever looks at the forward sees where its text is from"


def test_neither_ourselves_nor_a_large_validator_is_prompted() -> None:
    """Our own hotkey never, however little it has at stake; another with a permit up to the limit."""
    graph = metagraph(range(1, 4))
    own, small, large, plain = (
        attrs.evolve(neuron, validator_permit=permit, stake_tao=stake)
        for neuron, permit, stake in zip(
            graph.neurons, (True, True, True, False), (1.0, 4096.0, 4097.0, 9999.0), strict=True
        )
    )
    machine = running(attrs.evolve(graph, neurons=(own, small, large, plain)), num_followup_steps=0)
    advance(machine)
    assert [target.uid for target in targets(machine)] == [small.uid, plain.uid]


def test_a_forward_that_goes_on_after_a_restart_says_where() -> None:
    """Which step, of which kind, and whose answers it goes on with."""
    machine = running(metagraph(range(1, 28)))
    advance(machine, 2)
    asked = targets(machine)
    (read,) = machine.step(Started(9.0)).effects
    taken = machine.step(MetagraphRead(9.5, read.effect_id, metagraph(range(1, 28))))
    recovered = ForwardRecovered(ForwardId(0), 0, TaskType.SUMMARY, asked)
    assert records([taken], ForwardRecovered) == [recovered]


def test_sizes_and_deadlines_follow_the_kind_of_step() -> None:
    """Answers have a sample size and a deadline of their own; the whole call gets some grace."""
    machine = running(
        metagraph(range(1, 91)),
        followup_sample_size=2,
        answer_sample_size=3,
        followup_timeout=4.0,
        answer_timeout=7.0,
        max_forwards=1,
    )
    queries = [
        effect for taken in play(machine) for effect in taken.effects if isinstance(effect, QueryMiners)
    ]
    assert [len(query.targets) for query in queries] == [2, *[2, 3] * 4]
    assert [query.query_timeout_s for query in queries] == [4.0, *[4.0, 7.0] * 4]
    assert all(query.timeout_s > query.query_timeout_s for query in queries)
    assert all(query.synapse.roles == ("user",) for query in queries)


def test_scores_fall_on_prompted_hotkeys_only() -> None:
    """After one step just its three miners have a score."""
    machine = running(metagraph(range(1, 28)), max_forwards=1)
    advance(machine, 3)
    query = expect(waiting_effect(machine), QueryMiners)
    assert len(machine.state.scores) == 3
    assert not {target.hotkey for target in query.targets} & machine.state.scores.keys()


def test_a_small_subnet_ends_a_forward_early() -> None:
    """Four miners are enough for four steps; nobody is asked twice to fill the fifth."""
    steps = play(running(metagraph(range(1, 5)), max_forwards=1))
    assert len(records(steps, StepRecord)) == 4
    (ended,) = records(steps, ForwardEnded)
    assert (ended.complete, ended.reason) == (False, "no miner left to prompt at step 4")


def test_an_empty_subnet_ends_a_forward_at_once() -> None:
    """No miner, no prompt, no exception."""
    steps = play(running(metagraph([]), max_forwards=1))
    assert [ended.reason for ended in records(steps, ForwardEnded)] == ["no miner left to prompt at step 0"]


def test_a_context_without_a_sentence_ends_a_forward() -> None:
    """The source is named."""
    machine = running(max_forwards=1)
    draw = expect(waiting_effect(machine), DrawContext)
    taken = machine.step(ContextDrawn(1.0, draw.effect_id, Context(" ... ", "rubble")))
    assert records([taken], ForwardEnded)[0].reason == "the context from rubble has no sentence"


@pytest.mark.parametrize(
    ("events_before", "reason"),
    [
        (0, "no context: it broke"),
        (1, "miners could not be asked: it broke"),
        (2, "answers could not be scored: it broke"),
    ],
)
def test_a_failed_effect_ends_the_forward_and_blames_nobody(events_before: int, reason: str) -> None:
    """The reason is told as a warning, no score changes, and the place rests for a moment."""
    machine = running(max_forwards=0)
    advance(machine, events_before)
    ended, notice = fail(machine)
    assert ended == ForwardEnded(ForwardId(0), complete=False, reason=reason)
    assert notice == Notice(f"forward 0 ended early: {reason}", is_warning=True)
    assert machine.state.scores == {}
    assert isinstance(machine.state.forwards[ForwardId(0)], Resting)


def test_a_resting_place_is_taken_again() -> None:
    """After the pause, or should the pause itself fail, the next forward begins."""
    for completion in (lambda i: Slept(9.0, i), lambda i: EffectFailed(9.0, i, "cancelled")):
        machine = running()
        fail(machine)
        (rest,) = machine.under_way.values()
        machine.step(completion(expect(rest, Sleep).effect_id))
        assert list(machine.state.forwards) == [1]


def test_silent_miners_are_observed_as_zero_without_asking_the_scorer() -> None:
    """If nobody answered there is nothing to score: all get 0, and the forward ends for want of a summary."""
    machine = running(metagraph(range(1, 28)), max_forwards=1)
    advance(machine)
    query = expect(waiting_effect(machine), QueryMiners)
    taken = machine.step(MinersAnswered(3.0, query.effect_id, tuple(silent() for _ in query.targets)))
    (record,) = records([taken], StepRecord)
    assert [(r.reward, r.counted, r.after) for r in record.responses] == [(0.0, True, 0.0)] * 3
    assert not any(isinstance(effect, ScoreCompletions) for effect in taken.effects)
    assert records([taken], ForwardEnded)[0].reason == "no best summary"


def test_empty_answers_count_as_failed() -> None:
    """White space and full stops are no completion; the scorer never sees them, and they get 0."""
    machine = running(metagraph(range(1, 28)), max_forwards=1)
    advance(machine)
    query = expect(waiting_effect(machine), QueryMiners)
    outcomes = (answered(" .. "), answered(""), answered("A river carries water."))
    machine.step(MinersAnswered(3.0, query.effect_id, outcomes))
    score = expect(waiting_effect(machine), ScoreCompletions)
    assert score.completions == ("A river carries water",)
    (record,) = records([machine.step(scored(score.effect_id, [1.0]))], StepRecord)
    assert [r.scored for r in record.responses] == [None, None, "A river carries water"]
    assert [r.reward == 0 for r in record.responses] == [True, True, False]
    assert record.best_uid == query.targets[2].uid


def test_a_round_without_a_best_question_skips_its_answer() -> None:
    """The next round's question follows at once; the forward ends complete but for that."""
    machine = running(metagraph(range(1, 28)), max_forwards=1)
    steps = []
    while effect := waiting_effect(machine):
        phase = machine.state.forwards[ForwardId(0)]
        if isinstance(phase, Querying) and phase.plan.index in {3, 7}:
            nobody = tuple(silent() for _ in phase.plan.targets)
            steps.append(machine.step(MinersAnswered(2.0, phase.effect_id, nobody)))
        else:
            steps.append(machine.step(well(effect)))
    names = [record.name for record in records(steps, StepRecord)]
    assert names == [
        "summarization",
        "followup0",
        "answer0",
        "followup1",
        "followup2",
        "answer2",
        "followup3",
    ]
    (ended,) = records(steps, ForwardEnded)
    assert (ended.complete, ended.reason) == (False, "2 answer steps left out for want of a best question")


def test_without_rounds_a_forward_is_its_summary() -> None:
    """`num_followup_steps` 0: one step, and it takes as many miners as it may."""
    steps = play(running(metagraph(range(1, 28)), max_forwards=1, num_followup_steps=0))
    (record,) = records(steps, StepRecord)
    assert len(record.responses) == 27
    assert records(steps, ForwardEnded)[0].complete


def test_concurrent_forwards_ask_others() -> None:
    """While one forward's miners are being asked, the next one asks different ones."""
    machine = running(metagraph(range(1, 28)), num_concurrent_forwards=9)
    for forward_id in range(9):
        machine.step(well(expect(waiting_effect(machine, forward_id), DrawContext)))
    asked = [
        target.uid
        for forward_id in range(9)
        for target in expect(waiting_effect(machine, forward_id), QueryMiners).targets
    ]
    assert sorted(asked) == list(range(1, 28))


def test_a_forward_chooses_alike_whatever_runs_beside_it() -> None:
    """With nobody else in flight, forward 1 asks the same miners the same, be it the second or one of two."""
    beside, after = running(num_concurrent_forwards=2), running(num_concurrent_forwards=1, max_forwards=2)
    play(after, 0)
    for machine in (beside, after):
        machine.step(well(expect(waiting_effect(machine, 1), DrawContext)))
    first, second = (expect(waiting_effect(machine, 1), QueryMiners) for machine in (beside, after))
    assert (first.targets, first.synapse) == (second.targets, second.synapse)


def test_the_order_of_verdicts_does_not_matter() -> None:
    """Reward functions and masks are told apart by name, not by place."""
    machine = running(metagraph(range(1, 28)))
    advance(machine, 2)
    score = expect(waiting_effect(machine), ScoreCompletions)
    event = scored(score.effect_id, [3.0, 1.0, 2.0])
    turned = attrs.evolve(event, rewards=event.rewards[::-1], masks=event.masks[::-1])
    assert step(machine.state, event).state.scores == pytest.approx(step(machine.state, turned).state.scores)


def test_what_answered_is_tried_first_next_time() -> None:
    """A miner that answered on the other wire is asked on that one from the next forward on, also by a later one."""
    machine = running(metagraph(range(1, 3)), num_followup_steps=0)
    advance(machine, 1)
    asked = expect(waiting_effect(machine), QueryMiners)
    assert {(target.wires[0], target.wire_reason) for target in asked.targets} == {
        (Wire.BTAUTH, WireReason.UNKNOWN)
    }
    answer = attrs.evolve(answered("A text of its own."), wire=Wire.V10)
    machine.step(MinersAnswered(3.0, asked.effect_id, (answer, attrs.evolve(silent(), wire=Wire.BTAUTH))))
    machine.step(scored(expect(waiting_effect(machine), ScoreCompletions).effect_id, [1.0]))
    machine.step(well(expect(waiting_effect(machine, 1), DrawContext)))
    again = expect(waiting_effect(machine, 1), QueryMiners)
    assert [(target.wires[0], target.wire_reason) for target in again.targets] == [
        (Wire.V10, WireReason.WORKED),
        (Wire.BTAUTH, WireReason.UNKNOWN),
    ]


def test_before_wires_were_chosen_there_was_one() -> None:
    """Under an older logic version every miner is asked on btauth/1 alone, as its journals have it."""
    for version in (CHOOSES_WIRES - 1, CHOOSES_WIRES):
        machine = running(metagraph(range(1, 28)))
        config = attrs.evolve(machine.state.config, logic_version=version)
        machine.state = attrs.evolve(machine.state, config=config)
        advance(machine, 1)
        asked = expect(waiting_effect(machine), QueryMiners)
        alone = tuple(Target(target.uid, target.hotkey, target.axon) for target in asked.targets)
        assert (asked.targets == alone) is (version < CHOOSES_WIRES)
