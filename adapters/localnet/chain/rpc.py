"""The node's JSON-RPC methods: one table from a Substrate method's name to what answers it.

Only what reads or submits stands here; subscriptions belong to a connection and live in `node`.
"""

from collections.abc import Callable
from typing import Any

from adapters.localnet.chain import storage
from adapters.localnet.chain.chain import BuiltBlock, LocalChain
from adapters.localnet.chain.codec import Codec, ScaleError, SignedFor
from adapters.localnet.chain.hashes import BlockHashes, BlockId
from adapters.localnet.chain.metadata import (
    TRANSACTION_VERSION,
    build_metadata,
    opaque,
)
from adapters.localnet.chain.pool import Extrinsic, PoolError
from adapters.localnet.chain.state import StateView
from adapters.localnet.chain.storage import Item
from adapters.localnet.chain.store import HistoryError
from adapters.localnet.chain.views import VIEWS
from core.types import Block, Hotkey

INVALID_PARAMS = -32602
METHOD_NOT_FOUND = -32601
UNKNOWN_BLOCK = 4003
EXECUTION_FAILED = 4002
_METADATA_CALL = "Metadata_metadata_at_version"
_METADATA_VERSION = 15
_PAGE_LIMIT = 1_000

Params = list[Any]


class RpcError(Exception):
    """A JSON-RPC error answer."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class Rpc:
    """Answers requests about one chain. `behind_ms` says how much earlier than the chain it tells the time.

    Raises from every method: RpcError, with the code and words of a Substrate node.
    """

    def __init__(self, chain: LocalChain, behind_ms: Callable[[], int] = lambda: 0) -> None:
        self.chain = chain
        self._behind_ms = behind_ms
        self._metadata = build_metadata(chain.genesis.block_time_ms)
        self._codec = Codec(self._metadata)
        self._hashes = BlockHashes(self._metadata, repr(chain.genesis).encode())

    def answer(self, method: str, params: Params) -> Any:
        """The result of a method.

        Raises:
            RpcError: there is no such method, its parameters do not fit, or the chain refuses.
        """
        if method not in METHODS:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {method}")
        return guarded(lambda: METHODS[method](self, params))

    def hash_of(self, block: Block | BlockId) -> str:
        """The hash of a block; of a height, that of the block that the chain has there now."""
        return self._hashes.of(block if isinstance(block, BlockId) else self.chain.id_of(block))

    def submit(self, params: Params) -> Extrinsic:
        """Check an extrinsic given as hex, and put it into the pool."""
        chain = SignedFor(self.chain.head, self.chain.at().spec_version(), self._signed_block)
        extrinsic = self._codec.extrinsic(_bytes(_text(params, 0)), chain)
        self.chain.submit(extrinsic)
        return extrinsic

    def header(self, block: Block) -> dict[str, Any]:
        parent = self.hash_of(Block(block - 1)) if block else "0x" + "00" * 32
        root = self.hash_of(block)
        return {
            "number": hex(block),
            "parentHash": parent,
            "stateRoot": root,
            "extrinsicsRoot": root,
            "digest": {"logs": []},
        }

    def block_hash(self, params: Params) -> str | None:
        number = self.chain.head if _given(params, 0) is None else Block(_number(params[0]))
        return self.hash_of(number) if number <= self.chain.head else None

    def head_hash(self, _params: Params) -> str:
        return self.hash_of(self.chain.head)

    def finalized_hash(self, _params: Params) -> str:
        return self.hash_of(self.chain.finalized)

    def get_header(self, params: Params) -> dict[str, Any] | None:
        block = self._named_block(params, 0)
        return None if block is None else self.header(block)

    def get_block(self, params: Params) -> dict[str, Any] | None:
        block = self._named_block(params, 0)
        built = None if block is None else self.chain.block(block)
        return None if built is None else {"block": self._body(built), "justifications": None}

    def runtime_version(self, params: Params) -> dict[str, Any]:
        return {
            "specName": "local-subtensor",
            "implName": "local-subtensor",
            "specVersion": self._state(params, 0).spec_version(),
            "transactionVersion": TRANSACTION_VERSION,
        }

    def next_index(self, params: Params) -> int:
        return self.chain.next_nonce(Hotkey(_text(params, 0)))

    def storage_at(self, params: Params) -> str | None:
        return self._storage(_text(params, 0), self._state(params, 1))

    def query_storage_at(self, params: Params) -> list[dict[str, Any]]:
        state = self._state(params, 1)
        keys = _given(params, 0)
        if not isinstance(keys, list):
            raise RpcError(INVALID_PARAMS, f"Invalid params: expected a list of keys, got {keys!r}")
        changes = [[key, self._storage(key, state)] for key in keys]
        return [{"block": self.hash_of(state.block), "changes": changes}]

    def keys_paged(self, params: Params) -> list[str]:
        """Keys of one map below a prefix, in order, after `start`: prefix, count, start, block hash."""
        prefix, count = _bytes(_text(params, 0)), min(_number(_given(params, 1)), _PAGE_LIMIT)
        start = _bytes(_given(params, 2) or _text(params, 0))
        item = self._codec.item_of(prefix)
        if item is None:
            return []
        keys = sorted(self._codec.key(item, each) for each in self._state(params, 3).keys(item))
        return [_hex(key) for key in keys if key.startswith(prefix) and key > start][:count]

    def call(self, params: Params) -> str:
        """A runtime call: name, SCALE arguments, block hash."""
        name, data = _text(params, 0), _bytes(_text(params, 1))
        if name == _METADATA_CALL:
            wanted = int.from_bytes(data[:4], "little")
            return _hex(b"\1" + opaque(self._metadata) if wanted == _METADATA_VERSION else b"\0")
        api, _, method = name.partition("_")
        if not self._codec.has_method(api, method):
            raise RpcError(EXECUTION_FAILED, f"Exported method {name} is not found")
        arguments = self._codec.arguments(api, method, data)
        view = VIEWS[name](self._state(params, 2), *arguments)
        return _hex(self._codec.answer(api, method, view))

    def submit_extrinsic(self, params: Params) -> str:
        return self.submit(params).hash

    def _body(self, built: BuiltBlock) -> dict[str, Any]:
        extrinsics = [_hex(extrinsic.raw) for extrinsic in built.extrinsics]
        return {"header": self.header(built.number), "extrinsics": extrinsics}

    def _named_block(self, params: Params, place: int) -> Block | None:
        """The block whose hash stands at a place of the parameters; the head where none does."""
        if _given(params, place) is None:
            return self.chain.head
        named = self._hashes.block(_text(params, place))
        if named is None or named.number > self.chain.head or named != self.chain.id_of(named.number):
            return None
        return named.number

    def _signed_block(self, number: Block) -> tuple[BlockId, bytes]:
        block = self.chain.id_of(number)
        return block, self._hashes.raw(block)

    def _state(self, params: Params, place: int) -> StateView:
        block = self._named_block(params, place)
        if block is None:
            raise RpcError(
                UNKNOWN_BLOCK, f"UnknownBlock: Header was not found in the database: {params[place]}"
            )
        return self.chain.at(block)

    def _storage(self, key_hex: object, state: StateView) -> str | None:
        key = _bytes(key_hex)
        item: Item[Any] | None = self._codec.item_of(key)
        if item is None:
            return None
        value = state.present(item, *self._codec.params_of(item, key))
        if item == storage.NOW and value is not None:
            value = max(0, value - self._behind_ms())
        return None if value is None else _hex(self._codec.value(item, value))


def guarded(answer: Callable[[], Any]) -> Any:
    """The answer, with what the chain refuses on the way told as a JSON-RPC error."""
    try:
        return answer()
    except PoolError as refusal:
        raise RpcError(refusal.code, refusal.message, refusal.data) from refusal
    except HistoryError as error:
        raise RpcError(UNKNOWN_BLOCK, f"State already discarded: {error}") from error
    except ScaleError as error:
        raise RpcError(INVALID_PARAMS, f"Invalid params: {error}") from error


def _given(params: Params, place: int) -> object:
    """What stands at a place of the parameters, None where they end before it."""
    return params[place] if place < len(params) else None


def _text(params: Params, place: int) -> str:
    value = _given(params, place)
    if not isinstance(value, str):
        raise RpcError(INVALID_PARAMS, f"Invalid params: expected text at place {place}, got {value!r}")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 64:
        raise RpcError(INVALID_PARAMS, f"Invalid params: expected a number, got {value!r}")
    return value


def _bytes(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text).removeprefix("0x"))
    except ValueError as error:
        raise RpcError(INVALID_PARAMS, f"Invalid params: {text!r} is not hex") from error


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


METHODS: dict[str, Callable[[Rpc, Params], Any]] = {
    "account_nextIndex": Rpc.next_index,
    "author_submitExtrinsic": Rpc.submit_extrinsic,
    "chain_getBlock": Rpc.get_block,
    "chain_getBlockHash": Rpc.block_hash,
    "chain_getFinalizedHead": Rpc.finalized_hash,
    "chain_getHead": Rpc.head_hash,
    "chain_getHeader": Rpc.get_header,
    "state_call": Rpc.call,
    "state_getKeysPaged": Rpc.keys_paged,
    "state_getRuntimeVersion": Rpc.runtime_version,
    "state_getStorage": Rpc.storage_at,
    "state_getStorageAt": Rpc.storage_at,
    "state_queryStorageAt": Rpc.query_storage_at,
}
