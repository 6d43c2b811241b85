"""Frames that no client of ours sends: the node's end of a conversation outlives them all."""

import json
from functools import cache

import bittensor_core as core  # type: ignore[import-untyped]  # compiled, ships no stubs
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain import LocalChain
from adapters.localnet.chain.absent import ABSENT
from adapters.localnet.chain.metadata import SPEC_VERSION, TRANSACTION_VERSION, build_metadata
from adapters.localnet.chain.rpc import METHODS, Rpc
from adapters.localnet.chain.session import Session
from adapters.localnet.chain.storage import ITEMS
from adapters.localnet.chain.view_types import RUNTIME_APIS
from core.types import Block
from tests.adapters.localnet.chain.world import genesis

_RUNTIME = core.Runtime(build_metadata(1_000), SPEC_VERSION, TRANSACTION_VERSION, 42)
_PREFIXES = tuple(
    "0x" + bytes(_RUNTIME.storage_prefix(item.pallet, item.name)).hex() for item in (*ITEMS, *ABSENT)
)
_KEYS = st.builds(
    lambda prefix, tail: prefix + tail.hex(), st.sampled_from(_PREFIXES), st.binary(max_size=70)
)
_CALLS = tuple(f"{api}_{method}" for api, methods in RUNTIME_APIS.items() for method in methods)
_HEX = st.binary(max_size=80).map(lambda data: "0x" + data.hex())
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    _HEX,
    _KEYS,
    st.sampled_from(_CALLS),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(sorted(METHODS)) | st.text(max_size=20),
        "params": st.lists(_VALUES, max_size=4),
    },
    optional={"id": _VALUES},
)
_RUNTIME_CALLS = st.builds(
    lambda call, data: {"method": "state_call", "params": [call, data]}, st.sampled_from(_CALLS), _HEX
)
_READS = st.builds(
    lambda method, key, count: {"method": method, "params": [key, count]},
    st.sampled_from(("state_getStorage", "state_getKeysPaged", "state_queryStorageAt")),
    _KEYS | st.lists(_KEYS, max_size=3),
    st.integers() | st.none(),
)
_TORN = st.sampled_from(["", "{", "[" * 5_000, '{"a":' * 5_000, "9" * 5_000, "nul"])
_FRAMES = (_REQUESTS | _RUNTIME_CALLS | _READS | st.lists(_REQUESTS, max_size=3) | _VALUES).map(
    json.dumps
) | _TORN


@given(frames=st.lists(_FRAMES, min_size=1, max_size=4))
def test_no_frame_ends_a_conversation(frames: list[str]) -> None:
    """Whatever a client sends, it gets an answer to each frame, and the next frame is answered as well."""
    rpc = _rpc()
    posted: list[str] = []
    session = Session(rpc, posted.append)
    for frame in frames:
        before = len(posted)
        session.receive(frame)
        assert len(posted) > before
    session.receive(json.dumps({"id": 1, "method": "chain_getBlockHash", "params": [2]}))
    assert json.loads(posted[-1])["result"] == rpc.hash_of(Block(2))


@cache
def _rpc() -> Rpc:
    chain = LocalChain(genesis())
    for _ in range(3):
        chain.produce_block()
    return Rpc(chain)
