"""The `Dendrite` port over HTTP: all miners of a step at once, each on its own.

Rules:
- One deadline over each whole call: connecting, sending and reading together.
- Whatever a miner does, its own outcome says so and nobody else's changes.
"""

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import anyio
import attrs

from adapters.dendrite.address import dial_address
from adapters.dendrite.exchange import Call, exchange
from adapters.dendrite.verdict import NOT_UNDERSTOOD, TIMEOUT, Refused
from adapters.wire.prompting import METHOD, WHOLE_PATH, Malformed, decode_answer, encode_request
from core.types import OK, Hotkey, Outcome, Prompting, Target

if TYPE_CHECKING:
    from bittensor.signing import Signer

DEFAULT_MAX_ANSWER_BYTES = 1024 * 1024


@attrs.define
class _Stopwatch:
    """Time from the last start on, in seconds."""

    _started_s: float = attrs.field(factory=time.perf_counter)

    def start(self) -> None:
        self._started_s = time.perf_counter()

    def elapsed_s(self) -> float:
        return time.perf_counter() - self._started_s


class HttpDendrite:
    """Prompts miners by HTTP requests that are signed with `keypair` (btauth/1)."""

    def __init__(
        self,
        keypair: "Signer",
        *,
        allow_private: bool,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        """Load the SDK's signing; dial nothing yet.

        Args:
            keypair: our hotkey, able to sign.
            allow_private: also dial addresses off the public internet; for the local subnet only, since a miner
                could otherwise point the validator at machines of its own network.
            max_answer_bytes: a longer answer is cut off and counts as none.
        """
        # The SDK takes most of a second to import, so it waits until someone needs it.
        from bittensor import http_auth

        self._sign = partial(http_auth.sign, keypair, method=METHOD, path=WHOLE_PATH)
        self._allow_private = allow_private
        self._max_answer_bytes = max_answer_bytes

    async def query(
        self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
    ) -> tuple[Outcome, ...]:
        """Prompt all targets at once; one outcome per target in their order. Never raises for what a miner does."""
        body = encode_request(synapse)
        outcomes: dict[int, Outcome] = {}

        async def ask(index: int, target: Target) -> None:
            outcomes[index] = await self._outcome(target, body, timeout_s)

        async with anyio.create_task_group() as group:
            for index, target in enumerate(targets):
                group.start_soon(ask, index, target)
        return tuple(outcomes[index] for index in range(len(targets)))

    async def _outcome(self, target: Target, body: bytes, timeout_s: float) -> Outcome:
        watch = _Stopwatch()
        code, message, completion = TIMEOUT, f"no answer within {timeout_s:g} s", ""
        with anyio.move_on_after(timeout_s):
            code, message, completion = await self._verdict(target, body, watch)
        return Outcome(code, message, completion, watch.elapsed_s())

    async def _verdict(self, target: Target, body: bytes, watch: _Stopwatch) -> tuple[int, str, str]:
        """(code, message, completion) of one call."""
        try:
            return OK, "", decode_answer(await exchange(self._call(target, body, watch)))
        except Refused as refused:
            return refused.code, refused.message, ""
        except Malformed as malformed:
            return NOT_UNDERSTOOD, str(malformed), ""
        except Exception as error:  # noqa: BLE001 - a trick we did not foresee costs its miner, not the whole step
            return NOT_UNDERSTOOD, f"call ended by {type(error).__name__}", ""

    def _call(self, target: Target, body: bytes, watch: _Stopwatch) -> Call:
        return Call(
            address=dial_address(target.axon, allow_private=self._allow_private),
            body=body,
            sign=partial(self._signature, target.hotkey),
            max_answer_bytes=self._max_answer_bytes,
            sending=watch.start,
        )

    def _signature(self, receiver: Hotkey, body: bytes) -> dict[str, str]:
        return self._sign(body=body, receiver_ss58=receiver)
