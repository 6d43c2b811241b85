"""What can go wrong with a chain, as values, and a plan of when it does. Pure: the same seed plans the same.

Rules:
- One fault at a time: the next comes after the end of the one before it and a pause.
- Every kind of the plan is as likely as every other; how long it lasts and what it changes is drawn too.
- Times are rounded to milliseconds, since a logarithm's last bit differs between platforms.
"""

import math
import random
from collections.abc import Callable, Iterator
from typing import get_args

import attrs

from core.randomness import below, between, choice, generator


@attrs.frozen
class Drop:
    """Every connection is cut, once."""


@attrs.frozen
class Refuse:
    """Every connection is cut, and no new one is taken."""


@attrs.frozen
class HalfOpen:
    """Connections and frames are taken, and nothing is answered."""


@attrs.frozen
class Delay:
    """Answers and heads come so much later."""

    delay_s: float


@attrs.frozen
class StaleHead:
    """All is answered, but the head stands still."""


@attrs.frozen
class LateClock:
    """Blocks come, but tell a time that is so long past, as those of a node that is catching up do."""

    behind_s: float


@attrs.frozen
class Reorg:
    """The last blocks are taken back, and others take their place."""

    depth: int


@attrs.frozen
class SpecChange:
    """The runtime has another version from the next block on."""


@attrs.frozen
class HyperparameterChange:
    """A hyperparameter has another value; it gets its old one back in the end.

    Attributes:
        name: of the storage item.
    """

    name: str
    value: int | bool


@attrs.frozen
class ReplaceHotkey:
    """A miner loses its uid for good to a hotkey that nobody runs.

    Attributes:
        draw: decides which miner; see `injecting`.
    """

    draw: int


GateFault = Drop | Refuse | HalfOpen | Delay | StaleHead | LateClock
OnChainFault = Reorg | SpecChange | HyperparameterChange | ReplaceHotkey
ChainFault = GateFault | OnChainFault
Kind = type[ChainFault]
ALL_KINDS: tuple[Kind, ...] = get_args(ChainFault)

# While one of these lasts, clients cannot reach the chain, or see an old one.
OUTAGES: tuple[Kind, ...] = (Refuse, HalfOpen, Delay, StaleHead, LateClock)
_MOMENTARY: tuple[Kind, ...] = (Drop, Reorg, SpecChange, ReplaceHotkey)

_DELAYS_MS = (500, 30_000)
# Beyond the ten minutes after which a validator must not believe a head any more.
_BEHIND_S = (660, 3_600)
_DRAWS = 1 << 31
_LONGEST_MEANS = 4.0
REORG_BLOCKS = 2
HYPERPARAMETERS: dict[str, tuple[int | bool, ...]] = {
    "Tempo": (5, 15, 20, 30),
    "WeightsSetRateLimit": (0, 3, 8, 20),
    "MinAllowedWeights": (0, 4, 16, 64),
    "MaxWeightsLimit": (6_553, 13_107, 32_768, 65_535),
    "CommitRevealWeightsEnabled": (False, True),
    "WeightsVersionKey": (0, 1, 2_000, 1_000_000),
}


@attrs.frozen
class Planned:
    """A fault, when it begins after the start, and how long it lasts; 0 for what is over at once."""

    at_s: float
    fault: ChainFault
    lasts_s: float


@attrs.frozen
class FaultPlan:
    """Which faults come, and how densely.

    Attributes:
        mean_pause_s: from the end of one to the beginning of the next, exponentially distributed.
        mean_length_s: of one that lasts, exponentially distributed, at most four times that.
    """

    seed: int
    kinds: tuple[Kind, ...] = attrs.field(default=ALL_KINDS, validator=attrs.validators.min_len(1))
    mean_pause_s: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))
    mean_length_s: float = attrs.field(default=10.0, validator=attrs.validators.gt(0))

    def schedule(self) -> Iterator[Planned]:
        """The faults in order, endlessly."""
        at_ms = 0
        for count in range(_DRAWS):
            rng = generator(self.seed, "chain fault", count)
            at_ms += _exponential_ms(rng, self.mean_pause_s)
            kind = choice(rng, self.kinds)
            lasts_ms = 0 if kind in _MOMENTARY else _exponential_ms(rng, self.mean_length_s)
            yield Planned(at_ms / 1_000, _DRAWN[kind](rng), lasts_ms / 1_000)
            at_ms += lasts_ms


def _exponential_ms(rng: random.Random, mean_s: float) -> int:
    drawn = -math.log(1 - rng.random())
    return max(1, round(1_000 * mean_s * min(drawn, _LONGEST_MEANS)))


def _hyperparameter(rng: random.Random) -> HyperparameterChange:
    name = choice(rng, tuple(HYPERPARAMETERS))
    return HyperparameterChange(name, choice(rng, HYPERPARAMETERS[name]))


_DRAWN: dict[Kind, Callable[[random.Random], ChainFault]] = {
    Drop: lambda _rng: Drop(),
    Refuse: lambda _rng: Refuse(),
    HalfOpen: lambda _rng: HalfOpen(),
    Delay: lambda rng: Delay(between(rng, *_DELAYS_MS) / 1_000),
    StaleHead: lambda _rng: StaleHead(),
    LateClock: lambda rng: LateClock(float(between(rng, *_BEHIND_S))),
    Reorg: lambda _rng: Reorg(REORG_BLOCKS),
    SpecChange: lambda _rng: SpecChange(),
    HyperparameterChange: _hyperparameter,
    ReplaceHotkey: lambda rng: ReplaceHotkey(below(rng, _DRAWS)),
}
