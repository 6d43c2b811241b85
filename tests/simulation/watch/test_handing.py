"""Found: another best than the one of the highest reward, and another text in the next prompt."""

import attrs

from core.effects import QueryMiners
from core.events import Event
from core.records import StepRecord
from core.state import State
from core.step import Step
from core.types import Prompting
from tests.simulation.watch.doctoring import find


def test_the_best_is_handed_on() -> None:
    """Another best than the one of the highest reward is found, and so is another text in the next prompt."""

    def other_best(_: State, __: Event, taken: Step) -> Step:
        records = tuple(
            attrs.evolve(r, best_uid=r.responses[0].target.uid) if isinstance(r, StepRecord) else r
            for r in taken.records
        )
        return attrs.evolve(taken, records=records)

    def other_text(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(
            attrs.evolve(
                e, synapse=Prompting(e.synapse.roles, (e.synapse.messages[0].replace("iver", "ake"),))
            )
            if isinstance(e, QueryMiners)
            else e
            for e in taken.effects
        )
        return attrs.evolve(taken, effects=effects)

    assert "the best is uid" in find(other_best)
    assert "the next prompt does not hold the best" in find(other_text, num_followup_steps=2)
