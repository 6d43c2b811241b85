"""Those whom the validator asks, simulated: miners, a scorer, a source of contexts. Each is a port of `effects.ports`."""

from tests.simulation.peers.contexts import SimulatedContexts
from tests.simulation.peers.miners import SimulatedMiners
from tests.simulation.peers.scorer import SimulatedScorer

__all__ = ["SimulatedContexts", "SimulatedMiners", "SimulatedScorer"]
