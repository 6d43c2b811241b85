"""Which of the waiting requests a miner answers next: more stake goes first, and waiting makes up for stake.

A request's priority is its caller's share of the largest stake (0 to 1) and, added to that, how long it has waited over `patience_s`.
So nobody is passed by a request that came more than `patience_s` later, whoever sent it; of requests that came together the one with
more stake goes first.
"""

from core.callers import Callers
from core.types import Hotkey


def largest_stake_tao(callers: Callers) -> float:
    """The largest stake of a registered hotkey; 0 where there is none."""
    return max((neuron.stake_tao for neuron in callers.values()), default=0.0)


def stake_share(stake_tao: float, largest_tao: float) -> float:
    """The stake in shares of the largest one, 0 to 1; 0 where nobody has any."""
    return min(1.0, max(0.0, stake_tao) / largest_tao) if largest_tao > 0 else 0.0


def priority(share: float, waited_s: float, patience_s: float) -> float:
    """Of a request whose caller has this share of the largest stake; `patience_s` is above 0."""
    return share + waited_s / patience_s


def priority_of(
    callers: Callers | None, largest_tao: float, hotkey: Hotkey, waited_s: float, patience_s: float
) -> float:
    """The same, by hotkey; who is not known has no stake."""
    neuron = callers.get(hotkey) if callers else None
    share = stake_share(neuron.stake_tao, largest_tao) if neuron else 0.0
    return priority(share, waited_s, patience_s)
