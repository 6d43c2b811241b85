"""A day's subnet: its neurons with hotkeys as long as real ones, some of which change hands from reading to reading."""

import random
from collections.abc import Iterator

from core.types import Hotkey, Neuron, Uid

# What ss58 addresses are written with; those of this network begin with 5 and have 48 characters.
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 48
NEURONS_PER_VALIDATOR = 25
# Share of readings before which one uid changes hands.
REPLACING = 0.5
# The chain keeps shares in 16 bits.
SHARES = 65_535


def hotkey(draw: random.Random) -> Hotkey:
    return Hotkey("5" + "".join(draw.choices(BASE58, k=LENGTH - 1)))


class Subnet:
    """`uids` neurons: ourselves at uid 0, a validator with much at stake for every 25 neurons, else miners that serve."""

    def __init__(self, draw: random.Random, own: Hotkey, uids: int) -> None:
        self._draw = draw
        self._validators = max(1, uids // NEURONS_PER_VALIDATOR)
        self._hotkeys = [own, *(hotkey(draw) for _ in range(uids - 1))]

    def neurons(self) -> tuple[Neuron, ...]:
        """As they are at the next reading."""
        if len(self._hotkeys) > self._validators and self._draw.random() < REPLACING:
            uid = self._draw.randrange(self._validators, len(self._hotkeys))
            self._hotkeys[uid] = hotkey(self._draw)
        return tuple(self._read())

    def _read(self) -> Iterator[Neuron]:
        for uid, name in enumerate(self._hotkeys):
            share = self._draw.randrange(SHARES // len(self._hotkeys)) / SHARES
            if uid < self._validators:
                stake = self._draw.uniform(5_000, 500_000)
                yield Neuron(Uid(uid), name, None, stake, validator_permit=True, dividends=share)
            else:
                yield Neuron(Uid(uid), name, _axon(uid), self._draw.uniform(0, 100), incentive=share)


def _axon(uid: int) -> str:
    return f"198.51.{uid // 250}.{uid % 250 + 1}:{8091 + uid}"
