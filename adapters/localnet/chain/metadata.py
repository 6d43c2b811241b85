"""The runtime's metadata, version 15: from it clients learn names, types and indices of everything served.

Built from our own declarations (`storage`, `runtime_types`), so it holds only what the local chain really
has. Layout: frame-metadata `RuntimeMetadataV15`, see https://docs.rs/frame-metadata (module `v15`).
"""

from collections.abc import Iterable

from adapters.localnet.chain import runtime_types as rt
from adapters.localnet.chain.absent import ABSENT
from adapters.localnet.chain.scale_types import (
    U64,
    Array,
    Compact,
    Composite,
    Field,
    Primitive,
    Sequence,
    Tuple,
    Type,
    Variant,
    Variants,
)
from adapters.localnet.chain.storage import ITEMS, Item
from adapters.localnet.chain.view_types import RUNTIME_APIS

SPEC_VERSION = 1
TRANSACTION_VERSION = 1
_EXTRINSIC_VERSION = 4
_NO_DOCS = b"\0"
_NONE = b"\0"


def compact(number: int) -> bytes:
    """An unsigned integer below 2**30 in SCALE's compact form."""
    if number < 1 << 6:
        return bytes([number << 2])
    if number < 1 << 14:
        return (number << 2 | 1).to_bytes(2, "little")
    return (number << 2 | 2).to_bytes(4, "little")


def _vector(items: Iterable[bytes]) -> bytes:
    parts = list(items)
    return compact(len(parts)) + b"".join(parts)


def _text(text: str) -> bytes:
    return opaque(text.encode())


def opaque(data: bytes) -> bytes:
    """Bytes with their length in front."""
    return compact(len(data)) + data


def _some(data: bytes) -> bytes:
    return b"\1" + data


class _Registry:
    """Numbers each distinct type; a type comes after those it is made of."""

    def __init__(self) -> None:
        self._ids: dict[Type, int] = {}
        self._entries: list[bytes] = []

    def ref(self, of: Type) -> bytes:
        if of not in self._ids:
            body = self._definition(of)
            self._ids[of] = len(self._entries)
            path = of.path if isinstance(of, Composite | Variants) else ()
            self._entries.append(
                compact(self._ids[of]) + _vector(map(_text, path)) + _vector([]) + body + _NO_DOCS
            )
        return compact(self._ids[of])

    def encoded(self) -> bytes:
        return _vector(self._entries)

    def _definition(self, of: Type) -> bytes:
        match of:
            case Composite():
                return b"\0" + self._fields(of.fields)
            case Variants():
                return b"\1" + _vector(map(self._variant, of.variants))
            case Sequence():
                return b"\2" + self.ref(of.of)
            case Array():
                return b"\3" + of.length.to_bytes(4, "little") + self.ref(of.of)
            case Tuple():
                return b"\4" + _vector(map(self.ref, of.items))
            case Primitive():
                return bytes([5, of.code])
            case Compact():
                return b"\6" + self.ref(of.of)

    def _fields(self, fields: tuple[Field, ...]) -> bytes:
        return _vector(
            (_some(_text(field.name)) if field.name else _NONE) + self.ref(field.type) + _NONE + _NO_DOCS
            for field in fields
        )

    def _variant(self, variant: Variant) -> bytes:
        return _text(variant.name) + self._fields(variant.fields) + bytes([variant.index]) + _NO_DOCS


def build_metadata(block_time_ms: int) -> bytes:
    """The metadata blob, with its magic and version in front."""
    types = _Registry()
    body = b"".join(
        (
            _vector(_pallet(types, name, block_time_ms) for name in rt.PALLET_INDEX),
            _extrinsic(types),
            types.ref(rt.RUNTIME),
            _vector(_api(types, name) for name in RUNTIME_APIS),
            *(types.ref(of) for of in (rt.RUNTIME_CALL, rt.RUNTIME_EVENT, rt.RUNTIME_ERROR)),
            _vector([]),
        )
    )
    return b"meta\x0f" + types.encoded() + body


def _pallet(types: _Registry, name: str, block_time_ms: int) -> bytes:
    items = [item for item in (*ITEMS, *ABSENT) if item.pallet == name]
    storage = _some(_text(name) + _vector(_item(types, item) for item in items)) if items else _NONE
    calls = {"SubtensorModule": rt.CALLS}.get(name)
    events = {"System": rt.SYSTEM_EVENTS, "SubtensorModule": rt.SUBTENSOR_EVENTS}.get(name)
    errors = {"SubtensorModule": rt.ERRORS}.get(name)
    return b"".join(
        (
            _text(name),
            storage,
            _optional(types, calls),
            _optional(types, events),
            _constants(types, name, block_time_ms),
            _optional(types, errors),
            bytes([rt.PALLET_INDEX[name]]),
            _NO_DOCS,
        )
    )


def _optional(types: _Registry, of: Type | None) -> bytes:
    return _some(types.ref(of)) if of else _NONE


def _constants(types: _Registry, pallet: str, block_time_ms: int) -> bytes:
    """The constants that clients ask for: block time, smallest balance, and how long a subnet waits for its start."""
    values = {
        "Aura": ("SlotDuration", block_time_ms),
        "Balances": ("ExistentialDeposit", 500),
        "SubtensorModule": ("InitialStartCallDelay", 0),
    }
    if pallet not in values:
        return _vector([])
    name, value = values[pallet]
    return _vector([_text(name) + types.ref(U64) + opaque(value.to_bytes(8, "little")) + _NO_DOCS])


def _item(types: _Registry, item: Item[object]) -> bytes:
    modifier = b"\0" if item.default is None else b"\1"
    if not item.keys:
        shape = b"\0" + types.ref(item.value)
    else:
        key = item.keys[0].type if len(item.keys) == 1 else Tuple(tuple(key.type for key in item.keys))
        hashers = _vector(bytes([key.hasher]) for key in item.keys)
        shape = b"\1" + hashers + types.ref(key) + types.ref(item.value)
    return _text(item.name) + modifier + shape + opaque(item.default_bytes) + _NO_DOCS


def _extrinsic(types: _Registry) -> bytes:
    extra = Tuple(tuple(extension[1] for extension in rt.EXTENSIONS))
    parts: tuple[Type, ...] = (rt.MULTI_ADDRESS, rt.RUNTIME_CALL, rt.MULTI_SIGNATURE, extra)
    extensions = (
        _text(name) + types.ref(carried) + types.ref(signed) for name, carried, signed in rt.EXTENSIONS
    )
    return bytes([_EXTRINSIC_VERSION]) + b"".join(map(types.ref, parts)) + _vector(extensions)


def _api(types: _Registry, name: str) -> bytes:
    methods = (
        _text(method)
        + _vector(_text(argument) + types.ref(of) for argument, of in inputs)
        + types.ref(output)
        + _NO_DOCS
        for method, (inputs, output) in RUNTIME_APIS[name].items()
    )
    return _text(name) + _vector(methods) + _NO_DOCS
