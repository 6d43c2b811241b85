"""Whose voice counts: stake, permits, activity."""

from collections.abc import Sequence

from adapters.localnet.chain.fixed import normalise
from adapters.localnet.chain.yuma.terms import YumaInput


def stake_shares(
    stake_rao: Sequence[int], threshold_rao: int, owner_uid: int | None = None
) -> tuple[int, ...]:
    """Each stake's share of the whole; what is below the threshold counts for nothing, but for the owner's."""
    return normalise(
        [stake if stake >= threshold_rao or uid == owner_uid else 0 for uid, stake in enumerate(stake_rao)]
    )


def validator_permits(stake: Sequence[int], max_validators: int) -> tuple[bool, ...]:
    """The uids with the most stake, if they have any; of equal ones the higher uid goes first."""
    ascending = sorted(range(len(stake)), key=lambda uid: stake[uid])
    dropped = set(ascending[: max(0, len(stake) - max_validators)])
    return tuple(share > 0 and uid not in dropped for uid, share in enumerate(stake))


def with_owner(permits: Sequence[bool], owner_uid: int | None) -> tuple[bool, ...]:
    """The permits, and the owner's in any case."""
    return tuple(permit or uid == owner_uid for uid, permit in enumerate(permits))


def active_uids(subnet: YumaInput, cutoff_blocks: int) -> tuple[bool, ...]:
    """Who has set weights, or was registered, within the cutoff."""
    return tuple(updated + cutoff_blocks >= subnet.block for updated in subnet.last_update)


def voting_shares(stake: Sequence[int], active: Sequence[bool], permits: Sequence[bool]) -> tuple[int, ...]:
    """Shares of the stake that is active and has a permit."""
    return normalise(
        [
            share if alive and permit else 0
            for share, alive, permit in zip(stake, active, permits, strict=True)
        ]
    )
