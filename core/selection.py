"""Who is prompted: which uids are available, how many a step takes, and which ones.

Rules:
- Within a forward no uid is prompted twice, whatever happens; a sample shrinks rather than reuse one.
- All nine steps get a fair share of a small subnet.
- Uids that another running forward has in flight come last, but they come rather than that a step starves.
"""

import random
from collections.abc import Collection, Sequence
from functools import lru_cache
from ipaddress import ip_address

from core.randomness import sample
from core.types import Hotkey, Metagraph, Neuron, Target, Uid


# The same few hundred addresses are looked at for every prompt.
@lru_cache(maxsize=8192)
def is_serving(axon: str | None) -> bool:
    """Whether the chain shows an address that could be dialled: a real IP and a port above 0."""
    if axon is None:
        return False
    host, _, port = axon.rpartition(":")
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return (
        port.isdecimal() and 0 < int(port) <= 65535 and not (address.is_unspecified or address.is_multicast)
    )


def available(metagraph: Metagraph, own: Hotkey, vpermit_tao_limit: float) -> tuple[Neuron, ...]:
    """Neurons that may be prompted: serving, not ourselves, not a large validator. Ordered by uid."""
    return tuple(
        neuron
        for neuron in metagraph.neurons
        if is_serving(neuron.axon)
        and neuron.hotkey != own
        and not (neuron.validator_permit and neuron.stake_tao > vpermit_tao_limit)
    )


def share(requested: int, unused: int, steps_left: int) -> int:
    """How many of `unused` uids this step takes, so that `steps_left` steps (itself included) each get some.

    `min(requested, max(1, unused // steps_left))`; 0 where none is unused.
    """
    return min(requested, max(1, unused // steps_left), unused)


def select(
    rng: random.Random, unused: Sequence[Neuron], in_flight: Collection[Uid], k: int
) -> tuple[Target, ...]:
    """`k` of the unused neurons, uniform without replacement, those not in flight elsewhere first; ordered by uid."""
    free = [neuron for neuron in unused if neuron.uid not in in_flight]
    busy = [neuron for neuron in unused if neuron.uid in in_flight]
    chosen = sample(rng, free, min(k, len(free)))
    chosen += sample(rng, busy, k - len(chosen))
    return tuple(
        Target(neuron.uid, neuron.hotkey, neuron.axon or "")
        for neuron in sorted(chosen, key=lambda neuron: neuron.uid)
    )
