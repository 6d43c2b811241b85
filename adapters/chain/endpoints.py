"""From `--subtensor.network` and `--subtensor.chain_endpoint` to websocket addresses, the preferred one first."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from urllib.parse import urlsplit

from adapters.errors import OperatorError

EMBEDDED, LOCAL = "embedded", "local"
NETWORKS: dict[str, tuple[str, ...]] = {
    EMBEDDED: (),
    LOCAL: ("ws://127.0.0.1:9944",),
    "test": ("wss://test.finney.opentensor.ai:443",),
    "finney": (
        "wss://entrypoint-finney.opentensor.ai:443",
        "wss://lite.chain.opentensor.ai:443",
        "wss://lite.sub.latent.to:443",
    ),
}
# The public networks' first blocks: a node that serves another chain under one of these names is not used.
GENESIS: Mapping[str, str] = {
    "finney": "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03",
    "test": "0x8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105",
}
# Those whose chain is there already.
OUTSIDE = tuple(label for label in NETWORKS if label != EMBEDDED)


def resolve_endpoints(
    network: str, chain_endpoint: str | None = None, *, choices: Collection[str] = NETWORKS
) -> tuple[str, ...]:
    """Addresses to try in turn; empty for `embedded`, whose node the caller starts and knows.

    Explicit endpoints, separated by commas, win over the network's own. `choices` are the networks that this program can join.

    Raises:
        OperatorError: an unknown network, or an endpoint that is no websocket address.
    """
    if chain_endpoint:
        return tuple(dict.fromkeys(_websocket(each.strip()) for each in chain_endpoint.split(",")))
    if network in choices:
        return NETWORKS[network]
    nearest = get_close_matches(network, choices, n=1)
    hint = f"did you mean {nearest[0]}? " if nearest else ""
    raise OperatorError(
        f"--subtensor.network {network} is unknown: {hint}give one of {', '.join(choices)}, "
        "or an address by --subtensor.chain_endpoint"
    )


def shown(endpoint: str) -> str:
    """The address without what may be secret in it: user, password, path and query."""
    parts = urlsplit(endpoint)
    host = parts.hostname or "?"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _websocket(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in {"ws", "wss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if usable:
        return endpoint
    raise OperatorError(
        f"--subtensor.chain_endpoint {endpoint} is no websocket address: give ws://HOST:PORT or wss://HOST:PORT, several "
        "with commas between them"
    )
