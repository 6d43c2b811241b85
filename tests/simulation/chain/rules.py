"""Faults of what the subnet asks of weights: its hyperparameters change, and change back."""

from collections.abc import Callable
from typing import Any

from adapters.localnet.chain import RAO_PER_TAO, storage
from adapters.localnet.chain.storage import Item
from core.quantise import FULL
from core.types import Row, Uid
from core.version import VERSION_KEY
from tests.simulation.chain.composing import elsewhere
from tests.simulation.chain.subnet import Happening, Subnet
from tests.simulation.kinds import Kind

# For how many blocks something changes, at least and at most.
SHORT, LONG = (3, 40), (5, 100)
OUT_OF_REACH_RAO = 1_000_000 * RAO_PER_TAO
LIMITS: tuple[tuple[Item[int], tuple[int, ...]], ...] = (
    (storage.MIN_ALLOWED_WEIGHTS, (0, 2, 4, 16, 64, 1_024)),
    (storage.MAX_WEIGHTS_LIMIT, (655, 4_369, 6_553, 13_107, 21_845, 32_768, 65_534)),
    (storage.TEMPO, (2, 10, 30, 100)),
)


def _limit_rate(subnet: Subnet) -> None:
    """The rate limit grows so far that it is in the way as long as it stays."""
    blocks = subnet.blocks_of(Kind.RATE_LIMITED, *SHORT)
    limit = subnet.chain.head + 1 - subnet.standing.last_update + blocks
    _change(subnet, Kind.RATE_LIMITED, storage.WEIGHTS_SET_RATE_LIMIT, limit, blocks)


def _is_free(subnet: Subnet) -> bool:
    """We could set weights now, and have done so before."""
    return subnet.standing.may_set and subnet.standing.last_update > 0


def _lose_permit(subnet: Subnet) -> None:
    """An epoch comes that gives permits to nobody; a later one gives them back."""
    subnet.epoch_soon()
    _deny(subnet, Kind.NO_PERMIT, storage.MAX_ALLOWED_VALIDATORS, 0)


def _raise_threshold(subnet: Subnet) -> None:
    """An epoch meanwhile takes the permit, too."""
    _deny(subnet, Kind.NO_STAKE, storage.STAKE_THRESHOLD, OUT_OF_REACH_RAO)


def _deny(subnet: Subnet, kind: Kind, item: Item[int], value: int) -> None:
    """Weights are refused for a while; an epoch at the end of it gives the permit that is lacking."""
    blocks = subnet.blocks_of(kind, *SHORT)
    _change(subnet, kind, item, value, blocks, subnet.epoch_soon)


def _change(
    subnet: Subnet,
    kind: Kind,
    item: Item[int],
    value: int,
    blocks: int,
    and_then: Callable[[], object] = lambda: None,
) -> None:
    """Against us for so many blocks; `and_then` when it is over."""
    before = subnet.chain.at().subnet(item)
    subnet.chain.set_hyperparameter(item, value)

    def change_back() -> None:
        subnet.chain.set_hyperparameter(item, before)
        and_then()

    subnet.for_a_while(kind, blocks, change_back)
    subnet.trouble(blocks + 1)


def _can_lose_permit(subnet: Subnet) -> bool:
    """We have one, and an epoch can be brought about."""
    if not subnet.standing.has_permit:
        return False
    state = subnet.chain.at()
    is_free = not state.hyper(storage.PENDING_EPOCH_AT)
    return is_free and not state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED)


def _raise_version(subnet: Subnet) -> None:
    blocks = subnet.blocks_of(Kind.VERSION_TOO_LOW, *SHORT)
    _change(subnet, Kind.VERSION_TOO_LOW, storage.WEIGHTS_VERSION_KEY, VERSION_KEY + 1, blocks)


def _change_limits(subnet: Subnet) -> None:
    kind = Kind.LIMITS_CHANGED
    limits = (*LIMITS, (storage.MAX_WEIGHTS_LIMIT, (_just_kept(subnet),)))
    item, values = limits[subnet.pick(kind, len(limits))]
    others = [value for value in values if value != subnet.chain.at().subnet(item)] or values
    blocks = _set_for_a_while(subnet, kind, item, others[subnet.pick(kind, len(others))])
    # A limit of the largest share may ask for more uids than have a score.
    subnet.trouble(blocks + 1 if item == storage.MAX_WEIGHTS_LIMIT else 1)


def _just_kept(subnet: Subnet) -> int:
    """The largest share's limit that our last row, and one of as many uids, can keep with nothing to spare."""
    last: Row = next(reversed(subnet.ledger.landed.values()), ())
    weighed = sum(value > 0 for _, value in last)
    return -(-FULL // max(2, weighed))


def _switch_commit_reveal(subnet: Subnet) -> None:
    """Rows of the other form are refused, those that wait for a block among them."""
    item = storage.COMMIT_REVEAL_WEIGHTS_ENABLED
    _set_for_a_while(subnet, Kind.COMMIT_REVEAL, item, not subnet.chain.at().subnet(item))


def _set_for_a_while(subnet: Subnet, kind: Kind, item: Item[Any], value: object) -> int:
    """Something else is asked for, which may be met; for how many blocks."""
    blocks, before = subnet.blocks_of(kind, *LONG), subnet.chain.at().subnet(item)
    subnet.chain.set_hyperparameter(item, value)
    subnet.trouble(1)

    def set_back() -> None:
        subnet.chain.set_hyperparameter(item, before)
        subnet.trouble(1)

    subnet.for_a_while(kind, blocks, set_back)
    return blocks


def _set_elsewhere(subnet: Subnet) -> None:
    """Another program of the operator's weighs nobody but ourselves, which is always allowed."""
    row: Row = ((Uid(subnet.standing.uid or 0), 65_535),)
    extrinsic = elsewhere(subnet.composer.weights(row, VERSION_KEY))
    subnet.ledger.sent_elsewhere(extrinsic, row)
    subnet.chain.submit(extrinsic)
    subnet.trouble(1 + subnet.chain.at().hyper(storage.WEIGHTS_SET_RATE_LIMIT))


def _can_set_elsewhere(subnet: Subnet) -> bool:
    return subnet.standing.may_set and not subnet.ledger.in_flight()


RULES = (
    Happening(Kind.RATE_LIMITED, _limit_rate, _is_free),
    Happening(Kind.NO_PERMIT, _lose_permit, _can_lose_permit),
    Happening(Kind.NO_STAKE, _raise_threshold),
    Happening(Kind.VERSION_TOO_LOW, _raise_version),
    Happening(Kind.LIMITS_CHANGED, _change_limits),
    Happening(Kind.COMMIT_REVEAL, _switch_commit_reveal),
    Happening(Kind.WEIGHTS_ELSEWHERE, _set_elsewhere, _can_set_elsewhere),
)
