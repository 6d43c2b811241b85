"""SCALE at the node's edge: storage keys and values, runtime answers, signed extrinsics.

`bittensor_core.Runtime`, the codec that clients use, does the encoding from our own metadata.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, assert_never

import attrs
import bittensor_core as core  # type: ignore[import-untyped]  # compiled, ships no stubs

from adapters.localnet.chain.absent import ABSENT
from adapters.localnet.chain.calls import (
    AxonServed,
    BurnedRegister,
    Call,
    CommitTimelockedMechanismWeights,
    DispatchError,
    Event,
    EventRecord,
    ExtrinsicFailed,
    ExtrinsicSuccess,
    NeuronRegistered,
    ServeAxon,
    SetMechanismWeights,
    TimelockedWeightsCommitted,
    TimelockedWeightsNotRevealed,
    TimelockedWeightsRevealed,
    WeightsSet,
)
from adapters.localnet.chain.hashes import BlockId
from adapters.localnet.chain.metadata import SPEC_VERSION, TRANSACTION_VERSION, opaque
from adapters.localnet.chain.pool import Extrinsic, invalid_transaction
from adapters.localnet.chain.runtime_types import PALLET_INDEX
from adapters.localnet.chain.storage import ITEMS, SUBTENSOR, Item
from adapters.localnet.chain.store import Params
from core.types import Block, Hotkey

SS58_FORMAT = 42
_PREFIX_BYTES = 32
_CRYPTO_TYPES = {"Ed25519": core.CRYPTO_ED25519, "Sr25519": core.CRYPTO_SR25519}
_DISPATCH_INFO = {"weight": {"ref_time": 1, "proof_size": 1}, "class": "Normal", "pays_fee": "No"}
_CALLS: dict[str, type[Call]] = {
    "burned_register": BurnedRegister,
    "commit_timelocked_mechanism_weights": CommitTimelockedMechanismWeights,
    "serve_axon": ServeAxon,
    "set_mechanism_weights": SetMechanismWeights,
}
_CALL_NAMES = {kind: name for name, kind in _CALLS.items()}


class ScaleError(ValueError):
    """Bytes from outside are not what they should be."""


@attrs.frozen
class SignedFor:
    """What a signature must be bound to, besides the call: the chain as it stands.

    Attributes:
        head: the newest block, from which an era's first block is told.
        spec_version: the runtime's version there.
        block: the block at a height, and its raw hash.
    """

    head: Block
    spec_version: int
    block: Callable[[Block], tuple[BlockId, bytes]]


class Codec:
    """Encodes and decodes for one metadata blob."""

    def __init__(self, metadata: bytes) -> None:
        self._metadata = metadata
        self._runtime = core.Runtime(metadata, SPEC_VERSION, TRANSACTION_VERSION, SS58_FORMAT)
        self._apis: dict[str, dict[str, dict[str, Any]]] = self._runtime.runtime_api_map()
        self._items: dict[bytes, Item[Any]] = {
            bytes(self._runtime.storage_prefix(item.pallet, item.name)): item for item in (*ITEMS, *ABSENT)
        }

    def item_of(self, key: bytes) -> Item[Any] | None:
        """The storage item that a key, or the beginning of one, belongs to."""
        return self._items.get(key[:_PREFIX_BYTES])

    def params_of(self, item: Item[Any], key: bytes) -> Params:
        """The parameters in a full storage key.

        Raises:
            ScaleError: the key is cut short or malformed.
        """
        if not item.keys:
            return ()
        try:
            return tuple(self._runtime.decode_storage_key_params(item.pallet, item.name, key, 0))
        except ValueError as error:
            raise ScaleError(f"not a key of {item.pallet}.{item.name}: {error}") from error

    def key(self, item: Item[Any], params: Params) -> bytes:
        return bytes(self._runtime.storage_key(item.pallet, item.name, list(params)))

    def value(self, item: Item[Any], value: object) -> bytes:
        entry = self._runtime.storage_entry(item.pallet, item.name)
        return bytes(self._runtime.encode(entry.value_type, _plain(value)))

    def has_method(self, api: str, method: str) -> bool:
        return method in self._apis.get(api, {})

    def arguments(self, api: str, method: str, data: bytes) -> tuple[Any, ...]:
        """The arguments of a runtime call.

        Raises:
            ScaleError: the bytes are not such arguments.
        """
        types = [type_name for _, type_name in self._apis[api][method]["inputs"]]
        try:
            if len(types) == 1:
                return (self._runtime.decode(types[0], data, True),)
            return tuple(self._runtime.decode(f"({', '.join(types)})", data, True))
        except ValueError as error:
            raise ScaleError(f"not the arguments of {api}.{method}: {error}") from error

    def answer(self, api: str, method: str, value: object) -> bytes:
        return bytes(self._runtime.encode(self._apis[api][method]["output"], value))

    def extrinsic(self, raw: bytes, chain: SignedFor) -> Extrinsic:
        """A signed extrinsic whose signature holds for this chain, its runtime, this nonce and this era.

        Raises:
            PoolError: it does not decode, calls what we do not have, or the signature is another's.
        """
        try:
            fields = self._runtime.decode_extrinsic(raw, True)
            call = _call(fields["call"], raw)
            (scheme, signature), *_ = fields["signature"].items()
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise invalid_transaction(f"The extrinsic cannot be decoded: {error}") from error
        born, dies_at = self._check_signature(fields, call, (scheme, signature), chain)
        digest = "0x" + blake2b(raw, digest_size=32).hexdigest()
        signer, nonce = Hotkey(fields["address"]), fields["nonce"]
        return Extrinsic(raw, digest, signer, nonce, call, dies_at, born, chain.spec_version)

    def _check_signature(
        self, fields: dict[str, Any], call: Call, signed: tuple[str, str], chain: SignedFor
    ) -> tuple[BlockId, Block | None]:
        """Rebuild what the signer must have signed; returns the block it is bound to, and that at which it dies."""
        era, birth, dies_at = _era(fields["era"], chain.head)
        born, birth_hash = chain.block(birth)
        payload = self._of_version(chain.spec_version).signature_payload(
            self._encoded_call(call),
            era=era,
            nonce=fields["nonce"],
            tip=fields["tip"],
            tip_asset_id=None,
            genesis_hash=chain.block(Block(0))[1],
            era_block_hash=birth_hash,
            metadata_hash=None,
        )
        scheme, signature = signed
        proof = bytes.fromhex(signature.removeprefix("0x"))
        if not core.verify(bytes(payload), proof, fields["address"], _CRYPTO_TYPES[scheme]):
            raise invalid_transaction("Transaction has a bad signature")
        return born, dies_at

    def _of_version(self, spec_version: int) -> core.Runtime:
        """The runtime as of a version: only the versions themselves tell it from the others."""
        if spec_version == SPEC_VERSION:
            return self._runtime
        return core.Runtime(self._metadata, spec_version, TRANSACTION_VERSION, SS58_FORMAT)

    def _encoded_call(self, call: Call) -> bytes:
        arguments = {name: _plain(value) for name, value in attrs.asdict(call, recurse=False).items()}
        return bytes(self._runtime.compose_call(SUBTENSOR, _CALL_NAMES[type(call)], arguments))


def _call(decoded: dict[str, Any], raw: bytes) -> Call:
    arguments = {argument["name"]: argument["value"] for argument in decoded["call_args"]}
    frozen: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()
    }
    if "commit" in frozen:
        frozen["commit"] = _octets(frozen["commit"], raw)
    return _CALLS[decoded["call_function"]](**frozen)


def _octets(decoded: str, raw: bytes) -> bytes:
    """Bytes that the codec gave as text where they are text, and as hex where not: those that `raw` really holds."""
    as_text = decoded.encode()
    return as_text if opaque(as_text) in raw else bytes.fromhex(decoded.removeprefix("0x"))


def _era(era: str | tuple[int, int], head: Block) -> tuple[object, Block, Block | None]:
    """An era as decoded: as the codec wants it for signing, with its first block and the one after its last."""
    if isinstance(era, str):
        return "00", Block(0), None
    period, phase = era
    birth = (max(head, phase) - phase) // period * period + phase
    return {"period": period, "current": birth}, Block(birth), Block(birth + period)


def _plain(value: object) -> object:
    """State values as the codec takes them."""
    if isinstance(value, tuple) and value and isinstance(value[0], EventRecord):
        return [_record(record) for record in value]
    if attrs.has(type(value)):
        return attrs.asdict(value)  # type: ignore[arg-type]  # attrs.has does not narrow
    return list(value) if isinstance(value, tuple) else value


def _record(record: EventRecord) -> dict[str, Any]:
    phase = "Initialization" if record.extrinsic is None else {"ApplyExtrinsic": record.extrinsic}
    return {"phase": phase, "event": _event(record.event), "topics": []}


def _event(event: Event) -> dict[str, Any]:
    match event:
        case ExtrinsicSuccess():
            return {"System": {"ExtrinsicSuccess": {"dispatch_info": _DISPATCH_INFO}}}
        case ExtrinsicFailed(error):
            failure = {"dispatch_error": _module_error(error), "dispatch_info": _DISPATCH_INFO}
            return {"System": {"ExtrinsicFailed": failure}}
        case WeightsSet(netuid, uid):
            return {SUBTENSOR: {"WeightsSet": (netuid, uid)}}
        case AxonServed(netuid, hotkey):
            return {SUBTENSOR: {"AxonServed": (netuid, hotkey)}}
        case NeuronRegistered(netuid, uid, hotkey):
            return {SUBTENSOR: {"NeuronRegistered": (netuid, uid, hotkey)}}
        case TimelockedWeightsCommitted(hotkey, index, commit_hash, reveal_round):
            committed = (hotkey, index, "0x" + commit_hash.hex(), reveal_round)
            return {SUBTENSOR: {"TimelockedWeightsCommitted": committed}}
        case TimelockedWeightsRevealed(index, hotkey):
            return {SUBTENSOR: {"TimelockedWeightsRevealed": (index, hotkey)}}
        case TimelockedWeightsNotRevealed(index, hotkey, reason):
            return {SUBTENSOR: {"TimelockedWeightsNotRevealed": (index, hotkey, reason)}}
        case _:
            assert_never(event)


def _module_error(error: DispatchError) -> dict[str, Any]:
    index = list(DispatchError).index(error)
    return {"Module": {"index": PALLET_INDEX[SUBTENSOR], "error": [index, 0, 0, 0]}}
