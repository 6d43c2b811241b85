"""Sends weights: first all that needs no sending, then the one call that does.

What fails in the first part has sent nothing and is a refusal; what fails in the second without a verdict of
the pool or of a block is unknown.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from adapters.chain.composing import Composing
from adapters.chain.connection import Connection
from adapters.chain.errors import described, failed_after, refused_before
from adapters.chain.terms import read_terms
from adapters.chain.wallet import Signer
from core.submission import Terms, is_stale, row_for
from core.types import (
    Block,
    Hotkey,
    Row,
    Uid,
    WeightsAccepted,
    WeightsRefused,
    WeightsResult,
    WeightsUnknown,
)

if TYPE_CHECKING:
    from bittensor import Client, ExtrinsicResult, UnsignedExtrinsic

# A signed extrinsic is void after so many blocks: what has not landed by then never will.
ERA_BLOCKS = 32
BAD_PROOF = "BadProof"


@attrs.frozen
class Request:
    """Weights as they are wanted; see `core.submission.row_for`."""

    weights: Sequence[tuple[Uid, float]]
    owners: Sequence[Hotkey]
    version_key: int


@attrs.frozen
class Signed:
    """An extrinsic and its signature, ready to be sent, with the row in it and the terms it was made under."""

    extrinsic: "UnsignedExtrinsic"
    signature: bytes
    row: Row
    terms: Terms


async def prepare(connection: Connection, hotkey: Signer, request: Request) -> Signed | WeightsRefused:
    """Build and sign the extrinsic that the subnet wants: plain weights, or a commitment to them."""
    terms: Terms | None = None
    try:
        async with connection.leased(connection.settings.read_timeout_s) as client:
            terms = await read_terms(client, connection.settings.netuid, hotkey.ss58_address)
            return await _built(client, connection, hotkey, request, terms)
    except Exception as error:  # noqa: BLE001 - the SDK lets exceptions of many kinds through; nothing was sent yet
        return refused_before(error, terms)


async def send(connection: Connection, signed: Signed) -> WeightsResult:
    """Send it once and wait for a block that holds it, no longer than `submit_timeout_s`."""
    begun = False
    try:
        async with connection.leased(connection.settings.submit_timeout_s) as client:
            begun = True
            result = await client.submit_signature(
                signed.extrinsic, signed.signature, wait_for_finalization=False
            )
            renew_if_outdated(connection, client, result)
    except Exception as error:  # noqa: BLE001 - the SDK lets exceptions of many kinds through
        return WeightsUnknown(described(error)) if begun else refused_before(error, signed.terms)
    return _verdict(result, signed)


def renew_if_outdated(connection: Connection, client: "Client", result: "ExtrinsicResult") -> None:
    """What does not verify was signed for another runtime than the one that is there now: the SDK keeps to the one it met first."""
    if result.error is not None and result.error.name == BAD_PROOF:
        connection.renew(client)


async def _built(
    client: "Client", connection: Connection, hotkey: Signer, request: Request, terms: Terms
) -> Signed | WeightsRefused:
    now_s = time.time()
    if is_stale(terms, now_s):
        connection.renew(client)
    row = row_for(request.weights, request.owners, terms, version_key=request.version_key, now_s=now_s)
    if isinstance(row, WeightsRefused):
        return row
    settings = connection.settings
    composing = Composing(client, hotkey, settings.netuid, request.version_key, settings.is_local)
    call = await composing.call(row, terms)
    if isinstance(call, WeightsRefused):
        return call
    extrinsic = await client.prepare_call(
        call, address=hotkey.ss58_address, crypto_type=hotkey.crypto_type, period=ERA_BLOCKS
    )
    return Signed(extrinsic, bytes(hotkey.sign(extrinsic.payload)), row, terms)


def _verdict(result: "ExtrinsicResult", signed: Signed) -> WeightsResult:
    """What the pool or the block said."""
    block = result.extrinsic_id.partition("-")[0] if result.extrinsic_id else ""
    if result.success and block:
        return WeightsAccepted(Block(int(block)), signed.row, signed.terms.limits)
    if result.error is None:
        return WeightsUnknown(result.message or "the chain names no block")
    return failed_after(result.error, signed.terms, included=bool(block))
