"""The whole state of a validator, as frozen values: what it knows, and in which phase each of its parts is.

Four kinds of part, each a closed union of phases that hold just what exists in that phase: the forwards (several at once), the
weights, the metagraph's reading (sync), the axon's publication. One more, the lifecycle, says what the program as a whole does.
A phase that waits holds the id of the effect it waits for; nothing else remembers effects.
"""

from collections.abc import Mapping

import attrs

from core.config import CoreConfig
from core.normalise import Normaliser
from core.scores import Scores
from core.tasks import Task
from core.types import Block, EffectId, ForwardId, Hotkey, Metagraph, Outcome, Target, Uid, Wire


# --- a forward -------------------------------------------------------------------------------------------------------
@attrs.frozen
class Story:
    """What a forward has come to so far.

    Attributes:
        text: the context, cut to whole sentences.
        used: uids prompted by this forward, never to be prompted by it again.
        summary: best summary, "" before there is one.
        questions: best questions, in order.
        skipped: steps left out for want of a best question.
    """

    id: ForwardId
    text: str
    source: str
    used: frozenset[Uid] = frozenset()
    summary: str = ""
    questions: tuple[str, ...] = ()
    skipped: int = 0


@attrs.frozen
class Plan:
    """One prompt step: what is asked, of whom, since when."""

    index: int
    task: Task
    prompt: str
    targets: tuple[Target, ...]
    started_at_s: float


@attrs.frozen
class DrawingContext:
    """Waits for a text to talk about."""

    id: ForwardId
    effect_id: EffectId


@attrs.frozen
class Querying:
    """Waits for the miners of one step."""

    story: Story
    effect_id: EffectId
    plan: Plan


@attrs.frozen
class Answered:
    """The answers to one step, not judged yet; the outcomes are in the targets' order."""

    story: Story
    plan: Plan
    outcomes: tuple[Outcome, ...]
    at_s: float


@attrs.frozen
class Scoring:
    """Waits for the verdicts on one step's completions (the outcomes that are answers, in order)."""

    effect_id: EffectId
    answered: Answered


@attrs.frozen
class Recovered:
    """The program ended while it was scoring: waits until the metagraph is known again, to ask for the verdicts anew."""

    answered: Answered


@attrs.frozen
class Resting:
    """The forward ended early; its place is kept for a moment, so that a fault that stays does not make a storm."""

    id: ForwardId
    effect_id: EffectId


ForwardPhase = DrawingContext | Querying | Scoring | Recovered | Resting


# --- weights ---------------------------------------------------------------------------------------------------------
@attrs.frozen
class Submission:
    """A weight vector on its way.

    Attributes:
        sent_at: a block by which it had been sent, as far as is known: first the head at the decision.
        last_update: block of our last weights at the decision; a later one tells that it landed.
        dated_from: where nothing was heard of it, the first effect with which a reading of the metagraph may be begun that shows a block
            by which it had been sent; 0 where that is known, or not asked for.
    """

    weights: tuple[tuple[Uid, float], ...]
    sent_at: Block
    last_update: Block
    attempt: int
    dated_from: EffectId = EffectId(0)


@attrs.frozen
class WeightsIdle:
    """Nothing on its way. `not_before`: a refusal that will not pass by itself holds the next attempt back."""

    not_before: Block = Block(0)
    attempt: int = 0


@attrs.frozen
class WeightsSubmitting:
    effect_id: EffectId
    submission: Submission


@attrs.frozen
class WeightsUnresolved:
    """The result is unknown: waits a little, then asks the chain before anything else is sent."""

    effect_id: EffectId
    submission: Submission


@attrs.frozen
class WeightsResolving:
    """Asks the chain whether the submission landed; `asked_at` is the head as it was asked."""

    effect_id: EffectId
    submission: Submission
    asked_at: Block = Block(0)


@attrs.frozen
class WeightsBackingOff:
    """Refused for a cause that can pass: waits, then decides anew."""

    effect_id: EffectId
    attempt: int


WeightsPhase = WeightsIdle | WeightsSubmitting | WeightsUnresolved | WeightsResolving | WeightsBackingOff


# --- metagraph and axon ----------------------------------------------------------------------------------------------
@attrs.frozen
class SyncIdle:
    pass


@attrs.frozen
class SyncReading:
    effect_id: EffectId
    attempt: int = 0


@attrs.frozen
class SyncBackingOff:
    """The reading failed: waits, then reads again."""

    effect_id: EffectId
    attempt: int


SyncPhase = SyncIdle | SyncReading | SyncBackingOff


@attrs.frozen
class AxonIdle:
    """Nothing under way. `is_due`: the chain did not take our address; it is offered again when the metagraph is read next."""

    is_due: bool = False


@attrs.frozen
class AxonServing:
    """Waits for the chain to take our address."""

    effect_id: EffectId


AxonPhase = AxonIdle | AxonServing


# --- the program -----------------------------------------------------------------------------------------------------
@attrs.frozen
class Booting:
    """Knows no metagraph yet."""


@attrs.frozen
class Running:
    pass


@attrs.frozen
class Draining:
    """All forwards are over: waits for a submission on its way, and for an epoch that pays by it if so configured.

    Attributes:
        since: block at which the last forward ended; weights accepted after it are the final ones.
        until: block at which waiting is given up.
    """

    since: Block
    until: Block


@attrs.frozen
class Stopped:
    """Over. `failed`: for a cause that an operator must mend."""

    reason: str
    failed: bool = False


Lifecycle = Booting | Running | Draining | Stopped
Phase = ForwardPhase | WeightsPhase | SyncPhase | AxonPhase | Lifecycle


@attrs.frozen
class State:
    """Everything a decision may depend on.

    Attributes:
        head: newest block seen.
        accepted: block of the last weights that the chain accepted, 0 for none.
        scores: moving average per hotkey.
        normalisers: running statistics per reward function.
        wires: on which each hotkey last answered.
        forwards: the running ones, by id, oldest first.
        next_effect, next_forward: ids to be given out next.
        first_forward: id of the first forward since the program started; `max_forwards` counts from it.
        dropped_completions: completions of effects that nothing waited for any more.
    """

    config: CoreConfig
    metagraph: Metagraph = Metagraph(Block(0), ())
    head: Block = Block(0)
    accepted: Block = Block(0)
    scores: Scores = attrs.field(factory=dict)
    normalisers: Mapping[str, Normaliser] = attrs.field(factory=dict)
    wires: Mapping[Hotkey, Wire] = attrs.field(factory=dict)
    forwards: Mapping[ForwardId, ForwardPhase] = attrs.field(factory=dict)
    weights: WeightsPhase = WeightsIdle()
    sync: SyncPhase = SyncIdle()
    axon: AxonPhase = AxonIdle()
    lifecycle: Lifecycle = Booting()
    next_effect: EffectId = EffectId(1)
    next_forward: ForwardId = ForwardId(0)
    first_forward: ForwardId = ForwardId(0)
    dropped_completions: int = 0

    @property
    def own_hotkey(self) -> Hotkey:
        return Hotkey(self.config.own_hotkey)
