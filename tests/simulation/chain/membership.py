"""Faults of who is on the subnet, and of how they are shown."""

import math
from collections.abc import Callable, Sequence

from core.types import Hotkey, Target, Uid
from tests.simulation.chain.disguise import ODD_AXONS
from tests.simulation.chain.people import OWN_AXON
from tests.simulation.chain.subnet import Happening, Subnet
from tests.simulation.kinds import Kind

# For how many blocks somebody is shown otherwise; one in so many for good.
BLOCKS = (3, 150)
FOR_GOOD = 4
EMPTY_BLOCKS = (2, 30)
MOST_JOIN = 4
# The newcomers of one in so many joinings are half of who is there.
CROWD = 8
# At most such a part is hidden for good.
HIDDEN_FOR_GOOD = 0.25
SHARED_AXON = "198.51.254.254:8091"


def _replace(subnet: Subnet) -> None:
    others = subnet.others()
    hotkey = others[subnet.pick(Kind.REPLACED, len(others))]
    subnet.replace(_uid(subnet, hotkey))


def _uid(subnet: Subnet, hotkey: Hotkey) -> Uid:
    return Uid(subnet.chain.at().hotkeys().index(hotkey))


def replace_one_of(subnet: Subnet, targets: Sequence[Target]) -> None:
    """One of these, who are prompted just now, loses its uid with the next block, if the fault strikes."""
    state = subnet.chain.at()
    there = [each for each in targets if state.uid_of(each.hotkey) == each.uid and each.hotkey != subnet.own]
    kind = Kind.REPLACED_MID_STEP
    if subnet.dice.strikes_now(kind, possible=bool(there)):
        subnet.replace(there[subnet.pick(kind, len(there))].uid)


def _join(subnet: Subnet) -> None:
    kind = Kind.JOINED
    taken = subnet.standing.taken
    is_crowd = subnet.pick(kind, CROWD) == 0
    newcomers = taken // 2 if is_crowd else 1 + subnet.pick(kind, MOST_JOIN)
    for _ in range(max(1, min(newcomers, subnet.room()))):
        subnet.chain.register(subnet.newcomer())


def _deregister(subnet: Subnet) -> None:
    subnet.replace(_uid(subnet, subnet.own))
    subnet.trouble(0)


def _shrink(subnet: Subnet) -> None:
    """The last uids disappear."""
    kind, hidden = Kind.METAGRAPH_SHRINKS, subnet.disguise.hidden
    others = subnet.others()
    lost = set(others[subnet.pick(kind, len(others)) :]) - hidden
    is_few = len(hidden) + len(lost) < HIDDEN_FOR_GOOD * len(others)
    _hide(subnet, kind, lost, BLOCKS, for_good=is_few and subnet.pick(kind, FOR_GOOD) == 0)


def _empty(subnet: Subnet) -> None:
    _hide(subnet, Kind.METAGRAPH_EMPTY, set(subnet.others()) - subnet.disguise.hidden, EMPTY_BLOCKS)


def _hide(
    subnet: Subnet, kind: Kind, lost: set[Hotkey], blocks: tuple[int, int], *, for_good: bool = False
) -> None:
    """Without who has a score there is nobody to weigh, until others have one."""
    subnet.disguise.hidden |= lost
    subnet.disguise.changed()
    if for_good:
        subnet.trouble(1)
        return
    lasts = subnet.blocks_of(kind, *blocks)

    def show() -> None:
        subnet.disguise.hidden -= lost
        subnet.disguise.changed()

    subnet.for_a_while(kind, lasts, show)
    subnet.trouble(lasts + 1)


def _grow_large(subnet: Subnet) -> None:
    _disguise(subnet, Kind.BECAME_VALIDATOR, subnet.disguise.whales)


def _spoil(subnet: Subnet) -> None:
    _disguise(subnet, Kind.MALFORMED_NEURON, subnet.disguise.malformed)


def _disguise(subnet: Subnet, kind: Kind, marked: set[Hotkey]) -> None:
    """One more is shown so, for a while or for good."""
    hotkey = _one(subnet, kind)
    marked.add(hotkey)
    subnet.disguise.changed()

    def unmark() -> None:
        marked.discard(hotkey)
        subnet.disguise.changed()

    _for_a_while_or_good(subnet, kind, unmark)


def _one(subnet: Subnet, kind: Kind) -> Hotkey:
    others = subnet.others()
    return others[subnet.pick(kind, len(others))]


def _move_oddly(subnet: Subnet) -> None:
    kind = Kind.AXON_ODD
    _move(subnet, kind, [_one(subnet, kind)], ODD_AXONS[subnet.pick(kind, len(ODD_AXONS))])


def _move_to_us(subnet: Subnet) -> None:
    _move(subnet, Kind.AXON_OURS, [_one(subnet, Kind.AXON_OURS)], OWN_AXON)


def _move_together(subnet: Subnet) -> None:
    """A third of all listen at one place."""
    others = subnet.others()
    first = subnet.pick(Kind.ONE_ADDRESS, len(others))
    crowd = (others[first:] + others[:first])[: math.ceil(len(others) / 3)]
    _move(subnet, Kind.ONE_ADDRESS, crowd, SHARED_AXON)


def _move(subnet: Subnet, kind: Kind, hotkeys: Sequence[Hotkey], axon: str | None) -> None:
    axons = subnet.disguise.axons
    axons.update(dict.fromkeys(hotkeys, axon))
    subnet.disguise.changed()

    def move_back() -> None:
        for hotkey in hotkeys:
            axons.pop(hotkey, None)
        subnet.disguise.changed()

    _for_a_while_or_good(subnet, kind, move_back)


def _for_a_while_or_good(subnet: Subnet, kind: Kind, undo: Callable[[], None]) -> None:
    if subnet.pick(kind, FOR_GOOD):
        subnet.for_a_while(kind, subnet.blocks_of(kind, *BLOCKS), undo)


MEMBERSHIP = (
    Happening(Kind.REPLACED, _replace, Subnet.has_others),
    Happening(Kind.JOINED, _join, lambda subnet: subnet.room() > 0),
    Happening(Kind.METAGRAPH_SHRINKS, _shrink, Subnet.has_others),
    Happening(Kind.METAGRAPH_EMPTY, _empty, Subnet.has_others),
    Happening(Kind.DEREGISTERED, _deregister, lambda subnet: subnet.standing.uid is not None),
    Happening(Kind.BECAME_VALIDATOR, _grow_large, Subnet.has_others),
    Happening(Kind.MALFORMED_NEURON, _spoil, Subnet.has_others),
    Happening(Kind.AXON_ODD, _move_oddly, Subnet.has_others),
    Happening(Kind.AXON_OURS, _move_to_us, Subnet.has_others),
    Happening(Kind.ONE_ADDRESS, _move_together, Subnet.has_others),
)
