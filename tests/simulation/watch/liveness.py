"""A chain that can be reached gets weights in its window.

While nothing is in the way (the chain and the way to it are well and would take weights of ours, the process lives, its disk and its
clock are right, weights are on and somebody has earned some), whatever an earlier trouble left behind passes within so many blocks:

- what goes by side by side, so the longest of it counts: an epoch length until weights are due, or the subnet's rate limit; an epoch
  length for which a refusal holds them back; 40 blocks until a submission without a result is void;
- before that, perhaps, the blocks until the metagraph is read anew, and shows how things are;
- back-offs of a minute and readings of a minute, three of each: for the metagraph, for asking after a submission, for sending again;
- a margin.

From then on (weights are `overdue`) the next end of a forward decides on them, and they land while a submission lasts at most. That a
forward ends at all is watched by its deadline. A start that is not over by then is a violation, too.
"""

import math

from core.config import CoreConfig
from core.state import Booting, Running, State
from core.types import Block
from tests.simulation.swarm import Swarm
from tests.simulation.violation import Violation
from tests.simulation.watch.averages import Averages
from tests.simulation.watch.seen import WatchedChain

SUBMISSION_VALID_BLOCKS = 40
BACK_OFF_S = 60.0
READ_S = 60.0
SUBMIT_S = 180.0
TIMES = 3
MARGIN_BLOCKS = 20


def patience_blocks(config: CoreConfig, rate_limit_blocks: int, block_time_s: float) -> int:
    """Blocks after which nothing of an earlier trouble is left."""
    neuron = config.neuron
    return (
        max(neuron.epoch_length, rate_limit_blocks, SUBMISSION_VALID_BLOCKS)
        + neuron.checkpoint_block_length
        + math.ceil(TIMES * (BACK_OFF_S + READ_S) / block_time_s)
        + MARGIN_BLOCKS
    )


class Liveness:
    """How long weights could have landed and did not.

    Attributes:
        longest: the largest part of anybody's patience that was ever used up; weights are overdue above 1.
    """

    def __init__(self, swarm: Swarm, chain: WatchedChain) -> None:
        self.longest = 0.0
        self._chain = chain
        self._block_time_s = swarm.block_time_s
        self._free_since = chain.head
        self._ended_since: Block | None = None
        self._landed = 0
        self._looked_at = Block(-1)

    def troubled(self) -> None:
        """Something is in the way: patience begins anew."""
        self._free_since = max(self._chain.head, self._chain.trouble_until)
        self._ended_since = None

    def look(self, state: State, averages: Averages, *, has_ended: bool) -> None:
        """Time has gone by; `has_ended`: a forward has ended in the last events."""
        head, landed = self._chain.head, len(self._chain.landed)
        if head == self._looked_at and not has_ended:
            return
        self._looked_at = head
        if landed != self._landed:
            self._landed = landed
            self.troubled()
        elif not self._is_free(state, averages):
            self.troubled()
        else:
            used = (head - self._free_since) / self._patience_blocks(state)
            self.longest = max(self.longest, used)
            if used > 1:
                self._overdue(state, head, has_ended=has_ended)

    def _overdue(self, state: State, head: Block, *, has_ended: bool) -> None:
        free_blocks = head - self._free_since
        if isinstance(state.lifecycle, Booting):
            raise Violation(f"nothing was in the way for {free_blocks} blocks, and the start is not over")
        if has_ended and self._ended_since is None:
            self._ended_since = head
        if self._ended_since is not None and head - self._ended_since > self._submission_blocks:
            weights = type(state.weights).__name__
            raise Violation(
                f"nothing was in the way for {free_blocks} blocks before block {head}, and no weights landed ({weights})"
            )

    @property
    def _submission_blocks(self) -> int:
        return math.ceil((SUBMIT_S + BACK_OFF_S) / self._block_time_s) + MARGIN_BLOCKS

    def _patience_blocks(self, state: State) -> int:
        return patience_blocks(state.config, state.metagraph.weights_rate_limit_blocks, self._block_time_s)

    def _is_free(self, state: State, averages: Averages) -> bool:
        return (
            self._chain.head > self._chain.trouble_until
            and isinstance(state.lifecycle, Booting | Running)
            and not state.config.neuron.disable_set_weights
            and self._chain.may_set(self._chain.head)
            and any(
                averages.of.get(hotkey, 0.0) > 0 and self._chain.owner_of(uid) == hotkey
                for uid, hotkey in averages.holders.items()
            )
        )
