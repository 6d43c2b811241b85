"""In what a kill met the validator, in words."""

import re

from core.state import AxonIdle, Running, State, SyncIdle, WeightsIdle

START_UP = "starting up"


def phases(state: State) -> frozenset[str]:
    """Every phase that some part is in, those left out in which nothing is done."""
    parts = (*state.forwards.values(), state.weights, state.sync, state.axon, state.lifecycle)
    return frozenset(
        _in_words(type(part))
        for part in parts
        if not isinstance(part, WeightsIdle | SyncIdle | AxonIdle | Running)
    )


def _in_words(kind: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()
