"""`show`: what happened, forward by forward, step by step, or miner by miner."""

from collections.abc import Iterator
from pathlib import Path

import attrs
from rich.table import Table

from adapters.journal.opening import reading
from adapters.journal.reader import JournalReader
from adapters.replay.progress import followed
from adapters.replay.steps import Judged, judged_steps, steps_of
from adapters.replay.table import ABSENT, console, number, table, when
from adapters.reporting.text import visible
from core.records import ForwardEnded, ForwardRecovered, ForwardStarted, Response, StepRecord
from core.types import ForwardId, TaskType

MOST_TEXT = 60
NAMES = {TaskType.SUMMARY: "summary", TaskType.QUESTION: "question", TaskType.ANSWER: "answer"}


@attrs.frozen
class Filters:
    """What is shown: all of it unless something is named. Times are Unix seconds.

    Attributes:
        forward: the forward's id.
        uid: of a miner.
        hotkey: how a miner's hotkey begins.
    """

    forward: int | None = None
    uid: int | None = None
    hotkey: str | None = None
    since_s: float = 0.0
    until_s: float = float("inf")

    @property
    def wants_miner(self) -> bool:
        return self.uid is not None or self.hotkey is not None

    def has(self, response: Response) -> bool:
        """Whether a response is of a miner that was named."""
        target = response.target
        return (self.uid is None or target.uid == self.uid) and (
            self.hotkey is None or target.hotkey.startswith(self.hotkey)
        )


def show(path: Path, filters: Filters) -> int:
    """Print the forwards; the steps of one forward; or the responses of one miner.

    Raises:
        OperatorError: there is no journal, it is damaged, or there is no such forward.
    """
    with reading(path) as journal:
        if filters.wants_miner:
            made = _responses(_steps(journal, filters), filters)
        elif filters.forward is not None:
            made = _steps_table(filters.forward, _steps(journal, filters))
        else:
            made = _forwards(journal, filters)
    console().print(made)
    return 0


def _steps(journal: JournalReader, filters: Filters) -> Iterator[Judged]:
    found = (
        judged_steps(journal, since_s=filters.since_s)
        if filters.forward is None
        else steps_of(journal, filters.forward)
    )
    return (judged for judged in found if filters.since_s <= judged.at_s <= filters.until_s)


@attrs.define
class _Forward:
    """A forward as far as it was met."""

    began_s: float
    ended_s: float | None = None
    steps: int = 0
    answers: int = 0
    responses: int = 0
    restarts: int = 0
    ended: str = "runs"


def _forwards(journal: JournalReader, filters: Filters) -> Table:
    made = table(
        "forwards", "forward", "began (UTC)", "seconds", "steps", "answers", "restarts", "ended",
        text=("began (UTC)", "ended"),
    )  # fmt: skip
    for forward_id, forward in _met(journal).items():
        if filters.since_s <= forward.began_s <= filters.until_s:
            lasted = None if forward.ended_s is None else forward.ended_s - forward.began_s
            made.add_row(
                str(forward_id),
                when(forward.began_s),
                number(lasted, 1),
                str(forward.steps),
                f"{forward.answers}/{forward.responses}",
                str(forward.restarts),
                visible(forward.ended, MOST_TEXT),
            )
    return made


def _met(journal: JournalReader) -> dict[ForwardId, _Forward]:
    forwards: dict[ForwardId, _Forward] = {}
    start = journal.beginning()
    for folded in followed(journal.fold(start), "replaying", journal.last_seq - start.seq):
        at_s = folded.entry.event.at_s
        for record in folded.taken.records:
            match record:
                case ForwardStarted(forward_id):
                    forwards[forward_id] = _Forward(at_s)
                case ForwardRecovered(forward_id):
                    forwards.setdefault(forward_id, _Forward(at_s)).restarts += 1
                case StepRecord():
                    _count(forwards.setdefault(record.forward_id, _Forward(at_s)), record)
                case ForwardEnded(forward_id, complete, reason):
                    forward = forwards.setdefault(forward_id, _Forward(at_s))
                    forward.ended_s, forward.ended = at_s, "complete" if complete else reason
                case _:
                    pass
    return forwards


def _count(forward: _Forward, record: StepRecord) -> None:
    forward.steps += 1
    forward.responses += len(record.responses)
    forward.answers += sum(response.scored is not None for response in record.responses)


def _steps_table(forward: int, steps: Iterator[Judged]) -> Table:
    made = table(
        f"forward {forward}", "step", "task", "at (UTC)", "asked s", "scored s", "answers", "best uid", "reward", "best completion",
        text=("task", "at (UTC)", "best completion"),
    )  # fmt: skip
    for judged in steps:
        record = judged.record
        answered = sum(response.scored is not None for response in record.responses)
        best = next((r for r in record.responses if r.target.uid == record.best_uid), None)
        made.add_row(
            str(record.index),
            NAMES[record.task_type],
            when(judged.at_s),
            number(record.query_s, 2),
            number(record.score_s, 2),
            f"{answered}/{len(record.responses)}",
            ABSENT if best is None else str(best.target.uid),
            ABSENT if best is None else number(best.reward, 4),
            ABSENT if best is None else visible(best.scored or "", MOST_TEXT),
        )
    return made


def _responses(steps: Iterator[Judged], filters: Filters) -> Table:
    made = table(
        "responses", "event", "at (UTC)", "forward", "step", "uid", "hotkey", "code", "reward", "before", "after", "completion",
        text=("at (UTC)", "hotkey", "completion"),
    )  # fmt: skip
    for judged in steps:
        for response in filter(filters.has, judged.record.responses):
            made.add_row(
                str(judged.folded.entry.seq),
                when(judged.at_s),
                str(judged.record.forward_id),
                str(judged.record.index),
                str(response.target.uid),
                visible(response.target.hotkey, 10),
                str(response.code),
                number(response.reward, 4) if response.counted or response.reward is None else "discarded",
                number(response.before, 4),
                number(response.after, 4),
                visible(response.completion or response.message, MOST_TEXT),
            )
    return made
