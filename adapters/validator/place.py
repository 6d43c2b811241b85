"""Where a validator works: a chain, a subnet on it, a wallet. The embedded network brings all three."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import attrs

from adapters.chain.endpoints import EMBEDDED, GENESIS, resolve_endpoints
from adapters.chain.probe import find_chain
from adapters.chain.wallet import Signer, load_hotkey
from adapters.folder import run_folder
from adapters.localnet.child import local_subnet
from adapters.localnet.config import SubnetConfig
from adapters.validator.settings import ValidatorSettings
from core.types import Hotkey

CONNECT_TIMEOUT_S = 10.0


@attrs.frozen
class Place:
    """One validator's place.

    Attributes:
        label: of the network, as it is shown.
        endpoints: of the chain, the preferred one first.
        signer: our hotkey.
        folder: where this run's files go.
        behaviours: of the miners, where somebody knows them; for people to look at, never for a decision.
    """

    label: str
    endpoints: tuple[str, ...]
    signer: Signer
    folder: Path
    behaviours: Mapping[Hotkey, str]


@asynccontextmanager
async def open_place(settings: ValidatorSettings, on_stage: Callable[[str], None]) -> AsyncIterator[Place]:
    """The place that the flags name; the embedded one is started, and ended with the block."""
    if settings.subtensor.label == EMBEDDED:
        async with _embedded(settings, on_stage) as place:
            yield place
    else:
        yield await _outside(settings)


async def _outside(settings: ValidatorSettings) -> Place:
    wallet, label = settings.wallet, settings.subtensor.label
    # The chain first: whoever mistypes the endpoint should not be sent to look for a wallet.
    endpoints = resolve_endpoints(label, settings.subtensor.chain_endpoint)
    await find_chain(endpoints, CONNECT_TIMEOUT_S, GENESIS.get(label))
    signer = load_hotkey(wallet.name, wallet.hotkey, wallet.path)
    parts = (wallet.name, wallet.hotkey, f"netuid{settings.netuid}", settings.neuron.name)
    folder = run_folder(settings.logging.logging_dir, *parts)
    return Place(label, endpoints, signer, folder, {})


@asynccontextmanager
async def _embedded(settings: ValidatorSettings, on_stage: Callable[[str], None]) -> AsyncIterator[Place]:
    """A subnet of our own, in a folder of its own: its chain begins anew each time, so what was learned on another is void."""
    stamp = datetime.now(tz=UTC).strftime("%Y%m%d-%H%M%S-%f")
    folder = run_folder(settings.logging.logging_dir, EMBEDDED, stamp)
    config = SubnetConfig(
        netuid=settings.netuid, port=0, seed=settings.neuron.seed, folder=folder / "localnet"
    )
    async with local_subnet(config, on_stage=on_stage) as facts:
        signer = load_hotkey(facts.wallet_names[0], facts.wallet_hotkey, Path(facts.wallet_path))
        behaviours = {hotkey: behaviour.value for hotkey, behaviour in facts.behaviours.items()}
        yield Place(EMBEDDED, (facts.endpoint,), signer, folder, behaviours)
