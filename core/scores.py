"""Moving averages: one score per hotkey, never per uid. A hotkey without an entry has the score 0.

Rules:
- Only uids prompted in the step change.
- A hotkey that leaves the metagraph loses its score; whoever comes back, or takes its uid, starts at 0.
"""

from collections.abc import Mapping
from typing import TypeVar

from core.types import Hotkey, Metagraph, Uid

Scores = Mapping[Hotkey, float]
T = TypeVar("T")


def average(score: float, reward: float, alpha: float) -> float:
    """The score after one more reward: `alpha * reward + (1 - alpha) * score`."""
    return alpha * reward + (1 - alpha) * score


def keep_registered(values: Mapping[Hotkey, T], metagraph: Metagraph) -> Mapping[Hotkey, T]:
    """What belongs to those who are still registered."""
    registered = {neuron.hotkey for neuron in metagraph.neurons}
    return {hotkey: value for hotkey, value in values.items() if hotkey in registered}


def by_uid(scores: Scores, metagraph: Metagraph) -> tuple[tuple[Uid, float], ...]:
    """(uid, score) of every registered neuron, ordered by uid."""
    return tuple((neuron.uid, scores.get(neuron.hotkey, 0.0)) for neuron in metagraph.neurons)
