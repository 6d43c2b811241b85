"""A forward: a summary, then rounds of question and answer, each step to fresh miners, each building on the best so far.

Steps are counted 0 (summary), then 1, 3, 5, ... (question) and 2, 4, 6, ... (answer). A forward without a best summary ends early; a
round without a best question skips its answer.
"""

from typing import assert_never

import attrs

from core import weights, wires
from core.effects import DrawContext, QueryMiners, ScoreCompletions, Sleep
from core.events import CompletionsScored, ContextDrawn, EffectFailed, MinersAnswered, Slept
from core.judging import judge, scored_texts
from core.pauses import REST_S
from core.randomness import generator, key_of
from core.records import ForwardEnded, ForwardRecovered, ForwardStarted, Notice, StepRecord, StepStarted
from core.selection import available, select, share
from core.state import (
    Answered,
    DrawingContext,
    ForwardPhase,
    Plan,
    Querying,
    Recovered,
    Resting,
    Scoring,
    State,
    Story,
)
from core.step import Step
from core.tasks import Task, answer_task, draw_context_text, question_task, summary_task
from core.types import EffectId, ForwardId, Prompting, TaskType, Uid
from core.version import CHOOSES_WIRES

CONTEXT_TIMEOUT_S = 60.0
SCORE_TIMEOUT_S = 300.0
# What the runner grants beyond the miners' own deadline, for sending and tidying up.
QUERY_GRACE_S = 5.0
# Stands for the id of an effect where none was needed; real ones begin at 1.
NOTHING_ASKED = EffectId(0)


def steps_in_all(state: State) -> int:
    return 1 + 2 * state.config.neuron.num_followup_steps


def start(step: Step) -> Step:
    """Begin the next forward."""
    state = step.state
    forward_id = state.next_forward
    key = key_of(state.config.neuron.seed, forward_id, "context")
    step, effect_id = step.do(lambda effect_id: DrawContext(effect_id, CONTEXT_TIMEOUT_S, forward_id, key))
    step = step.but(next_forward=ForwardId(forward_id + 1)).tell(ForwardStarted(forward_id))
    return _put(step, forward_id, DrawingContext(forward_id, effect_id))


def on_context_drawn(step: Step, phase: DrawingContext, event: ContextDrawn) -> Step:
    seed = step.state.config.neuron.seed
    text = draw_context_text(event.context.text, generator(seed, phase.id, "cut"))
    if not text:
        return _end_early(step, phase.id, f"the context from {event.context.source} has no sentence")
    return _prompt(step, Story(phase.id, text, event.context.source), 0, event.at_s)


def on_context_failed(step: Step, phase: DrawingContext, event: EffectFailed) -> Step:
    return _end_early(step, phase.id, f"no context: {event.reason}", is_warning=True)


def on_answered(step: Step, phase: Querying, event: MinersAnswered) -> Step:
    step = step.but(wires=wires.learn(step.state.wires, phase.plan.targets, event.outcomes))
    return _score(step, Answered(phase.story, phase.plan, event.outcomes, event.at_s))


def on_query_failed(step: Step, phase: Querying, event: EffectFailed) -> Step:
    """Our own transport failed as a whole: nobody is to blame, nobody is scored."""
    return _end_early(step, phase.story.id, f"miners could not be asked: {event.reason}", is_warning=True)


def on_scored(step: Step, phase: Scoring, event: CompletionsScored) -> Step:
    return _finish(step, phase.answered, event)


def on_score_failed(step: Step, phase: Scoring, event: EffectFailed) -> Step:
    """Without verdicts nobody is scored: a default would be a lie."""
    return _end_early(
        step, phase.answered.story.id, f"answers could not be scored: {event.reason}", is_warning=True
    )


def on_rested(step: Step, phase: Resting, _: Slept | EffectFailed) -> Step:
    return _remove(step, phase.id)


def recover(step: Step, phase: Recovered) -> Step:
    """Go on with answers that were recorded before a restart."""
    story, plan = phase.answered.story, phase.answered.plan
    record = ForwardRecovered(story.id, plan.index, plan.task.type, plan.targets)
    return _score(step.tell(record), phase.answered)


def _task(state: State, story: Story, index: int) -> Task:
    rng = generator(state.config.neuron.seed, story.id, index, "task")
    if index == 0:
        return summary_task(story.text, rng)
    turn = (index - 1) // 2
    if index % 2:
        return question_task(story.summary, story.questions, turn, rng)
    return answer_task(story.questions[-1], story.summary, turn, rng)


def _in_flight(state: State, forward_id: ForwardId) -> frozenset[Uid]:
    """Uids that other forwards are prompting right now."""
    return frozenset(
        target.uid
        for other, phase in state.forwards.items()
        if other != forward_id and isinstance(phase, Querying)
        for target in phase.plan.targets
    )


