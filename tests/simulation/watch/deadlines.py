"""Every effect and every forward ends by its deadline.

Rules:
- What nothing could be taken in (`held_up`) is nobody's delay: deadlines go by the time that is left after it.
- How long something was held up is told after it was, perhaps after the events that waited for it. So what looks late is judged when
  the next events have become durable, or at the end.
- How long each effect may take is stated here again, so that a call that was granted more is found.
"""

import heapq
from collections.abc import Callable

from core.config import CoreConfig
from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.types import EffectId, ForwardId
from tests.simulation.violation import Violation

DRAW_S = 60.0
SCORE_S = 300.0
# Beyond what the miners have for their answers.
QUERY_GRACE_S = 5.0
# Beyond the pause itself.
SLEEP_GRACE_S = 60.0
LONGEST_S: dict[type[Effect], float] = {
    DrawContext: DRAW_S,
    ScoreCompletions: SCORE_S,
    ReadMetagraph: 60.0,
    ServeAxon: 120.0,
    SetWeights: 180.0,
    ReadLastUpdate: 60.0,
}
# For what lies between a timer and the event that tells of it: tasks, the mailbox, one write of the journal.
MARGIN_S = 1.0


def longest_s(effect: Effect) -> float:
    """The most that an effect may be granted."""
    match effect:
        case QueryMiners():
            return effect.query_timeout_s + QUERY_GRACE_S
        case Sleep():
            return effect.seconds + SLEEP_GRACE_S
        case _:
            return LONGEST_S[type(effect)]


def forward_s(config: CoreConfig, *, scored_step: int | None = None) -> float:
    """The most that a whole forward takes; with `scored_step`, of one that goes on with scoring the answers of that step."""
    neuron = config.neuron
    steps = 1 + 2 * neuron.num_followup_steps
    step_s = max(neuron.followup_timeout, neuron.answer_timeout) + QUERY_GRACE_S + SCORE_S + 2 * MARGIN_S
    if scored_step is None:
        return DRAW_S + MARGIN_S + steps * step_s
    return SCORE_S + MARGIN_S + max(0, steps - scored_step - 1) * step_s


class Deadlines:
    """Of the effects and forwards of one life; times are the loop's."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._held_s = 0.0
        self._effects: dict[EffectId, float] = {}
        self._next: list[tuple[float, EffectId, str]] = []
        self._forwards: dict[ForwardId, float] = {}
        # (when it was seen, deadline, what)
        self._suspects: list[tuple[float, float, str]] = []

    def held_up(self, seconds: float) -> None:
        self._held_s += seconds

    def effect_begins(self, effect: Effect) -> None:
        if effect.timeout_s > longest_s(effect):
            raise Violation(
                f"{_named(effect)} is granted {effect.timeout_s:g} s, {longest_s(effect):g} s is the most"
            )
        deadline_s = self._now_s() + effect.timeout_s + MARGIN_S
        self._effects[effect.effect_id] = deadline_s
        heapq.heappush(self._next, (deadline_s, effect.effect_id, _named(effect)))

    def effect_ends(self, effect: Effect) -> None:
        self._suspect(self._effects.pop(effect.effect_id), _named(effect))

    def forward_begins(self, forward_id: ForwardId, within_s: float) -> None:
        self._forwards[forward_id] = self._now_s() + within_s

    def forward_ends(self, forward_id: ForwardId) -> None:
        deadline_s = self._forwards.pop(forward_id, None)
        if deadline_s is not None:
            self._suspect(deadline_s, f"forward {forward_id}")

    def look(self) -> None:
        """Suspect what is still under way and ought to have ended."""
        while self._next and self._next[0][1] not in self._effects:
            heapq.heappop(self._next)
        if self._next:
            self._suspect(self._next[0][0], self._next[0][2])
        for forward_id, deadline_s in self._forwards.items():
            self._suspect(deadline_s, f"forward {forward_id}")

    def judge(self) -> None:
        """Whatever was held up has been told by now."""
        for seen_s, deadline_s, what in self._suspects:
            late_s = seen_s - self._held_s - deadline_s
            if late_s > 0:
                raise Violation(f"{what} was not over {late_s:.1f} s after its deadline")
        self._suspects.clear()

    def ends(self) -> None:
        """The process is gone, and with it all that was under way."""
        self._effects.clear()
        self._next.clear()
        self._forwards.clear()
        self._suspects.clear()

    def _now_s(self) -> float:
        return self._seconds() - self._held_s

    def _suspect(self, deadline_s: float, what: str) -> None:
        now_s = self._seconds()
        if now_s - self._held_s > deadline_s:
            self._suspects.append((now_s, deadline_s, what))


def _named(effect: Effect) -> str:
    forward_id = getattr(effect, "forward_id", None)
    of = "" if forward_id is None else f" of forward {forward_id}"
    return f"{type(effect).__name__} {effect.effect_id}{of}"
