"""The `Dendrite` port over HTTP: all miners of a step at once, each on its own.

Rules:
- One deadline over the whole query: connecting, sending and reading together, on whichever wires.
- Whatever a miner does, its own outcome says so and nobody else's changes.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from adapters.dendrite.call import Call, Way
from adapters.dendrite.nonces import Nonces
from adapters.dendrite.requests import Requests, make_prompt
from core.types import Outcome, Prompting, Target
from effects.ports import Fault

if TYPE_CHECKING:
    from bittensor.signing import Signer

DEFAULT_MAX_ANSWER_BYTES = 1024 * 1024
# So many connections are begun before others have a turn of the event loop.
_AT_ONCE = 32


class HttpDendrite:
    """Prompts miners by requests that are signed with `keypair`. Lives on asyncio."""

    def __init__(
        self,
        keypair: "Signer",
        *,
        allow_private: bool,
        streaming: bool = False,
        own_hosts: Sequence[str] = (),
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        """Load the SDK's signing; dial nothing yet.

        Args:
            keypair: our hotkey, able to sign.
            allow_private: also dial addresses off the public internet, and ourselves; for the local subnet only, since a miner
                could otherwise point the validator at machines of its own network.
            streaming: ask for answers in pieces, so that what came before the deadline is kept.
            own_hosts: our own public addresses, which are not dialled either.
            max_answer_bytes: a longer answer is cut off and counts as none.
        """
        self._streaming = streaming
        self._way = Way(
            Requests(keypair), Nonces(), max_answer_bytes, frozenset(own_hosts), allow_private=allow_private
        )

    async def query(
        self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
    ) -> tuple[Outcome, ...]:
        """Prompt all targets at once; one outcome per target in their order. Never raises for what a miner does.

        Raises:
            Fault: this machine cannot open as many connections.
        """
        prompt = make_prompt(synapse, streaming=self._streaming, timeout_s=timeout_s)
        calls = [Call(target, prompt, self._way) for target in targets]
        try:
            with anyio.move_on_after(timeout_s):
                async with anyio.create_task_group() as group:
                    for batch in _batches(calls):
                        for call in batch:
                            group.start_soon(call.run)
                        await anyio.lowlevel.checkpoint()
        except* Fault as faults:
            raise faults.exceptions[0] from None
        # Connections close when the event loop comes to it: nothing is left open for whoever looks now.
        await anyio.lowlevel.checkpoint()
        return tuple(call.outcome() for call in calls)


def _batches(calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    return (calls[start : start + _AT_ONCE] for start in range(0, len(calls), _AT_ONCE))
