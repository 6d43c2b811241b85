"""The chain in the world's time: blocks as they are due, what is taken back later, and how long something is against us.

Rules:
- Whatever happens to the chain happens just before or just after a block.
- What was changed for a while is changed back at a block; of each kind there is one at a time.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.genesis import GenesisNeuron
from adapters.localnet.chain.state import StateView
from core.randomness import below, between
from core.syncing import CONFIRM_BLOCKS
from core.types import Block, Hotkey, Uid
from core.weights import SUBMISSION_VALID_BLOCKS
from tests.simulation.chain.composing import Composer
from tests.simulation.chain.disguise import Disguise
from tests.simulation.chain.ledger import Landed, Ledger, Submission
from tests.simulation.chain.people import genesis, newcomer, ourselves
from tests.simulation.chain.reading import Reader, Standing, standing
from tests.simulation.clock import START_S
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.swarm import Swarm

# How long weights that a reorganisation has undone are not sent again: until the core finds out, and they are void.
LOST_BLOCKS = CONFIRM_BLOCKS + SUBMISSION_VALID_BLOCKS


@attrs.frozen
class Happening:
    """A fault that comes with a block: what it does, and whether it could do it now."""

    kind: Kind
    happen: Callable[["Subnet"], None]
    possible: Callable[["Subnet"], bool] = lambda _: True


class Subnet:
    """One subnet, one hotkey of ours.

    Attributes:
        away_until_s, stuck_until_s: true time until which the chain cannot be reached, and until which heads do not arrive.
        standing: ours at the head.
    """

    def __init__(self, swarm: Swarm, dice: Dice, happenings: Sequence[Happening]) -> None:
        self.dice = dice
        self.own = Hotkey(swarm.config.own_hotkey)
        self.chain = LocalChain(genesis(swarm))
        self.ledger = Ledger(self.chain)
        self.composer = Composer(self.chain, self.own)
        self.disguise = Disguise()
        self.reader = Reader(self.own, self.disguise)
        self.away_until_s = self.stuck_until_s = 0.0
        self.reorganises = 0
        self._block_time_s = swarm.block_time_s
        self._due_s = START_S + swarm.block_time_s
        self._people = swarm.miners
        self._happenings = [each for each in happenings if swarm.rates.get(each.kind)]
        self._agenda: dict[int, list[Callable[[], None]]] = {}
        self._lasting: set[Kind] = set()
        self._against, self._troubled = 0, Block(0)
        self._unheard: list[Submission] = []
        self.standing: Standing = standing(self.chain.at(), self.own)

    @property
    def due_s(self) -> float:
        """True time of the next block."""
        return self._due_s

    @property
    def trouble_until(self) -> Block:
        """The last block up to which something is known to be against our weights."""
        self._unheard = [each for each in self._unheard if self._is_unheard(each)]
        ends = [self._troubled, *(Block(each.dies_at + 1) for each in self._unheard)]
        if self._against:
            ends.append(Block(self.chain.head + 1))
        return max(ends)

    def next_block(self) -> None:
        """Build the block that is due."""
        at_s = self._due_s
        self._due_s += self._block_time_s
        for each in self._happenings:
            if each.kind not in self._lasting and self.dice.strikes_now(
                each.kind, possible=each.possible(self)
            ):
                each.happen(self)
        if self.reorganises:
            self._reorganise()
        else:
            self.chain.produce_block(round(1_000 * at_s))
        for undo in self._agenda.pop(self.chain.head, ()):
            undo()
        self.standing = standing(self.chain.at(), self.own)
        if not self.standing.is_eligible:
            self.trouble(0)

    def halt(self, seconds: float) -> None:
        """The block after the next one comes so much later."""
        self._due_s += seconds
        self.trouble(1)

    def trouble(self, blocks: int) -> None:
        """Something is against our weights for so many blocks from now."""
        self._troubled = max(self._troubled, Block(self.chain.head + blocks + 1))

    def trouble_s(self, seconds: float) -> None:
        self.trouble(1 + math.ceil(seconds / self._block_time_s))

    @contextmanager
    def against(self) -> Iterator[None]:
        """Something is against our weights as long as the block of code lasts."""
        self._against += 1
        try:
            yield
        finally:
            self._against -= 1
            self.trouble(0)

    def unheard(self, submission: Submission) -> None:
        """Our program does not know what became of it, and must wait until it is void."""
        self._unheard.append(submission)

    def for_a_while(self, kind: Kind, blocks: int, undo: Callable[[], None]) -> None:
        """Take something back after so many blocks."""
        self._lasting.add(kind)

        def end() -> None:
            self._lasting.discard(kind)
            undo()

        self._agenda.setdefault(self.chain.head + max(1, blocks), []).append(end)

    def epoch_soon(self) -> bool:
        """Bring the next epoch about in two blocks, where that is allowed."""
        state = self.chain.at()
        if state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED) or state.hyper(storage.PENDING_EPOCH_AT):
            return False
        try:
            self.chain.trigger_epoch(Block(self.chain.head + 2))
        except ValueError:  # one is queued for the next block already
            return False
        return True

    def blocks_of(self, kind: Kind, low: int, high: int) -> int:
        """A length of time, drawn for this kind."""
        return between(self.dice.of(f"chain {kind.name}"), low, high)

    def pick(self, kind: Kind, count: int) -> int:
        """One of so many, drawn for this kind."""
        return below(self.dice.of(f"chain {kind.name}"), count)

    def others(self) -> list[Hotkey]:
        """Who is registered beside us."""
        return [hotkey for hotkey in self.chain.at().hotkeys() if hotkey != self.own]

    def replace(self, uid: Uid) -> None:
        """Somebody new takes over a uid with the next block."""
        self.chain.replace(uid, self.newcomer())

    def has_others(self) -> bool:
        return self.standing.taken > 1 or self.standing.uid is None

    def room(self) -> int:
        """How many can join, one place left for us."""
        return self.chain.genesis.max_uids - self.standing.taken - 1

    def newcomer(self) -> GenesisNeuron:
        self._people += 1
        return newcomer(self._people)

    def register_again(self) -> None:
        """The operator registers our hotkey with the next block, unless it is, and sees to an epoch that gives it a permit."""
        state = self.chain.at()
        if state.uid_of(self.own) is not None:
            return
        try:
            self._return(state)
        except ValueError:  # queued already
            return
        self.epoch_soon()

    def _return(self, state: StateView) -> None:
        taken = state.hyper(storage.SUBNETWORK_N)
        if taken < self.chain.genesis.max_uids:
            self.chain.register(ourselves(self.own))
        else:
            self.chain.replace(Uid(below(self.dice.of("chain return"), taken)), ourselves(self.own))

    def _reorganise(self) -> None:
        """The last blocks are built anew, with one more: what stood in them may be lost."""
        depth, self.reorganises = self.reorganises, 0
        before = len(self.ledger.landed)
        self.chain.reorg(depth)
        self.trouble(1)
        if len(self.ledger.landed) < before:
            self.trouble(LOST_BLOCKS)

    def _is_unheard(self, submission: Submission) -> bool:
        landed = isinstance(self.ledger.fate(submission.extrinsic), Landed)
        return not landed and submission.dies_at >= self.chain.head
