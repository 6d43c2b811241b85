"""A block as the chain keeps it and tells of it."""

from collections.abc import Callable

import attrs

from adapters.localnet.chain.hashes import BlockId
from adapters.localnet.chain.pool import Extrinsic
from core.types import Block


@attrs.frozen
class BuiltBlock:
    """A block as listeners are told of it.

    Attributes:
        extrinsics: those in it, in order.
        dropped: hashes of those that left the pool for good beside it.
        fork: on which it was built; `id` names it for good, its height only until a reorganisation.
        finalized: the last block that is final once this one is built; the blocks up to it were told before.
        is_best: it is higher than any before it. The first blocks of a fork are not; nodes tell clients only of heads
            that are.
        retracted: the blocks that this one's fork takes the place of, lowest first; with its first block only.
            Their extrinsics wait again, and are told of anew as part of this block or a later one, or as dropped.
    """

    number: Block
    extrinsics: tuple[Extrinsic, ...] = ()
    dropped: tuple[str, ...] = ()
    fork: int = 0
    finalized: Block = Block(0)
    is_best: bool = True
    retracted: tuple["BuiltBlock", ...] = ()

    @property
    def id(self) -> BlockId:
        return BlockId(self.number, self.fork)


BlockListener = Callable[[BuiltBlock], None]
