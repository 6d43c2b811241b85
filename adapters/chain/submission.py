"""Sends weights: first all that needs no sending, then the one call that does.

What fails in the first part has sent nothing and is a refusal; what fails in the second without a verdict of
the pool or of a block is unknown.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import anyio
import attrs

from adapters.chain.connection import Connection
from adapters.chain.errors import described, failed_after, refused_before
from adapters.chain.limits import clipped
from adapters.chain.sdk import tend_sessions
from adapters.chain.wallet import Signer
from core.types import Block, Uid, WeightsAccepted, WeightsRefused, WeightsResult, WeightsUnknown

if TYPE_CHECKING:
    from bittensor import ExtrinsicResult, UnsignedExtrinsic

# A signed extrinsic is void after so many blocks: what has not landed by then never will.
ERA_BLOCKS = 32


@attrs.frozen
class Signed:
    """An extrinsic and its signature, ready to be sent."""

    extrinsic: "UnsignedExtrinsic"
    signature: bytes


async def prepare(
    connection: Connection, hotkey: Signer, weights: Mapping[Uid, float], version_key: int
) -> Signed | WeightsRefused:
    """Build and sign the extrinsic that the subnet wants: plain weights, or a commit of them."""
    try:
        with anyio.fail_after(connection.settings.read_timeout_s):
            return await _built(connection, hotkey, weights, version_key)
    except Exception as error:  # noqa: BLE001 - the SDK lets exceptions of many kinds through; nothing was sent yet
        return refused_before(error)
    finally:
        tend_sessions()


async def send(connection: Connection, signed: Signed) -> WeightsResult:
    """Send it once and wait for a block that holds it, no longer than `submit_timeout_s`."""
    try:
        with anyio.fail_after(connection.settings.submit_timeout_s):
            result = await connection.client.submit_signature(
                signed.extrinsic, signed.signature, wait_for_finalization=False
            )
    except Exception as error:  # noqa: BLE001 - whatever broke here broke after the sending began
        return WeightsUnknown(described(error))
    finally:
        tend_sessions()
    return _verdict(result)


async def _built(
    connection: Connection, hotkey: Signer, weights: Mapping[Uid, float], version_key: int
) -> Signed | WeightsRefused:
    from bittensor import SetWeights

    limit = await connection.number("MaxWeightsLimit")
    pairs = sorted(clipped(weights, limit).items())
    intent = SetWeights(
        netuid=connection.settings.netuid,
        uids=[uid for uid, _ in pairs],
        weights=[weight for _, weight in pairs],
        version_key=version_key,
    )
    plan = await connection.client.plan(intent, hotkey)
    if not plan.ok:
        return WeightsRefused("; ".join(plan.violations), passing=False)
    extrinsic = await connection.client.prepare_call(
        plan.call, address=hotkey.ss58_address, crypto_type=hotkey.crypto_type, period=ERA_BLOCKS
    )
    return Signed(extrinsic, bytes(hotkey.sign(extrinsic.payload)))


def _verdict(result: "ExtrinsicResult") -> WeightsResult:
    """What the pool or the block said."""
    block = result.extrinsic_id.partition("-")[0] if result.extrinsic_id else ""
    if result.success and block:
        return WeightsAccepted(Block(int(block)))
    if result.error is None:
        return WeightsUnknown(result.message or "the chain names no block")
    return failed_after(result.error, included=bool(block))
