"""Block hashes that carry the block's number.

Without forks a block is known by its height, so a hash is the chain's own mark followed by that number. The
mark follows from metadata and genesis: clients cache metadata by the genesis hash, and two chains that
differ must not share it.
"""

import re
from hashlib import blake2b

from core.types import Block

_MARK_BYTES = 24
_OURS = re.compile(r"0x(?P<mark>[0-9a-f]{48})(?P<number>[0-9a-f]{16})")


class BlockHashes:
    """Hashes of one chain."""

    def __init__(self, *identity: bytes) -> None:
        digest = blake2b(digest_size=_MARK_BYTES)
        for part in identity:
            digest.update(len(part).to_bytes(8, "little") + part)
        self._mark = digest.digest()

    def raw(self, block: Block) -> bytes:
        return self._mark + block.to_bytes(32 - _MARK_BYTES, "big")

    def of(self, block: Block) -> str:
        """The hash as 0x-hex."""
        return "0x" + self.raw(block).hex()

    def block(self, block_hash: str) -> Block | None:
        """The block that a hash stands for, None if it is not one of ours."""
        own = _OURS.fullmatch(block_hash)
        if own is None or own["mark"] != self._mark.hex():
            return None
        return Block(int(own["number"], 16))
