"""One client of the node: its requests, its subscriptions, and the frames that wait to be sent to it.

Pure of sockets: frames go into `post`, which the node empties into the connection. A reply always precedes
the first notification of the subscription that it opens.
"""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import attrs

from adapters.localnet.chain.chain import BuiltBlock
from adapters.localnet.chain.rpc import INVALID_PARAMS, Params, Rpc, RpcError, guarded
from core.types import Block

SUBSCRIPTION_LIMIT = 1_024
_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_NEW_HEAD = "chain_newHead"
_FINALIZED_HEAD = "chain_finalizedHead"
_HEADS = {"chain_subscribeNewHeads": _NEW_HEAD, "chain_subscribeFinalizedHeads": _FINALIZED_HEAD}
_SUBMIT_AND_WATCH = "author_submitAndWatchExtrinsic"
_EXTRINSIC_UPDATE = "author_extrinsicUpdate"
_UNSUBSCRIBE = frozenset(
    {"chain_unsubscribeNewHeads", "chain_unsubscribeFinalizedHeads", "author_unwatchExtrinsic"}
)


@attrs.define
class Session:
    """The conversation with one client."""

    rpc: Rpc
    post: Callable[[str], None]
    _ids: "count[int]" = attrs.field(factory=lambda: count(1), init=False)
    _heads: dict[str, str] = attrs.field(factory=dict, init=False)
    _watched: dict[str, str] = attrs.field(factory=dict, init=False)
    _later: list[str] = attrs.field(factory=list, init=False)
    _finalized: Block = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._finalized = self.rpc.chain.finalized

    def receive(self, frame: str | bytes) -> None:
        """Answer one frame: a request, or a batch of them."""
        try:
            request = json.loads(frame)
        except (ValueError, RecursionError):
            self.post(json.dumps(_failure(None, RpcError(_PARSE_ERROR, "Parse error"))))
            return
        reply = [self._reply(each) for each in request] if isinstance(request, list) else self._reply(request)
        self.post(json.dumps(reply))
        self._flush()

    def on_block(self, built: BuiltBlock) -> None:
        """Tell the client what it subscribed to: extrinsics first, as they are part of the head that follows."""
        for given_up in built.retracted:
            self._tell_of(given_up, "retracted")
        self._tell_of(built, "inBlock")
        for dropped in built.dropped:
            self._tell_watchers(dropped, "invalid")
            self._end_watch(dropped)
        self._tell_head(_NEW_HEAD, built.number)
        for number in range(self._finalized + 1, built.finalized + 1):
            self._finalize(Block(number))
        self._flush()

    def _finalize(self, number: Block) -> None:
        self._finalized = number
        block = self.rpc.chain.block(number)
        if block is not None:
            self._tell_of(block, "finalized")
            for extrinsic in block.extrinsics:
                self._end_watch(extrinsic.hash)
        self._tell_head(_FINALIZED_HEAD, number)

    def _tell_of(self, block: BuiltBlock, status: str) -> None:
        """Tell the watchers of a block's extrinsics what has become of the block."""
        for extrinsic in block.extrinsics:
            self._tell_watchers(extrinsic.hash, {status: self.rpc.hash_of(block.id)})

    def _tell_head(self, event: str, number: Block) -> None:
        for subscription, wanted in self._heads.items():
            if wanted == event:
                self._notify(event, subscription, self.rpc.header(number))

    def _reply(self, request: Any) -> dict[str, Any]:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _failure(None, RpcError(_INVALID_REQUEST, "Invalid Request"))
        identifier, params = request.get("id"), request.get("params", [])
        if not isinstance(params, list):
            return _failure(identifier, RpcError(INVALID_PARAMS, "Invalid params: give them as a list"))
        try:
            return {"jsonrpc": "2.0", "id": identifier, "result": self._answer(request["method"], params)}
        except RpcError as error:
            return _failure(identifier, error)

    def _answer(self, method: str, params: Params) -> Any:
        if method in _HEADS:
            return self._subscribe_heads(_HEADS[method])
        if method == _SUBMIT_AND_WATCH:
            return self._submit_and_watch(params)
        if method in _UNSUBSCRIBE:
            return self._unsubscribe(params)
        return self.rpc.answer(method, params)

    def _subscribe_heads(self, event: str) -> str:
        subscription = self._new_subscription()
        self._heads[subscription] = event
        chain = self.rpc.chain
        self._notify(
            event, subscription, self.rpc.header(chain.head if event == _NEW_HEAD else chain.finalized)
        )
        return subscription

    def _submit_and_watch(self, params: Params) -> str:
        subscription = self._new_subscription()
        extrinsic = guarded(lambda: self.rpc.submit(params))
        self._watched[subscription] = extrinsic.hash
        self._notify(_EXTRINSIC_UPDATE, subscription, "ready")
        return subscription

    def _unsubscribe(self, params: Params) -> bool:
        subscription = str(params[0]) if params else ""
        known = self._heads.pop(subscription, None) or self._watched.pop(subscription, None)
        return known is not None

    def _new_subscription(self) -> str:
        if len(self._heads) + len(self._watched) >= SUBSCRIPTION_LIMIT:
            raise RpcError(
                -32006, f"Too many subscriptions: this node keeps {SUBSCRIPTION_LIMIT} a connection"
            )
        return str(next(self._ids))

    def _tell_watchers(self, extrinsic_hash: str, status: object) -> None:
        for subscription, watched in self._watched.items():
            if watched == extrinsic_hash:
                self._notify(_EXTRINSIC_UPDATE, subscription, status)

    def _end_watch(self, extrinsic_hash: str) -> None:
        self._watched = {key: value for key, value in self._watched.items() if value != extrinsic_hash}

    def _notify(self, event: str, subscription: str, result: object) -> None:
        params = {"subscription": subscription, "result": result}
        self._later.append(json.dumps({"jsonrpc": "2.0", "method": event, "params": params}))

    def _flush(self) -> None:
        for frame in self._later:
            self.post(frame)
        self._later.clear()


def _failure(identifier: object, error: RpcError) -> dict[str, Any]:
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if error.data is not None:
        body["data"] = error.data
    return {"jsonrpc": "2.0", "id": identifier, "error": body}
