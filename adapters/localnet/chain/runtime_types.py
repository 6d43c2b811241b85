"""SCALE shapes of what the local runtime stores and takes. Names follow the public chain's."""

from adapters.localnet.chain.calls import DispatchError
from adapters.localnet.chain.scale_types import (
    BYTES,
    TEXT,
    U8,
    U16,
    U32,
    U64,
    U128,
    Array,
    Compact,
    Field,
    Sequence,
    Tuple,
    Type,
    Variant,
    Variants,
    named,
    newtype,
    option,
    plain_enum,
    struct,
)

PALLET_INDEX = {
    "System": 0,
    "Timestamp": 2,
    "Aura": 3,
    "Balances": 5,
    "SubtensorModule": 7,
    "Proxy": 16,
    "Commitments": 18,
    "MevShield": 30,
}
_PALLET_PATH = ("pallet_subtensor", "pallet")

ACCOUNT_ID = newtype(("sp_core", "crypto", "AccountId32"), Array(U8, 32))
H256 = newtype(("primitive_types", "H256"), Array(U8, 32))
MULTI_ADDRESS = Variants(
    ("sp_runtime", "multiaddress", "MultiAddress"),
    (Variant("Id", 0, (Field(ACCOUNT_ID),)), Variant("Index", 1, (Field(Compact(U32)),))),
)
MULTI_SIGNATURE = Variants(
    ("sp_runtime", "MultiSignature"),
    (Variant("Ed25519", 0, (Field(Array(U8, 64)),)), Variant("Sr25519", 1, (Field(Array(U8, 64)),))),
)
ERA = Variants(
    ("sp_runtime", "generic", "era", "Era"),
    (Variant("Immortal", 0), *(Variant(f"Mortal{i}", i, (Field(U8),)) for i in range(1, 256))),
)
CHECK_METADATA_HASH = struct(
    ("frame_metadata_hash_extension", "CheckMetadataHash"),
    mode=plain_enum(("frame_metadata_hash_extension", "Mode"), "Disabled", "Enabled"),
)

AXON_INFO = struct(
    (*_PALLET_PATH, "AxonInfo"),
    block=U64,
    version=U32,
    ip=U128,
    port=U16,
    ip_type=U8,
    protocol=U8,
    placeholder1=U8,
    placeholder2=U8,
)
ACCOUNT_INFO = struct(
    ("frame_system", "AccountInfo"),
    nonce=U32,
    consumers=U32,
    providers=U32,
    sufficients=U32,
    data=struct(("pallet_balances", "types", "AccountData"), free=U64, reserved=U64, frozen=U64),
)
RUNTIME_UPGRADE = struct(
    ("frame_system", "LastRuntimeUpgradeInfo"), spec_version=Compact(U32), spec_name=TEXT
)
EPOCH_CONSENSUS = plain_enum((*_PALLET_PATH, "EpochConsensus"), "Yuma", "Null")

WEIGHT = struct(("sp_weights", "weight_v2", "Weight"), ref_time=Compact(U64), proof_size=Compact(U64))
DISPATCH_CLASS = plain_enum(
    ("frame_support", "dispatch", "DispatchClass"), "Normal", "Operational", "Mandatory"
)
DISPATCH_INFO = struct(
    ("frame_system", "DispatchEventInfo"),
    weight=WEIGHT,
    **{"class": DISPATCH_CLASS},
    pays_fee=plain_enum(("frame_support", "dispatch", "Pays"), "Yes", "No"),
)
FEE_INFO = struct(
    ("pallet_transaction_payment", "types", "RuntimeDispatchInfo"),
    weight=WEIGHT,
    **{"class": DISPATCH_CLASS},
    partial_fee=U64,
)

