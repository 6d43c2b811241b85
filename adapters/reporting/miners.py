"""Who counts as a miner where scores are shown: whoever serves an axon or has a score, ourselves excepted."""

from core.state import State
from core.types import Neuron


def miners(state: State) -> tuple[Neuron, ...]:
    """Ordered by uid."""
    return tuple(
        neuron
        for neuron in state.metagraph.neurons
        if neuron.hotkey != state.own_hotkey and (neuron.axon is not None or neuron.hotkey in state.scores)
    )
