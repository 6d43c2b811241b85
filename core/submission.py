"""What is sent as weights, decided with the chain as it stands at the moment of sending.

The scores were decided on before; meanwhile limits may have changed, and uids may have changed hands. So everything that the chain
will check is checked here first, by the chain's own rules, and what cannot succeed is not sent.
"""

from collections.abc import Mapping, Sequence

import attrs

from core.quantise import padded, quantised
from core.types import Block, Hotkey, Limits, Row, Uid, WeightsRefused

# A head older than this is no head: the node hangs, or is on its way to the chain's present.
STALE_S = 600.0


@attrs.frozen
class Terms:
    """What the chain says at one block of all that a submission must keep.

    Attributes:
        limits: of the row.
        at_s: Unix time of the block, as the chain has it.
        hotkeys: who is registered, by uid.
        own_uid: None where our hotkey is not registered.
        has_permit: whether we may weigh others.
        stake_rao, stake_threshold_rao: what we have, and the least that who sets weights must have.
        last_update: block of our last weights, 0 for never.
        rate_limit_blocks: least distance from one set of weights to the next.
        next_epoch: first block at which permits can change.
        reveal_version: the form of commitments that the chain takes.
    """

    limits: Limits
    at_s: float
    hotkeys: tuple[Hotkey, ...]
    own_uid: Uid | None
    has_permit: bool = True
    stake_rao: int = 0
    stake_threshold_rao: int = 0
    last_update: Block = Block(0)
    rate_limit_blocks: int = 0
    next_epoch: Block = Block(0)
    reveal_version: int = 0

    @property
    def window(self) -> Block:
        """The first block at which weights may be set again."""
        return Block(self.last_update + self.rate_limit_blocks if self.last_update else 0)


def is_stale(terms: Terms, now_s: float) -> bool:
    """Whether the chain stood still as we looked."""
    return now_s - terms.at_s > STALE_S


def row_for(
    weights: Sequence[tuple[Uid, float]],
    owners: Sequence[Hotkey],
    terms: Terms,
    *,
    version_key: int,
    now_s: float,
) -> Row | WeightsRefused:
    """The row that these weights make under these terms, or why nothing can be sent.

    Args:
        weights: (uid, weight), positive.
        owners: whose the weights are, one hotkey per weight; empty to weigh whoever has the uid.
        terms: the chain as it is now.
        version_key: ours.
        now_s: Unix time by our clock.
    """
    return _refusal(terms, version_key, now_s) or _row(_still_owned(weights, owners, terms), terms)


def _refusal(terms: Terms, version_key: int, now_s: float) -> WeightsRefused | None:
    """What stands against any weights of ours; in the chain's order, after what only we can know."""
    if is_stale(terms, now_s):
        age_minutes = (now_s - terms.at_s) / 60
        return WeightsRefused(
            f"the chain's newest block {terms.limits.block} is {age_minutes:.0f} minutes old: no weights on a chain that stands still; look at the "
            "node of --subtensor.chain_endpoint, and at this machine's clock",
            passing=True,
        )
    if terms.own_uid is None:
        return WeightsRefused(
            "our hotkey is not registered on the subnet", passing=False, not_registered=True
        )
    if terms.stake_rao < terms.stake_threshold_rao:
        return WeightsRefused(
            f"NotEnoughStakeToSetWeights: stake of {terms.stake_rao / 1e9:.9g}, {terms.stake_threshold_rao / 1e9:.9g} is needed: "
            "add stake to the hotkey",
            passing=False,
        )
    if version_key < terms.limits.version_key:
        return WeightsRefused(
            f"IncorrectWeightVersionKey: the subnet wants {terms.limits.version_key}, this program is {version_key}: update it",
            passing=False,
        )
    return _too_soon(terms)


def _too_soon(terms: Terms) -> WeightsRefused | None:
    block = terms.limits.block
    if block < terms.window:
        return WeightsRefused(
            f"weights were set at block {terms.last_update}, and may be again {terms.rate_limit_blocks} blocks later",
            passing=True,
            not_before=terms.window,
        )
    if not terms.has_permit:
        return WeightsRefused(
            f"NeuronNoValidatorPermit: the next epoch can give one, at block {terms.next_epoch}",
            passing=True,
            not_before=terms.next_epoch,
        )
    return None


def _still_owned(
    weights: Sequence[tuple[Uid, float]], owners: Sequence[Hotkey], terms: Terms
) -> Mapping[Uid, float]:
    """The weights of uids that are in the hands they were in when they were scored."""
    named = zip(weights, owners, strict=True) if owners else ((pair, None) for pair in weights)
    return {
        uid: weight
        for (uid, weight), owner in named
        if weight > 0 and uid < len(terms.hotkeys) and owner in {None, terms.hotkeys[uid]}
    }


def _row(weights: Mapping[Uid, float], terms: Terms) -> Row | WeightsRefused:
    limits = terms.limits
    if not weights:
        return WeightsRefused("no uid with a score is in the hands it was scored in", passing=True)
    row = quantised(weights, limits.max_weight_u16)
    if row is None:
        needed = -(-65_535 // max(1, limits.max_weight_u16))
        return WeightsRefused(
            f"MaxWeightExceeded: the subnet lets {needed} uids share the weight at least, and {len(weights)} have a score",
            passing=True,
        )
    uids = [Uid(uid) for uid in range(len(terms.hotkeys))]
    return padded(row, limits.min_allowed_weights, uids)
