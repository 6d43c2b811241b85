"""The chain of a simulation: the real rules of a local chain and of the core's submissions, on a connection that fails.

Layers, each using only those before it: `people` (who there is, and where they listen), `disguise`, `reading` (what a client sees),
`names` (what a client calls the chain's errors), `ledger` (what became of what was sent), `composing` (what is sent), `subnet` (the
chain in the world's time), the faults that come with its blocks (`weather`, `rules`, `membership`), `sending` (what the pool says),
`link`, `submitting`, `simulated` (the port).
"""

from tests.simulation.chain.ledger import Dead, Fate, Landed, Pending, Submission
from tests.simulation.chain.people import OWN_AXON
from tests.simulation.chain.simulated import SimulatedChain

__all__ = ["OWN_AXON", "Dead", "Fate", "Landed", "Pending", "SimulatedChain", "Submission"]
