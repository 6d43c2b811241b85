"""A chain of our own on loopback: one subnet, Yuma Consensus, and a node that the Bittensor SDK connects to.

Layers, each using only those before it: `fixed`, `yuma`, `store` (arithmetic, consensus, storage); `storage`,
`state`, `registration`, `epoch`, `setting`, `reveals`, `serving`, `joining`, `acts`, `extrinsics`, `chain` (the state
machine: no SCALE, no sockets, no clock); `absent`, `view_types`, `metadata`, `codec`, `views`, `rpc`, `session`,
`gate`, `line`, `ticking`, and the fronts `node` and `memory` (what a client sees); `faults`, `injecting` (what goes
wrong with it, on demand).

What is simpler than the public chain: blocks are final when two stand on them, fees are nothing, there is one subnet
with one mechanism, no root network, no pool (one alpha is worth one TAO), no owner's cut, no transfers, and no stake
moves except by emission. Registrations have a fixed price. Committed weights are sealed by a stand-in that hides
nothing (`adapters.timelock`), commits for drand are taken and never opened. Axons may have loopback addresses.
"""

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.genesis import RAO_PER_TAO, Genesis, GenesisNeuron
from adapters.localnet.chain.node import BY_HAND, serve_node

__all__ = ["BY_HAND", "RAO_PER_TAO", "Genesis", "GenesisNeuron", "LocalChain", "serve_node"]