CALLS = Variants(
    (*_PALLET_PATH, "Call"),
    (
        Variant(
            "serve_axon",
            4,
            named(
                netuid=U16,
                version=U32,
                ip=U128,
                port=U16,
                ip_type=U8,
                protocol=U8,
                placeholder1=U8,
                placeholder2=U8,
            ),
        ),
        Variant("burned_register", 7, named(netuid=U16, hotkey=ACCOUNT_ID)),
        Variant(
            "commit_timelocked_mechanism_weights",
            118,
            named(netuid=U16, mecid=U8, commit=BYTES, reveal_round=U64, commit_reveal_version=U16),
        ),
        Variant(
            "set_mechanism_weights",
            119,
            named(
                netuid=U16,
                mecid=U8,
                dests=Sequence(U16),
                weights=Sequence(U16),
                version_key=U64,
            ),
        ),
    ),
)
ERRORS = plain_enum((*_PALLET_PATH, "Error"), *DispatchError)
_MODULE_ERROR = struct(("sp_runtime", "ModuleError"), index=U8, error=Array(U8, 4))
_DISPATCH_ERROR = Variants(
    ("sp_runtime", "DispatchError"),
    (
        Variant("Other", 0),
        Variant("CannotLookup", 1),
        Variant("BadOrigin", 2),
        Variant("Module", 3, (Field(_MODULE_ERROR),)),
    ),
)
SYSTEM_EVENTS = Variants(
    ("frame_system", "pallet", "Event"),
    (
        Variant("ExtrinsicSuccess", 0, (Field(DISPATCH_INFO, "dispatch_info"),)),
        Variant(
            "ExtrinsicFailed",
            1,
            (Field(_DISPATCH_ERROR, "dispatch_error"), Field(DISPATCH_INFO, "dispatch_info")),
        ),
    ),
)
SUBTENSOR_EVENTS = Variants(
    (*_PALLET_PATH, "Event"),
    (
        Variant("WeightsSet", 0, (Field(U16), Field(U16))),
        Variant("AxonServed", 1, (Field(U16), Field(ACCOUNT_ID))),
        Variant("NeuronRegistered", 2, (Field(U16), Field(U16), Field(ACCOUNT_ID))),
        Variant("TimelockedWeightsCommitted", 3, (Field(ACCOUNT_ID), Field(U16), Field(H256), Field(U64))),
        Variant("TimelockedWeightsRevealed", 4, (Field(U16), Field(ACCOUNT_ID))),
        Variant("TimelockedWeightsNotRevealed", 5, (Field(U16), Field(ACCOUNT_ID), Field(TEXT))),
    ),
)


def _of_pallets(name: str, **pallets: Type) -> Variants:
    """The runtime's enum over pallets, numbered as the pallets are."""
    return Variants(
        ("local_runtime", name),
        tuple(Variant(pallet, PALLET_INDEX[pallet], (Field(of),)) for pallet, of in pallets.items()),
    )


RUNTIME_CALL = _of_pallets("RuntimeCall", SubtensorModule=CALLS)
RUNTIME_ERROR = _of_pallets("RuntimeError", SubtensorModule=ERRORS)
RUNTIME_EVENT = _of_pallets("RuntimeEvent", System=SYSTEM_EVENTS, SubtensorModule=SUBTENSOR_EVENTS)
EVENT_RECORD = struct(
    ("frame_system", "EventRecord"),
    phase=Variants(
        ("frame_system", "Phase"),
        (
            Variant("ApplyExtrinsic", 0, (Field(U32),)),
            Variant("Finalization", 1),
            Variant("Initialization", 2),
        ),
    ),
    event=RUNTIME_EVENT,
    topics=Sequence(H256),
)
RUNTIME = struct(("local_runtime", "Runtime"))
EXTENSIONS: tuple[tuple[str, Type, Type], ...] = (
    ("CheckSpecVersion", Tuple(), U32),
    ("CheckTxVersion", Tuple(), U32),
    ("CheckGenesis", Tuple(), H256),
    ("CheckMortality", ERA, H256),
    ("CheckNonce", Compact(U32), Tuple()),
    ("ChargeTransactionPayment", Compact(U64), Tuple()),
    ("CheckMetadataHash", CHECK_METADATA_HASH, option(Array(U8, 32))),
)
