"""What became of all that was sent with our key: by the blocks as they stand, reorganisations included."""

import attrs

from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.blocks import BuiltBlock
from adapters.localnet.chain.calls import DispatchError, ExtrinsicFailed
from adapters.localnet.chain.pool import Extrinsic
from core.submission import Terms
from core.types import Block, Hotkey, Row, Uid


@attrs.frozen
class Pending:
    """It can still get into a block."""


@attrs.frozen
class Landed:
    """It stands in this block, and was done."""

    block: Block


@attrs.frozen
class Dead:
    """It will never be done; `error` is what the block says that holds it, None where none does."""

    error: DispatchError | None = None


Fate = Pending | Landed | Dead


@attrs.frozen
class Submission:
    """Weights as our program sent them.

    Attributes:
        number: 1 for the first.
        sent_at: the head as they were sent.
        dies_at: first block that may no longer hold them.
        row: what was made of them under `terms`.
    """

    number: int
    sent_at: Block
    weights: tuple[tuple[Uid, float], ...]
    owners: tuple[Hotkey, ...]
    version_key: int
    row: Row
    terms: Terms
    extrinsic: Extrinsic = attrs.field(repr=False)

    @property
    def dies_at(self) -> Block:
        return self.extrinsic.dies_at or Block(0)


class Ledger:
    """Keeps account of extrinsics by our key.

    Attributes:
        submissions: weights of our program, in order.
        doubled: those of them that were sent while another one could still land.
        landed: by block the rows of our program that stand in the chain, committed ones included.
        elsewhere: the same of another program.
    """

    def __init__(self, chain: LocalChain) -> None:
        self.submissions: list[Submission] = []
        self.doubled: list[Submission] = []
        self.landed: dict[Block, Row] = {}
        self.elsewhere: dict[Block, Row] = {}
        self._chain = chain
        self._fates: dict[str, Fate] = {}
        self._rows: dict[str, Row] = {}
        self._foreign: dict[str, Row] = {}
        self._open: list[Submission] = []
        chain.on_block(self._on_block)

    def sent(self, submission: Submission) -> None:
        """Our program sends weights."""
        if self.in_flight():
            self.doubled.append(submission)
        self.submissions.append(submission)
        self._open.append(submission)
        self._rows[submission.extrinsic.hash] = submission.row
        self.follow(submission.extrinsic)

    def sent_elsewhere(self, extrinsic: Extrinsic, row: Row) -> None:
        """Another program sends weights with our key."""
        self._foreign[extrinsic.hash] = row
        self.follow(extrinsic)

    def follow(self, extrinsic: Extrinsic) -> None:
        """It is on its way."""
        self._fates[extrinsic.hash] = Pending()

    def refused(self, extrinsic: Extrinsic) -> None:
        """The pool has not taken it."""
        self._fates[extrinsic.hash] = Dead()

    def fate(self, extrinsic: Extrinsic) -> Fate:
        """What became of it so far; what was lost on the way counts as pending as long as nobody can know that it was."""
        fate = self._fates[extrinsic.hash]
        is_void = extrinsic.dies_at is not None and self._chain.head + 1 >= extrinsic.dies_at
        return Dead() if is_void and isinstance(fate, Pending) else fate

    def in_flight(self) -> int:
        """Submissions of our program that could still land."""
        self._open = [each for each in self._open if isinstance(self.fate(each.extrinsic), Pending)]
        return len(self._open)

    def _on_block(self, built: BuiltBlock) -> None:
        for given_up in built.retracted:
            self.landed.pop(given_up.number, None)
            self.elsewhere.pop(given_up.number, None)
            for extrinsic in given_up.extrinsics:
                self.follow(extrinsic)
        if built.extrinsics:
            self._include(built)
        for digest in built.dropped:
            self._fates[digest] = Dead()

    def _include(self, built: BuiltBlock) -> None:
        failed = {
            record.extrinsic: record.event.error
            for record in self._chain.at(built.number).get(storage.EVENTS)
            if isinstance(record.event, ExtrinsicFailed)
        }
        for place, extrinsic in enumerate(built.extrinsics):
            if place in failed:
                self._fates[extrinsic.hash] = Dead(failed[place])
            else:
                self._land(extrinsic, built.number)

    def _land(self, extrinsic: Extrinsic, block: Block) -> None:
        self._fates[extrinsic.hash] = Landed(block)
        for rows, landed in ((self._rows, self.landed), (self._foreign, self.elsewhere)):
            if extrinsic.hash in rows:
                landed[block] = rows[extrinsic.hash]
