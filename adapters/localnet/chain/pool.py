"""The transaction pool: signed extrinsics that wait for a block. Bounded, one per account and nonce.

Only what a reorganisation gives back may exceed the bound, for as long as it takes to build the next block.
"""

from collections.abc import Iterable, Iterator

import attrs

from adapters.localnet.chain.calls import Call
from adapters.localnet.chain.hashes import BlockId
from core.types import Block, Hotkey

POOL_LIMIT = 1_024


class PoolError(Exception):
    """The pool does not take an extrinsic; `code`, `message` and `data` are what a node answers."""

    def __init__(self, code: int, message: str, data: str) -> None:
        super().__init__(f"{message}: {data}")
        self.code, self.message, self.data = code, message, data


def invalid_transaction(reason: str) -> PoolError:
    """The answer to an extrinsic that no block can hold."""
    return PoolError(1010, "Invalid Transaction", reason)


@attrs.frozen
class Extrinsic:
    """A call with its signer's word for it, the signature already checked.

    Attributes:
        raw: the bytes as received.
        hash: 0x-hex of their blake2b-256.
        dies_at: first block that may no longer hold it, None for never.
        born: the block that the signature is bound to; it holds only as long as that one is part of the chain.
        spec_version: the runtime that the signature is bound to. None for both: it holds for any.
    """

    raw: bytes
    hash: str
    signer: Hotkey
    nonce: int
    call: Call
    dies_at: Block | None = None
    born: BlockId | None = None
    spec_version: int | None = None


class Pool:
    """What waits, in order of arrival."""

    def __init__(self) -> None:
        self._waiting: dict[str, Extrinsic] = {}

    def __iter__(self) -> Iterator[Extrinsic]:
        """All that waits: lower nonces first, of equal ones the earlier."""
        return iter(sorted(self._waiting.values(), key=lambda extrinsic: extrinsic.nonce))

    def check_room(self, extrinsic: Extrinsic) -> None:
        """Refuse what is here already, or what there is no room for.

        Raises:
            PoolError: it would not be added.
        """
        if extrinsic.hash in self._waiting:
            raise PoolError(1013, "Transaction is already imported", "Already Imported")
        if extrinsic.nonce in self.nonces(extrinsic.signer):
            raise PoolError(1014, "Priority is too low", "The account has an extrinsic of this nonce waiting")
        if len(self._waiting) >= POOL_LIMIT:
            raise PoolError(1016, "Immediately Dropped", f"The pool is full: {POOL_LIMIT} extrinsics wait")

    def add(self, extrinsic: Extrinsic) -> None:
        self._waiting[extrinsic.hash] = extrinsic

    def put_back(self, extrinsics: Iterable[Extrinsic]) -> None:
        """Let what was part of a block wait again, before all that waits already."""
        self._waiting = {each.hash: each for each in extrinsics} | self._waiting

    def remove(self, extrinsic: Extrinsic) -> None:
        del self._waiting[extrinsic.hash]

    def nonces(self, account: Hotkey) -> frozenset[int]:
        """Nonces of the account that are spoken for."""
        return frozenset(each.nonce for each in self._waiting.values() if each.signer == account)
