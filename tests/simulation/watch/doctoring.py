"""Steps that are doctored on purpose, and what the watch finds in them."""

from typing import Any

import attrs

from core.events import Event
from core.machine import step
from core.state import State
from core.step import Step
from tests.simulation.violation import Violation
from tests.simulation.watch.lives import Doctor, Lives


def find(doctor: Doctor, seeds: int = 20, **neuron: Any) -> str:
    """The violation that the watch finds where steps are doctored; an error of the test where it finds none."""
    for seed in range(seeds):
        try:
            Lives(seed, doctor, **neuron).run()
        except Violation as violation:
            return str(violation)
    raise LookupError("every life passed")


def under(**neuron: Any) -> Doctor:
    """Steps that are taken under other settings than those that hold."""

    def doctored(before: State, event: Event, _: Step) -> Step:
        config = before.config
        other = attrs.evolve(config, neuron=attrs.evolve(config.neuron, **neuron))
        return step(attrs.evolve(before, config=other), event).but(config=config)

    return doctored
