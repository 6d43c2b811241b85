"""What a course came to, in figures: averages by kind of player beside the honest ones, rewards by type of task, what masked them."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

import attrs
from rich.box import SIMPLE_HEAD
from rich.table import Table

from adapters.localnet.behaviours import Behaviour
from core.records import Response, StepRecord
from core.types import TaskType
from tests.incentive.attacks import EVASIONS, Attack
from tests.incentive.cast import HONEST
from tests.incentive.course import Played

TITLES = {TaskType.SUMMARY: "summary", TaskType.QUESTION: "question", TaskType.ANSWER: "answer"}


@attrs.frozen
class Standing:
    """Of all players of one kind.

    Attributes:
        average: their final averages' mean.
        rewards: mean reward by type of task.
        masked: share of answers that each mask took, by its name.
    """

    kind: Behaviour | Attack
    average: float
    rewards: dict[TaskType, float]
    masked: dict[str, float]


@attrs.frozen
class Standings:
    """A course's.

    Attributes:
        median, best: of the final averages of the honest players.
    """

    kinds: tuple[Standing, ...]
    median: float
    best: float

    def of(self, kind: Behaviour | Attack) -> Standing:
        return next(standing for standing in self.kinds if standing.kind is kind)

    def beaten(self) -> tuple[Attack, ...]:
        """The attacks that ended above the median honest player."""
        return tuple(
            standing.kind
            for standing in self.kinds
            if isinstance(standing.kind, Attack) and standing.average > self.median
        )


def standings(played: Played) -> Standings:
    honest = [played.scores[player.hotkey] for player in played.players if player.is_honest]
    kinds = dict.fromkeys(player.kind for player in played.players)
    return Standings(tuple(_standing(played, kind) for kind in kinds), median(honest), max(honest))


def _standing(played: Played, kind: Behaviour | Attack) -> Standing:
    hotkeys = {player.hotkey for player in played.players if player.kind is kind}
    said = [
        (record, response)
        for record in played.records
        for response in record.responses
        if response.target.hotkey in hotkeys
    ]
    masks = Counter(name for record, response in said for name in _masks(record, response))
    return Standing(
        kind,
        fmean(played.scores[hotkey] for hotkey in hotkeys),
        {task_type: _mean_reward(said, task_type) for task_type in TaskType},
        {name: count / len(said) for name, count in masks.most_common()},
    )


def _mean_reward(said: Sequence[tuple[StepRecord, Response]], task_type: TaskType) -> float:
    found = [response.reward or 0.0 for record, response in said if record.task_type is task_type]
    return fmean(found) if found else 0.0


def _masks(record: StepRecord, response: Response) -> list[str]:
    row = response.row
    return [] if row is None else [mask.name for mask in record.masks if mask.values[row] == 0]


def table(found: Standings, title: str) -> Table:
    """A row per kind, the honest ones first; red what ended above the median honest player without work."""
    shown = Table(box=SIMPLE_HEAD, title=title)
    shown.add_column("miner")
    for name in ("average", *TITLES.values()):
        shown.add_column(name, justify="right")
    shown.add_column("masked")
    for standing in found.kinds:
        name = f"{standing.kind} (evasion)" if standing.kind in EVASIONS else str(standing.kind)
        rewards = (f"{standing.rewards[task_type]:.3f}" for task_type in TITLES)
        masked = ", ".join(f"{mask} {share:.0%}" for mask, share in standing.masked.items())
        is_above = standing.kind not in HONEST and standing.average > found.median
        shown.add_row(name, f"{standing.average:.4f}", *rewards, masked, style="red" if is_above else None)
    shown.add_section()
    shown.add_row("honest median", f"{found.median:.4f}")
    shown.add_row("honest best", f"{found.best:.4f}")
    return shown
