"""What stands on the chain otherwise than the chain itself would have it: by hotkey, so that it ends when the hotkey leaves.

A local chain removes nobody, and its neurons are all well-formed; what clients are shown of some is changed here.
"""

from collections.abc import Iterable
from typing import Any

import attrs

from adapters.localnet.chain import RAO_PER_TAO
from core.types import Hotkey, Neuron

ODD_AXONS: tuple[str | None, ...] = (
    None,
    "",
    "garbage",
    ":8091",
    "0.0.0.0:8091",
    "198.51.1.1:0",
    "198.51.1.1:65536",
    "198.51.1.1:-1",
    "198.51.1.1",
    "224.0.0.1:8091",
    "255.255.255.255:8091",
    "127.0.0.1:8091",
    "10.0.0.1:8091",
    "[::]:8091",
    "[::1]:8091",
    "[ff02::1]:8091",
    "[2001:db8::1]:8091",
    "[::ffff:198.51.1.1]:8091",
    "2001:db8::1:8091",
)
WHALE_TAO = 50_000


@attrs.define
class Disguise:
    """Who is shown as what.

    Attributes:
        hidden: are not shown.
        malformed: have a record that cannot be read.
        whales: have a large stake and a permit.
        axons: listen elsewhere.
        token: another object after each change.
    """

    hidden: set[Hotkey] = attrs.field(factory=set)
    malformed: set[Hotkey] = attrs.field(factory=set)
    whales: set[Hotkey] = attrs.field(factory=set)
    axons: dict[Hotkey, str | None] = attrs.field(factory=dict)
    token: object = attrs.field(factory=object)

    def changed(self) -> None:
        """To be called after each change."""
        self.token = object()

    def put_on(self, columns: dict[str, list[Any]]) -> None:
        """Change columns of the runtime's record, by uid."""
        for uid, hotkey in enumerate(tuple(columns["hotkeys"])):
            if hotkey in self.whales:
                columns["total_stake"][uid] = WHALE_TAO * RAO_PER_TAO
                columns["validator_permit"][uid] = True
            if hotkey in self.malformed:
                _spoil(columns, uid)

    def shown(self, neurons: Iterable[Neuron]) -> tuple[Neuron, ...]:
        """The neurons that are seen."""
        return tuple(
            attrs.evolve(neuron, axon=self.axons[neuron.hotkey]) if neuron.hotkey in self.axons else neuron
            for neuron in neurons
            if neuron.hotkey not in self.hidden
        )


def _spoil(columns: dict[str, list[Any]], uid: int) -> None:
    """Something in it is not what it should be, for each uid another thing."""
    match uid % 3:
        case 0:
            columns["hotkeys"][uid] = ""
        case 1:
            columns["total_stake"][uid] = None
        case _:
            columns["axons"][uid] = {**columns["axons"][uid], "ip": -1}
