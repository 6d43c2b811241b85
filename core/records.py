"""What the core tells about its work: values for logs, the terminal, the summary. No decision hangs on them."""

import attrs

from core.penalties import Penalty
from core.rewards import NormalisedReward
from core.types import Block, ForwardId, Metagraph, RawMask, Target, TaskType, Uid, Wire


@attrs.frozen
class Response:
    """One miner's part in a step: what came, and what it was worth.

    Attributes:
        code, message, process_time_s: see `core.types.Outcome`.
        completion: as received.
        scored: the cleaned text that was judged; None where the response failed.
        row: its place in the step's `functions` and `masks`; None where the response failed.
        reward: None where unscored.
        counted: the reward went into the hotkey's average. False where the uid changed hands meanwhile, or unscored.
        before, after: the hotkey's average.
        wire: on which the outcome came.
    """

    target: Target
    code: int
    message: str
    process_time_s: float
    completion: str
    scored: str | None
    row: int | None
    penalties: tuple[Penalty, ...]
    reward: float | None
    counted: bool
    before: float
    after: float
    wire: Wire | None = None


@attrs.frozen
class StepRecord:
    """The step event of the field: all that one prompt step did. Responses are ordered by uid."""

    forward_id: ForwardId
    index: int
    task_type: TaskType
    name: str
    block: Block
    prompt: str
    base_text: str
    responses: tuple[Response, ...]
    functions: tuple[NormalisedReward, ...]
    masks: tuple[RawMask, ...]
    unscored: tuple[tuple[str, str], ...]
    best_uid: Uid | None
    query_s: float
    score_s: float


@attrs.frozen
class ForwardStarted:
    forward_id: ForwardId


@attrs.frozen
class StepStarted:
    forward_id: ForwardId
    index: int
    task_type: TaskType
    targets: tuple[Target, ...]
    timeout_s: float


@attrs.frozen
class ForwardRecovered:
    """A forward that a restart met while its answers were being scored goes on with them."""

    forward_id: ForwardId
    index: int
    task_type: TaskType
    targets: tuple[Target, ...]


@attrs.frozen
class ForwardEnded:
    """A forward is over; `complete` if all of its steps ran, else `reason` says what was missing."""

    forward_id: ForwardId
    complete: bool
    reason: str


@attrs.frozen
class WeightsRecord:
    """One weight submission that has come to its end. `error` is the chain's own reason, "" where accepted."""

    block: Block
    weights: tuple[tuple[Uid, float], ...]
    accepted: bool
    error: str


@attrs.frozen
class MetagraphChanged:
    """The metagraph was read again; `replaced` are uids that changed hands, their scores gone."""

    metagraph: Metagraph
    replaced: tuple[Uid, ...]


@attrs.frozen
class Notice:
    """Something an operator should know, in one line."""

    text: str
    is_warning: bool = False


Record = (
    ForwardStarted
    | ForwardRecovered
    | StepStarted
    | StepRecord
    | ForwardEnded
    | WeightsRecord
    | MetagraphChanged
    | Notice
)
