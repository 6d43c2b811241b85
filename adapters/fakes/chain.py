"""A chain that goes by the loop's clock: blocks, metagraph, weights by script, epochs."""

from collections.abc import AsyncGenerator, Callable, Sequence

import anyio
import attrs

from core.types import (
    Block,
    Hotkey,
    Metagraph,
    Neuron,
    Uid,
    WeightsAccepted,
    WeightsRefused,
    WeightsResult,
    WeightsUnknown,
)
from effects.ports import Fault

Verdict = Callable[["FakeChain"], WeightsResult]


class FakeChain:
    """`neurons` may be replaced at any time; `verdicts` are what the next submissions get, then all are judged by the rate limit.

    `sent` keeps every vector submitted with its block; `down` makes every call fail; the first block is 1.
    """

    def __init__(
        self,
        neurons: Sequence[Neuron],
        *,
        block_time_s: float = 12.0,
        tempo_blocks: int = 20,
        weights_rate_limit_blocks: int = 10,
        verdicts: Sequence[Verdict] = (),
    ) -> None:
        self.neurons = tuple(neurons)
        self.sent: list[tuple[Block, tuple[tuple[Uid, float], ...]]] = []
        self.served = 0
        self.updated = Block(0)
        self.down = False
        self._verdicts = list(verdicts)
        self._block_time_s = block_time_s
        self._limits = Metagraph(
            Block(0), (), tempo_blocks=tempo_blocks, weights_rate_limit_blocks=weights_rate_limit_blocks
        )

    @property
    def head(self) -> Block:
        return Block(1 + int(anyio.current_time() / self._block_time_s))

    async def metagraph(self) -> Metagraph:
        self._check()
        return attrs.evolve(
            self._limits,
            block=self.head,
            neurons=self.neurons,
            last_epoch=Block(self.head // self._limits.tempo_blocks * self._limits.tempo_blocks),
            last_update=self.updated,
        )

    async def set_weights(
        self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
    ) -> WeightsResult:
        self._check()
        self.sent.append((self.head, tuple(weights)))
        verdict = self._verdicts.pop(0) if self._verdicts else FakeChain.judge
        result = verdict(self)
        await anyio.sleep(self._block_time_s)
        return result

    async def last_update(self) -> Block:
        self._check()
        return self.updated

    async def serve_axon(self) -> None:
        self._check()
        self.served += 1

    async def blocks(self) -> AsyncGenerator[Block, None]:
        while True:
            if not self.down:
                yield self.head
            await anyio.sleep(self._block_time_s)

    def judge(self) -> WeightsResult:
        """The chain's own rule: not more often than the rate limit."""
        if self.updated and self.head - self.updated < self._limits.weights_rate_limit_blocks:
            return WeightsRefused("SettingWeightsTooFast", passing=True)
        self.updated = self.head
        return WeightsAccepted(self.head)

    def land_unseen(self) -> WeightsResult:
        """A verdict: the weights land, but the connection breaks before we hear of it."""
        self.updated = self.head
        return WeightsUnknown("connection lost")

    def lose(self) -> WeightsResult:
        """A verdict: the weights are lost on the way."""
        return WeightsUnknown("connection lost")

    def _check(self) -> None:
        if self.down:
            raise Fault("the chain cannot be reached")
