"""SCALE shapes of what the local runtime stores, answers and takes. Names follow the public chain's."""

from adapters.localnet.chain.calls import DispatchError
from adapters.localnet.chain.scale_types import (
    BOOL,
    BYTES,
    I128,
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
    "Commitments": 18,
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
EPOCH_CONSENSUS = plain_enum((*_PALLET_PATH, "EpochConsensus"), "Yuma", "Null")


def _indexed(of: Type) -> Sequence:
    return Sequence(Compact(of))


METAGRAPH = struct(
    (*_PALLET_PATH, "Metagraph"),
    netuid=Compact(U16),
    name=_indexed(U8),
    symbol=_indexed(U8),
    identity=option(BYTES),
    network_registered_at=Compact(U64),
    owner_hotkey=ACCOUNT_ID,
    owner_coldkey=ACCOUNT_ID,
    block=Compact(U64),
    tempo=Compact(U16),
    last_step=Compact(U64),
    blocks_since_last_step=Compact(U64),
    alpha_in=Compact(U64),
    tao_in=Compact(U64),
    moving_price=struct(("substrate_fixed", "FixedI128"), bits=I128),
    immunity_period=Compact(U16),
    min_allowed_weights=Compact(U16),
    max_weights_limit=Compact(U16),
    weights_version=Compact(U64),
    weights_rate_limit=Compact(U64),
    activity_cutoff=Compact(U64),
    max_validators=Compact(U16),
    num_uids=Compact(U16),
    max_uids=Compact(U16),
    commit_reveal_weights_enabled=BOOL,
    hotkeys=Sequence(ACCOUNT_ID),
    coldkeys=Sequence(ACCOUNT_ID),
    identities=Sequence(option(BYTES)),
    axons=Sequence(AXON_INFO),
    active=Sequence(BOOL),
    validator_permit=Sequence(BOOL),
    pruning_score=_indexed(U16),
    last_update=_indexed(U64),
    emission=_indexed(U64),
    dividends=_indexed(U16),
    incentives=_indexed(U16),
    consensus=_indexed(U16),
    trust=_indexed(U16),
    rank=_indexed(U16),
    block_at_registration=_indexed(U64),
    alpha_stake=_indexed(U64),
    tao_stake=_indexed(U64),
    total_stake=_indexed(U64),
)
NEURON_INFO_LITE = struct(
    (*_PALLET_PATH, "NeuronInfoLite"),
    hotkey=ACCOUNT_ID,
    coldkey=ACCOUNT_ID,
    uid=Compact(U16),
    netuid=Compact(U16),
    active=BOOL,
    axon_info=AXON_INFO,
    stake=Sequence(Tuple((ACCOUNT_ID, Compact(U64)))),
    rank=Compact(U16),
    emission=Compact(U64),
    incentive=Compact(U16),
    consensus=Compact(U16),
    trust=Compact(U16),
    validator_trust=Compact(U16),
    dividends=Compact(U16),
    last_update=Compact(U64),
    validator_permit=BOOL,
    pruning_score=Compact(U16),
)
HYPERPARAMETER = struct(
    (*_PALLET_PATH, "HyperparamEntry"),
    name=BYTES,
    value=Variants(
        (*_PALLET_PATH, "HyperparamValue"),
        (
            Variant("Bool", 0, (Field(BOOL),)),
            Variant("U16", 1, (Field(Compact(U16)),)),
            Variant("U64", 2, (Field(Compact(U64)),)),
        ),
    ),
)

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
RUNTIME_APIS: dict[str, dict[str, tuple[tuple[tuple[str, Type], ...], Type]]] = {
    "SubnetInfoRuntimeApi": {
        "get_metagraph": ((("netuid", U16),), option(METAGRAPH)),
        "get_next_epoch_start_block": ((("netuid", U16),), option(U64)),
        "get_subnet_hyperparams_v3": ((("netuid", U16),), option(Sequence(HYPERPARAMETER))),
    },
    "NeuronInfoRuntimeApi": {"get_neurons_lite": ((("netuid", U16),), Sequence(NEURON_INFO_LITE))},
    "TransactionPaymentApi": {"query_info": ((("uxt", BYTES), ("len", U32)), FEE_INFO)},
}
