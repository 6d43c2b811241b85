"""What is handed on to the next prompt is the best completion: the highest counted reward above 0, of equals the lower uid's."""

from collections.abc import Sequence

import attrs

from core.effects import QueryMiners
from core.prompts import without_marks
from core.records import ForwardEnded, Response, StepRecord
from core.step import Step
from core.types import ForwardId, TaskType
from tests.simulation.violation import Violation


@attrs.define
class _Best:
    """The best texts of a forward so far."""

    summary: str = ""
    questions: list[str] = attrs.field(factory=list)


def best_of(responses: Sequence[Response]) -> Response | None:
    """The response that is handed on."""
    counted = [r for r in responses if r.counted and r.reward is not None and r.reward > 0]
    return max(counted, key=lambda r: (r.reward or 0.0, -r.target.uid), default=None)


class Handing:
    """Follows the forwards of all lives."""

    def __init__(self) -> None:
        self._forwards: dict[ForwardId, _Best] = {}

    def take(self, record: StepRecord | None, step: Step) -> None:
        """A prompt step was judged (or none was): hold what is asked next to it."""
        if record is not None:
            self._judged(record, step)
        for told in step.records:
            if isinstance(told, ForwardEnded):
                self._forwards.pop(told.forward_id, None)

    def _judged(self, record: StepRecord, step: Step) -> None:
        best, where = best_of(record.responses), f"forward {record.forward_id} step {record.index}"
        best_uid = None if best is None else best.target.uid
        if best_uid != record.best_uid:
            raise Violation(f"{where}: the best is uid {record.best_uid}, it ought to be uid {best_uid}")
        so_far = self._forwards.setdefault(record.forward_id, _Best())
        text = "" if best is None else best.scored or ""
        if record.task_type is TaskType.SUMMARY:
            so_far.summary = text
        if record.task_type is TaskType.QUESTION and text:
            so_far.questions.append(text)
        is_answer = record.task_type is TaskType.QUESTION and bool(text)
        for effect in step.effects:
            if isinstance(effect, QueryMiners) and effect.forward_id == record.forward_id:
                _check_prompt(where, effect.synapse.messages[0], so_far, is_answer=is_answer)


def _check_prompt(where: str, prompt: str, best: _Best, *, is_answer: bool) -> None:
    if not best.summary:
        raise Violation(f"{where}: there is no best summary, yet it goes on")
    if _section("summary", best.summary) not in prompt:
        raise Violation(f"{where}: the next prompt does not hold the best summary")
    if is_answer and _section("question", best.questions[-1]) not in prompt:
        raise Violation(f"{where}: the next prompt does not hold the best question")
    asked = "\n".join(" ".join(question.split()) for question in best.questions)
    if asked and not is_answer and _section("questions", asked) not in prompt:
        raise Violation(f"{where}: the next prompt does not hold the questions that were asked before")


def _section(mark: str, text: str) -> str:
    return f"<{mark}>\n{without_marks(text)}\n</{mark}>"
