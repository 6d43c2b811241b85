"""Who is prompted: which uids are available, how many a step takes, and which ones.

Rules:
- Within a forward no uid is prompted twice, whatever happens; a sample shrinks rather than reuse one.
- All nine steps get a fair share of a small subnet.
- Uids that another running forward has in flight come last, but they come rather than that a step starves.
"""

import random
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address

import attrs

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


@attrs.frozen(eq=False)
class Miners:
    """Neurons ordered by uid, less those that are left out: leaving out costs by how many those are, not by how many stay."""

    _neurons: tuple[Neuron, ...]
    _places: Mapping[Uid, int]
    _left_out: frozenset[int] = frozenset()

    @classmethod
    def of(cls, neurons: Iterable[Neuron]) -> "Miners":
        """All of the neurons, which are ordered by uid."""
        ordered = tuple(neurons)
        return cls(ordered, {neuron.uid: place for place, neuron in enumerate(ordered)})

    def __len__(self) -> int:
        return len(self._neurons) - len(self._left_out)

    def __iter__(self) -> Iterator[Neuron]:
        return (neuron for place, neuron in enumerate(self._neurons) if place not in self._left_out)

    def without(self, uids: Iterable[Uid]) -> "Miners":
        return Miners(self._neurons, self._places, self._left_out.union(self._places_of(uids)))

    def only(self, uids: Iterable[Uid]) -> "Miners":
        places = sorted({place for place in self._places_of(uids) if place not in self._left_out})
        return Miners.of(self._neurons[place] for place in places)

    def sample(self, rng: random.Random, k: int) -> tuple[Neuron, ...]:
        """`k` of them, uniform, without replacement, in random order."""
        # How many stay before each one that is left out.
        staying = [place - gone for gone, place in enumerate(sorted(self._left_out))]
        chosen = sample(rng, range(len(self)), k)
        return tuple(self._neurons[nth + bisect_right(staying, nth)] for nth in chosen)

    def _places_of(self, uids: Iterable[Uid]) -> Iterator[int]:
        return (self._places[uid] for uid in uids if uid in self._places)


@attrs.frozen
class _Asked:
    """What `available` is asked; a metagraph is known by its identity, since comparing it would take longer than to ask anew."""

    metagraph: Metagraph = attrs.field(eq=id)
    own: Hotkey
    vpermit_tao_limit: float


def available(metagraph: Metagraph, own: Hotkey, vpermit_tao_limit: float) -> Miners:
    """Neurons that may be prompted: serving, not ourselves, not a large validator."""
    return _available(_Asked(metagraph, own, vpermit_tao_limit))


# One metagraph is asked for every step, until the next is read.
@lru_cache(maxsize=4)
def _available(asked: _Asked) -> Miners:
    return Miners.of(
        neuron
        for neuron in asked.metagraph.neurons
        if is_serving(neuron.axon)
        and neuron.hotkey != asked.own
        and not (neuron.validator_permit and neuron.stake_tao > asked.vpermit_tao_limit)
    )


def share(requested: int, unused: int, steps_left: int) -> int:
    """How many of `unused` uids this step takes, so that `steps_left` steps (itself included) each get some.

    `min(requested, max(1, unused // steps_left))`; 0 where none is unused.
    """
    return min(requested, max(1, unused // steps_left), unused)


def select(rng: random.Random, unused: Miners, in_flight: Collection[Uid], k: int) -> tuple[Target, ...]:
    """`k` of the unused miners, uniform without replacement, those not in flight elsewhere first; ordered by uid."""
    free = unused.without(in_flight)
    chosen = free.sample(rng, min(k, len(free)))
    if len(chosen) < k:
        chosen += unused.only(in_flight).sample(rng, k - len(chosen))
    return tuple(
        Target(neuron.uid, neuron.hotkey, neuron.axon or "")
        for neuron in sorted(chosen, key=lambda neuron: neuron.uid)
    )
