"""The metadata, as the SDK's own codec reads it."""

import bittensor_core as core  # type: ignore[import-untyped]  # compiled, ships no stubs
import pytest

from adapters.localnet.chain.calls import DispatchError
from adapters.localnet.chain.metadata import build_metadata, compact
from adapters.localnet.chain.runtime_types import PALLET_INDEX
from adapters.localnet.chain.storage import ITEMS
from adapters.localnet.chain.view_types import RUNTIME_APIS


def runtime(block_time_ms: int = 1_000) -> core.Runtime:
    return core.Runtime(build_metadata(block_time_ms), 1, 1, 42)


def test_every_declared_item_is_found_with_its_default() -> None:
    """Each storage item has its name, its keys and a default that decodes to what state reads as."""
    codec = runtime()
    for item in ITEMS:
        entry = codec.storage_entry(item.pallet, item.name)
        assert len(entry.param_types) == len(item.keys)
        assert entry.modifier == ("Optional" if item.default is None else "Default")
        if isinstance(item.default, int | str):
            assert codec.decode(entry.value_type, bytes(entry.default_bytes), True) == item.default


def test_apis_constants_and_errors_are_told() -> None:
    """Runtime calls, the block time and the names of errors are in the metadata."""
    codec = runtime(block_time_ms=250)

    assert {api: set(methods) for api, methods in codec.runtime_api_map().items()} == {
        api: set(methods) for api, methods in RUNTIME_APIS.items()
    }
    assert codec.constant("Aura", "SlotDuration") == 250
    names = [codec.module_error(PALLET_INDEX["SubtensorModule"], i)[0] for i in range(len(DispatchError))]
    assert names == list(DispatchError)


@pytest.mark.parametrize("number", [0, 63, 64, 16_383, 16_384, (1 << 30) - 1])
def test_compact_numbers_decode_to_themselves(number: int) -> None:
    """Each width of the compact form is read back."""
    assert runtime().decode("Compact<u32>", compact(number), True) == number
