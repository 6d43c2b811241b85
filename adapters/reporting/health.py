"""Which reward functions and masks fail, going by the step records: healthy again is what judged a step."""

import attrs

from adapters.reporting.text import visible
from core.records import StepRecord

MOST_REASON = 200
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
        judged = {function.name for function in record.functions} | {mask.name for mask in record.masks}
        failing = {each.name: each for each in self.failing if each.name not in judged}
        for name, reason in record.unscored:
            steps = failing[name].steps if name in failing else 0
            failing[name] = Failing(name, visible(reason, MOST_REASON), steps + 1)
        told = tuple(failing[name] for name in sorted(failing))
        return Health(told, self.unscored_steps + bool(record.unscored), DEGRADED if told else OK)

    def line(self) -> str:
        """In words; "" where all is well."""
        parts = (f"{each.name} left out for {each.steps} steps ({each.reason})" for each in self.failing)
        return f"degraded: {', '.join(parts)}" if self.failing else ""
