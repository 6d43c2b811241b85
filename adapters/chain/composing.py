"""From a row of weights to the call that puts it on chain: plain, or a commitment to it.

The SDK's own intent is used wherever it can carry the row. It cannot where the row has explicit zeros (it drops them), where the
subnet limits the largest share (it clips anew, and rounds above the limit), where the runtime lacks an item that it reads, and where a
local chain asks for the stand-in of the time lock; then the call is made here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from adapters.chain.terms import PALLET
from adapters.chain.wallet import Signer
from adapters.timelock import DRAND_VERSION, STAND_IN_VERSION, seal
from core.quantise import FULL
from core.submission import Terms
from core.types import Row, WeightsRefused

if TYPE_CHECKING:
    from bittensor import Client
    from bittensor.snapshot import Snapshot

MECHANISM = 0
_SCHEDULE = {
    "tempo": "Tempo",
    "subnet_reveal_period_epochs": "RevealPeriodEpochs",
    "last_epoch_block": "LastEpochBlock",
    "pending_epoch_at": "PendingEpochAt",
    "subnet_epoch_index": "SubnetEpochIndex",
    "blocks_since_last_step": "BlocksSinceLastStep",
}


@attrs.frozen
class Composing:
    """What calls are made for: one subnet, one hotkey, one version of the program."""

    client: "Client"
    hotkey: Signer
    netuid: int
    version_key: int
    is_local: bool

    async def call(self, row: Row, terms: Terms) -> Any:
        """The call for this row, or why there is none; the SDK's exceptions pass."""
        if terms.limits.commit_reveal and terms.reveal_version != DRAND_VERSION:
            return await self._stand_in(row, terms.reveal_version)
        if _carries(row, terms):
            try:
                return await self._intended(row)
            except ValueError:  # the runtime lacks an item that the intent reads
                pass
        return await self._commitment(row) if terms.limits.commit_reveal else self._plain(row)

    async def _intended(self, row: Row) -> Any:
        from bittensor import SetWeights

        uids, values = _columns(row)
        weights = [float(value) for value in values]
        intent = SetWeights(netuid=self.netuid, uids=uids, weights=weights, version_key=self.version_key)
        plan = await self.client.plan(intent, self.hotkey)
        return plan.call if plan.ok else WeightsRefused("; ".join(plan.violations), passing=False)

    def _plain(self, row: Row) -> Any:
        from bittensor import calls

        uids, values = _columns(row)
        return calls.SubtensorModule.set_mechanism_weights(
            netuid=self.netuid, mecid=MECHANISM, dests=uids, weights=values, version_key=self.version_key
        )

    async def _commitment(self, row: Row) -> Any:
        """Under drand's time lock, for the round at which the chain's schedule will open it."""
        import bittensor_core as core  # type: ignore[import-untyped]  # compiled, and comes without stubs

        uids, values = _columns(row)
        pinned = await self.client.at()
        schedule = {
            argument: int(await pinned.query((PALLET, item), [self.netuid]) or 0)
            for argument, item in _SCHEDULE.items()
        }
        commit, reveal_round = core.get_encrypted_commit_v2(
            uids=uids,
            weights=values,
            version_key=self.version_key,
            current_block=pinned.block,
            block_time=await self.client.block_time(),
            hotkey=self.hotkey.public_key,
            **schedule,
        )
        return self._committed(bytes(commit), reveal_round, DRAND_VERSION)

    async def _stand_in(self, row: Row, reveal_version: int) -> Any:
        if reveal_version != STAND_IN_VERSION or not self.is_local:
            return WeightsRefused(
                f"IncorrectCommitRevealVersion: the chain takes commitments of version {reveal_version}, this program makes version "
                f"{DRAND_VERSION}: update it",
                passing=False,
            )
        pinned = await self.client.at()
        return self._committed(
            seal(row, self.version_key, self.hotkey.public_key),
            await _reveal_epoch(pinned, self.netuid),
            reveal_version,
        )

    def _committed(self, commit: bytes, reveal_round: int, reveal_version: int) -> Any:
        from bittensor import calls

        return calls.SubtensorModule.commit_timelocked_mechanism_weights(
            netuid=self.netuid,
            mecid=MECHANISM,
            commit=commit,
            reveal_round=reveal_round,
            commit_reveal_version=reveal_version,
        )


def _carries(row: Row, terms: Terms) -> bool:
    """Whether the SDK's intent sends the row as it is."""
    return terms.limits.max_weight_u16 >= FULL and all(value > 0 for _, value in row)


async def _reveal_epoch(pinned: "Snapshot", netuid: int) -> int:
    """The epoch at which the chain opens what is committed now."""
    index = int(await pinned.query((PALLET, "SubnetEpochIndex"), [netuid]) or 0)
    return index + int(await pinned.query((PALLET, "RevealPeriodEpochs"), [netuid]) or 0)


def _columns(row: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [uid for uid, _ in row], [value for _, value in row]
