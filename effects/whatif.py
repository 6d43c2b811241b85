"""What would have come of the recorded answers under other settings: the same verdicts, judged anew.

Only what is decided after the answers is decided anew: weights of reward functions, masks, penalties, alpha. Who was prompted, and
with what, stays as recorded; where another completion would have been the best, miners would have been asked something else.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import attrs

from core.config import CoreConfig
from core.events import CompletionsScored, MinersAnswered
from core.judging import judge
from core.machine import addressee
from core.records import MetagraphChanged, StepRecord
from core.scores import Scores, by_uid, keep_registered
from core.state import Answered, Querying, Scoring, State
from core.step import Step
from core.types import Hotkey, Uid
from core.weights import vector
from effects.replay import Folded

Change = Callable[[CoreConfig], CoreConfig]


@attrs.frozen
class Standing:
    """A miner at the end: its average, its place by it (1 is the best; equals share one), and its weight."""

    score: float
    rank: int
    weight: float


@attrs.frozen
class Compared:
    """A miner as it was recorded, and as it would have been."""

    uid: Uid
    hotkey: Hotkey
    recorded: Standing
    otherwise: Standing


@attrs.frozen
class WhatIf:
    """What a change comes to.

    Attributes:
        miners: whoever has an average in either, ordered by the rank under the change.
        steps: how many were judged anew; `other_best`: in how many of them another completion would have been the best.
        functions, masks: in how many steps with answers the verdicts of each are recorded.
        answered: how many such steps there are.
    """

    miners: tuple[Compared, ...]
    steps: int
    other_best: int
    functions: Mapping[str, int]
    masks: Mapping[str, int]
    answered: int


def whatif(steps: Iterable[Folded], start: State, change: Change) -> WhatIf:
    """Judge every recorded step from `start` on under the configuration that `change` makes of the recorded one."""
    alternative, judged, other_best = start, 0, 0
    functions, masks, last, answered = Counter[str](), Counter[str](), start, 0
    for folded in steps:
        last = folded.taken.state
        alternative = attrs.evolve(last, scores=alternative.scores, normalisers=alternative.normalisers)
        for record in folded.taken.records:
            if isinstance(record, StepRecord):
                alternative, anew = _judged(folded, alternative, change)
                judged += 1
                other_best += anew.best_uid != record.best_uid
                answered += any(response.row is not None for response in record.responses)
                functions.update(function.name for function in record.functions)
                masks.update(mask.name for mask in record.masks)
            elif isinstance(record, MetagraphChanged):
                kept = keep_registered(alternative.scores, record.metagraph)
                alternative = attrs.evolve(alternative, scores=kept)
    return WhatIf(
        _compared(last, alternative.scores), judged, other_best, dict(functions), dict(masks), answered
    )


def _judged(folded: Folded, alternative: State, change: Change) -> tuple[State, StepRecord]:
    """The state after the step's verdicts under the change, and the step's record."""
    answered, verdicts = _verdicts(folded)
    met = attrs.evolve(
        folded.before,
        config=change(folded.before.config),
        scores=alternative.scores,
        normalisers=alternative.normalisers,
    )
    step, record = judge(Step(met), answered, verdicts)
    after = attrs.evolve(alternative, scores=step.state.scores, normalisers=step.state.normalisers)
    return after, record


def _verdicts(folded: Folded) -> tuple[Answered, CompletionsScored]:
    """The answers that an entry judged, and the verdicts on them: none where nobody answered."""
    event, phase = folded.entry.event, addressee(folded.before, folded.entry.event)
    match phase, event:
        case Scoring(answered=answered), CompletionsScored():
            return answered, event
        case Querying(story=story, plan=plan), MinersAnswered(outcomes=outcomes, at_s=at_s):
            nothing = CompletionsScored(at_s, event.effect_id, (), ())
            return Answered(story, plan, outcomes, at_s), nothing
        case _:
            raise AssertionError(f"entry {folded.entry.seq} judges nothing")


def _compared(state: State, scores: Scores) -> tuple[Compared, ...]:
    recorded = _standings(state)
    otherwise = _standings(attrs.evolve(state, scores=scores))
    hotkeys = {neuron.uid: neuron.hotkey for neuron in state.metagraph.neurons}
    miners = (
        Compared(uid, hotkeys[uid], recorded[uid], otherwise[uid])
        for uid in recorded
        if recorded[uid].score > 0 or otherwise[uid].score > 0 or hotkeys[uid] in state.scores
    )
    return tuple(sorted(miners, key=lambda miner: (miner.otherwise.rank, miner.uid)))


def _standings(state: State) -> dict[Uid, Standing]:
    scores, weights = by_uid(state.scores, state.metagraph), dict(vector(state))
    order = sorted((score for _, score in scores), reverse=True)
    rank = {score: place for place, score in reversed(list(enumerate(order, start=1)))}
    return {uid: Standing(score, rank[score], weights.get(uid, 0.0)) for uid, score in scores}
