"""Block hashes that carry the block's number and its fork.

Blocks of one height differ by the fork they belong to, so a hash is the chain's own mark followed by fork and
number. The mark follows from metadata and genesis: clients cache metadata by the genesis hash, and two
chains that differ must not share it.
"""

import re
from hashlib import blake2b

import attrs

from core.types import Block

_MARK_BYTES = 24
_NUMBER_BYTES = _FORK_BYTES = 4
_OURS = re.compile(r"0x(?P<mark>[0-9a-f]{48})(?P<fork>[0-9a-f]{8})(?P<number>[0-9a-f]{8})")


@attrs.frozen
class BlockId:
    """A block: its height, and the fork on which it was built (0 until the first reorganisation)."""

    number: Block
    fork: int = 0


class BlockHashes:
    """Hashes of one chain."""

    def __init__(self, *identity: bytes) -> None:
        digest = blake2b(digest_size=_MARK_BYTES)
        for part in identity:
            digest.update(len(part).to_bytes(8, "little") + part)
        self._mark = digest.digest()

    def raw(self, block: BlockId) -> bytes:
        fork, number = block.fork.to_bytes(_FORK_BYTES, "big"), block.number.to_bytes(_NUMBER_BYTES, "big")
        return self._mark + fork + number

    def of(self, block: BlockId) -> str:
        """The hash as 0x-hex."""
        return "0x" + self.raw(block).hex()

    def block(self, block_hash: str) -> BlockId | None:
        """The block that a hash stands for, built or not, given up or not; None if it is not one of ours."""
        own = _OURS.fullmatch(block_hash)
        if own is None or own["mark"] != self._mark.hex():
            return None
        return BlockId(Block(int(own["number"], 16)), int(own["fork"], 16))
