"""Faults of the way to the chain, and of its blocks, as they come with a block."""

from tests.simulation.chain.subnet import Happening, Subnet
from tests.simulation.kinds import Kind

# Seconds: as a rule, and at times.
AWAY_S, LONG_AWAY_S = (10.0, 300.0), (600.0, 3600.0)
LONG = 0.2
# No longer than it takes the real client to lose patience with a subscription and ask for the head.
STUCK_S = (20.0, 90.0)
# Beyond the ten minutes after which a validator must not believe a head any more, as often as not.
HALTED_S = (300.0, 900.0)
DEEPEST_REORG_BLOCKS = 3


def _go_away(subnet: Subnet) -> None:
    is_long = subnet.dice.of("chain away").random() < LONG
    lasts_s = subnet.dice.between("chain away", *(LONG_AWAY_S if is_long else AWAY_S))
    subnet.away_until_s = subnet.due_s + lasts_s
    subnet.trouble_s(lasts_s)


def _get_stuck(subnet: Subnet) -> None:
    lasts_s = subnet.dice.between("chain stuck", *STUCK_S)
    subnet.stuck_until_s = subnet.due_s + lasts_s
    subnet.trouble_s(lasts_s)


def _halt(subnet: Subnet) -> None:
    subnet.halt(subnet.dice.between("chain halted", *HALTED_S))


def _reorganise(subnet: Subnet) -> None:
    deepest = min(DEEPEST_REORG_BLOCKS, subnet.chain.head - subnet.chain.finalized)
    subnet.reorganises = 1 + subnet.pick(Kind.REORGANISED, deepest)


def _upgrade(subnet: Subnet) -> None:
    """What was signed before is refused from now on, and so is the next, by a client that has not noticed."""
    subnet.chain.upgrade_runtime()
    subnet.trouble(1)


WEATHER = (
    Happening(Kind.CHAIN_AWAY, _go_away, lambda subnet: subnet.due_s > subnet.away_until_s),
    Happening(Kind.BLOCKS_STUCK, _get_stuck, lambda subnet: subnet.due_s > subnet.stuck_until_s),
    Happening(Kind.CHAIN_HALTED, _halt),
    Happening(Kind.REORGANISED, _reorganise, lambda subnet: subnet.chain.head > subnet.chain.finalized),
    Happening(Kind.RUNTIME_UPGRADED, _upgrade),
)
