"""From the outcomes and verdicts of one step to rewards, averages and the step's record."""

from collections.abc import Sequence

from core.completions import scored_text
from core.events import CompletionsScored
from core.penalties import Penalty, penalties
from core.records import Notice, Response, StepRecord
from core.rewards import Rewarding, best, combine
from core.scores import average
from core.state import Answered, State
from core.step import Step
from core.tasks import Task
from core.types import OK, Outcome
from core.version import EQUAL_HAS_NO_VARIANCE


def scored_texts(task: Task, outcomes: Sequence[Outcome]) -> tuple[str | None, ...]:
    """Per outcome the text to be judged; None where the response failed or nothing is left of it."""
    return tuple(
        (scored_text(task.type, outcome.completion) or None) if outcome.code == OK else None
        for outcome in outcomes
    )


def judge(step: Step, answered: Answered, event: CompletionsScored) -> tuple[Step, StepRecord]:
    """Take the verdicts in: statistics and averages change here, in one step, and the record says how."""
    state, task = step.state, answered.plan.task
    texts = scored_texts(task, answered.outcomes)
    charged = tuple(
        penalties(task, outcome.completion, state.config.reward)
        for outcome, text in zip(answered.outcomes, texts, strict=True)
        if text is not None
    )
    config = state.config
    rewarding = combine(
        event.rewards,
        event.masks,
        charged,
        state.normalisers,
        config.reward.weights,
        config.neuron.masks,
        equal_has_no_variance=config.logic_version >= EQUAL_HAS_NO_VARIANCE,
    )
    responses = _responses(state, answered, texts, charged, rewarding)
    step = step.but(
        normalisers=rewarding.normalisers,
        scores={**state.scores, **{r.target.hotkey: r.after for r in responses if r.counted}},
    )
    record = _record(state, answered, event, rewarding, responses)
    return step.tell(record, *_notices(record)), record


def _responses(
    state: State,
    answered: Answered,
    texts: Sequence[str | None],
    charged: Sequence[tuple[Penalty, ...]],
    rewarding: Rewarding,
) -> tuple[Response, ...]:
    rows = iter(range(len(charged)))
    neurons = state.metagraph.by_uid
    responses = []
    for target, outcome, text in zip(answered.plan.targets, answered.outcomes, texts, strict=True):
        row = None if text is None else next(rows)
        reward = 0.0 if row is None else rewarding.rewards[row]
        owner = neurons.get(target.uid)
        counted = reward if owner is not None and owner.hotkey == target.hotkey else None
        before = state.scores.get(target.hotkey, 0.0)
        after = (
            before if counted is None else average(before, counted, state.config.neuron.moving_average_alpha)
        )
        responses.append(
            Response(
                target=target,
                code=outcome.code,
                message=outcome.message,
                process_time_s=outcome.process_time_s,
                completion=outcome.completion,
                scored=text,
                row=row,
                penalties=() if row is None else charged[row],
                reward=reward,
                counted=counted is not None,
                before=before,
                after=after,
                wire=outcome.wire,
            )
        )
    return tuple(responses)


def _record(
    state: State,
    answered: Answered,
    event: CompletionsScored,
    rewarding: Rewarding,
    responses: tuple[Response, ...],
) -> StepRecord:
    plan = answered.plan
    winner = best([r.reward if r.counted else None for r in responses])
    return StepRecord(
        forward_id=answered.story.id,
        index=plan.index,
        task_type=plan.task.type,
        name=plan.task.name,
        block=state.head,
        prompt=plan.prompt,
        base_text=plan.task.base_text,
        responses=responses,
        functions=rewarding.functions,
        masks=event.masks,
        unscored=event.unscored,
        best_uid=None if winner is None else responses[winner].target.uid,
        query_s=answered.at_s - plan.started_at_s,
        score_s=event.at_s - answered.at_s,
    )


def _notices(record: StepRecord) -> tuple[Notice, ...]:
    where = f"forward {record.forward_id} step {record.index}"
    failed = [Notice(f"{where}: {name} left out, {why}", is_warning=True) for name, why in record.unscored]
    discarded = [
        Notice(f"{where}: uid {r.target.uid} changed hands meanwhile, its answer is discarded")
        for r in record.responses
        if r.reward is not None and not r.counted
    ]
    return (*failed, *discarded)
