"""Which reward functions and masks fail, going by the step records: healthy again is what judged a step.

Rules:
- What could not run has failed, and so has what ran and could judge none of a step's completions.
- Reasons are texts of others: they are made visible as they come in.
"""

from collections.abc import Sequence

import attrs

from adapters.reporting.text import visible
from adapters.reporting.words import count
from core.records import StepRecord

MOST_REASON = 200
JUDGED_NONE = "could judge no completion"
OK, DEGRADED = "ok", "degraded"


@attrs.frozen
class Failing:
    """A reward function or mask that was left out of the newest `steps` steps, and why of the last of them."""

    name: str
    reason: str
    steps: int


@attrs.frozen
class Health:
    """What is left out of scoring now, by name.

    Attributes:
        unscored_steps: all steps so far that lacked something.
        state: "ok" or "degraded".
    """

    failing: tuple[Failing, ...] = ()
    unscored_steps: int = 0
    state: str = OK

    def after(self, record: StepRecord) -> "Health":
        """With one step more."""
        values = _values(record)
        silent = {name for name, found in values.items() if found and all(value is None for value in found)}
        failed = dict.fromkeys(silent, JUDGED_NONE) | dict(record.unscored)
        judged = values.keys() - failed.keys()
        before = {each.name: each for each in self.failing if each.name not in judged}
        now = {
            name: Failing(name, visible(reason, MOST_REASON), before[name].steps + 1 if name in before else 1)
            for name, reason in failed.items()
        }
        told = tuple(each for _, each in sorted((before | now).items()))
        return Health(told, self.unscored_steps + bool(failed), DEGRADED if told else OK)

    def line(self) -> str:
        """In words; "" where all is well."""
        parts = (
            f"{each.name} left out for {count(each.steps, 'step')} ({each.reason})" for each in self.failing
        )
        return f"degraded: {', '.join(parts)}" if self.failing else ""


def _values(record: StepRecord) -> dict[str, Sequence[float | None]]:
    """What each reward function and each mask that ran said of the completions."""
    values: dict[str, Sequence[float | None]] = {function.name: function.raw for function in record.functions}
    return values | {mask.name: mask.values for mask in record.masks}