def _prompt(step: Step, story: Story, index: int, at_s: float) -> Step:
    state, neuron = step.state, step.state.config.neuron
    miners = available(state.metagraph, state.own_hotkey, neuron.vpermit_tao_limit)
    unused = miners.without(story.used)
    if not unused:
        return _end_early(step, story.id, f"no miner left to prompt at step {index}")
    task = _task(state, story, index)
    is_answer = task.type is TaskType.ANSWER
    size = neuron.answer_sample_size if is_answer else neuron.followup_sample_size
    timeout_s = neuron.answer_timeout if is_answer else neuron.followup_timeout
    k = share(size, len(unused), steps_in_all(state) - index)
    rng = generator(neuron.seed, story.id, index, "uids")
    targets = select(rng, unused, _in_flight(state, story.id), k)
    if state.config.logic_version >= CHOOSES_WIRES:
        targets = wires.assign(targets, state.metagraph, state.wires)
    plan = Plan(index, task, task.prompt(), targets, at_s)
    return _query(step, story, plan, timeout_s)


def _query(step: Step, story: Story, plan: Plan, timeout_s: float) -> Step:
    synapse = Prompting(("user",), (plan.prompt,))
    step, effect_id = step.do(
        lambda effect_id: QueryMiners(
            effect_id, timeout_s + QUERY_GRACE_S, story.id, plan.targets, synapse, timeout_s
        )
    )
    used = story.used | {target.uid for target in plan.targets}
    started = StepStarted(story.id, plan.index, plan.task.type, plan.targets, timeout_s)
    return _put(step, story.id, Querying(attrs.evolve(story, used=used), effect_id, plan)).tell(started)


def _score(step: Step, answered: Answered) -> Step:
    """Ask for verdicts; where there is no text to judge, there is nothing to wait for."""
    story, plan, texts = answered.story, answered.plan, scored_texts(answered.plan.task, answered.outcomes)
    completions = tuple(text for text in texts if text is not None)
    if not completions:
        return _finish(step, answered, CompletionsScored(answered.at_s, NOTHING_ASKED, (), ()))
    step, effect_id = step.do(
        lambda effect_id: ScoreCompletions(
            effect_id,
            SCORE_TIMEOUT_S,
            story.id,
            plan.task.type,
            plan.prompt,
            plan.task.base_text,
            completions,
        )
    )
    return _put(step, story.id, Scoring(effect_id, answered))


def _finish(step: Step, answered: Answered, event: CompletionsScored) -> Step:
    step, record = judge(step, answered, event)
    best = next((r.scored for r in record.responses if r.target.uid == record.best_uid), None)
    return _go_on(step, answered.story, record, best or "", event.at_s)


def _go_on(step: Step, story: Story, record: StepRecord, best: str, at_s: float) -> Step:
    index = record.index
    match record.task_type:
        case TaskType.SUMMARY:
            if not best:
                return _end_early(step, story.id, "no best summary")
            story = attrs.evolve(story, summary=best)
        case TaskType.QUESTION:
            if best:
                story = attrs.evolve(story, questions=(*story.questions, best))
            else:
                story, index = attrs.evolve(story, skipped=story.skipped + 1), index + 1
        case TaskType.ANSWER:
            pass
        case other:
            assert_never(other)
    if index + 1 < steps_in_all(step.state):
        return _prompt(step, story, index + 1, at_s)
    return _complete(step, story)


def _complete(step: Step, story: Story) -> Step:
    reason = f"{story.skipped} answer steps left out for want of a best question" if story.skipped else ""
    ended = ForwardEnded(story.id, complete=not story.skipped, reason=reason)
    return weights.consider(_remove(step, story.id).tell(ended))


def _end_early(step: Step, forward_id: ForwardId, reason: str, *, is_warning: bool = False) -> Step:
    step = step.tell(ForwardEnded(forward_id, complete=False, reason=reason))
    if is_warning:
        step = step.tell(Notice(f"forward {forward_id} ended early: {reason}", is_warning=True))
    step, effect_id = step.do(lambda effect_id: Sleep(effect_id, REST_S + CONTEXT_TIMEOUT_S, REST_S))
    return weights.consider(_put(step, forward_id, Resting(forward_id, effect_id)))


def _put(step: Step, forward_id: ForwardId, phase: ForwardPhase) -> Step:
    return step.but(forwards={**step.state.forwards, forward_id: phase})


def _remove(step: Step, forward_id: ForwardId) -> Step:
    return step.but(forwards={i: phase for i, phase in step.state.forwards.items() if i != forward_id})
