"""A chain of our own on loopback: one subnet, Yuma Consensus, and a node that the Bittensor SDK connects to.

Layers, each using only those before it: `fixed`, `yuma`, `store` (arithmetic, consensus, storage); `storage`,
`state`, `registration`, `epoch`, `extrinsics`, `chain` (the state machine, no SCALE and no sockets); `metadata`,
`codec`, `views`, `rpc`, `session`, `node` (what a client sees).

What is simpler than the public chain: blocks are final at once, fees are nothing, commit-reveal is off and its
calls are not declared, there is no subnet owner, no root network and no stake moves except by emission, and
axons may have loopback addresses.
"""

from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.genesis import RAO_PER_TAO, Genesis, GenesisNeuron
from adapters.localnet.chain.node import BY_HAND, serve_node

__all__ = ["BY_HAND", "RAO_PER_TAO", "Genesis", "GenesisNeuron", "LocalChain", "serve_node"]
