"""What the pool makes of an extrinsic: the real one's word, but for what a node does by its own lights."""

import attrs

from adapters.chain.submission import BAD_PROOF
from adapters.localnet.chain.extrinsics import pool_refusal
from adapters.localnet.chain.hashes import BlockId
from adapters.localnet.chain.pool import Extrinsic, PoolError
from core.types import Block
from tests.simulation.chain.names import WHIMS, Refusal, of_pool
from tests.simulation.chain.subnet import Subnet
from tests.simulation.kinds import Kind

# A nonce whose turn never comes within an era.
FAR = 1_000
NO_FORK = 1 << 31


def offer(subnet: Subnet, extrinsic: Extrinsic) -> Refusal | None:
    """Hand it to the pool; what the pool has against it."""
    try:
        _submit(subnet, extrinsic)
    except PoolError as error:
        subnet.ledger.refused(extrinsic)
        refusal = of_pool(error)
        if refusal.name == BAD_PROOF:
            subnet.composer.renew()
        return refusal
    return None


def offer_weights(subnet: Subnet, extrinsic: Extrinsic) -> Refusal | None:
    """The same with what goes wrong with weights: they are refused, or wait for ever."""
    dice = subnet.dice
    if dice.strikes_now(Kind.POOL_REFUSED):
        subnet.trouble(1)
        return offer_in_vain(subnet, extrinsic)
    if dice.strikes_now(Kind.EXTRINSIC_DROPPED, possible=_is_welcome(subnet, extrinsic)):
        extrinsic = attrs.evolve(extrinsic, nonce=extrinsic.nonce + FAR)
    return offer(subnet, extrinsic)


def offer_in_vain(subnet: Subnet, extrinsic: Extrinsic) -> Refusal:
    """The pool has something against it."""
    reasons = 3 + len(WHIMS)
    match subnet.pick(Kind.POOL_REFUSED, reasons):
        case 0:  # another program of the operator's was faster
            offer(subnet, attrs.evolve(subnet.composer.idle(), nonce=extrinsic.nonce))
            flawed = extrinsic
        case 1:
            flawed = attrs.evolve(extrinsic, dies_at=Block(subnet.chain.head + 1))
        case 2:
            flawed = attrs.evolve(extrinsic, born=BlockId(subnet.chain.head, NO_FORK))
        case other:
            subnet.ledger.refused(extrinsic)
            return WHIMS[other - 3]
    refusal = offer(subnet, flawed)
    assert refusal is not None
    return refusal


def _submit(subnet: Subnet, extrinsic: Extrinsic) -> None:
    subnet.ledger.follow(extrinsic)
    subnet.chain.submit(extrinsic)


def _is_welcome(subnet: Subnet, extrinsic: Extrinsic) -> bool:
    """Whether the pool would take it."""
    state, block = subnet.chain.at(), Block(subnet.chain.head + 1)
    return (
        extrinsic.nonce == subnet.chain.next_nonce(subnet.own)
        and extrinsic.spec_version == state.spec_version()
        and extrinsic.dies_at is not None
        and block < extrinsic.dies_at
        and pool_refusal(state, block, subnet.own, extrinsic.call) is None
    )
