"""Networks and endpoints."""

import pytest

from adapters.chain.endpoints import GENESIS, NETWORKS, resolve_endpoints, shown
from adapters.errors import OperatorError


def test_every_label_has_endpoints_but_the_embedded_one() -> None:
    """The embedded node's address is known to who starts it."""
    assert resolve_endpoints("embedded") == ()
    for label in NETWORKS.keys() - {"embedded"}:
        assert all(endpoint.startswith(("ws://", "wss://")) for endpoint in resolve_endpoints(label))
        assert resolve_endpoints(label)


def test_an_explicit_endpoint_wins() -> None:
    """`--subtensor.chain_endpoint` replaces the whole pool of the network."""
    assert resolve_endpoints("finney", "ws://10.0.0.1:9944") == ("ws://10.0.0.1:9944",)


def test_several_endpoints_are_tried_in_the_order_given() -> None:
    """With commas between them; one that is given twice is tried once."""
    given = "ws://10.0.0.1:9944, wss://node.example,ws://10.0.0.1:9944"
    assert resolve_endpoints("local", given) == ("ws://10.0.0.1:9944", "wss://node.example")


def test_the_public_networks_are_known_by_their_first_blocks() -> None:
    """A node that serves another chain under such a name is not used."""
    assert set(GENESIS) == {"finney", "test"} < set(NETWORKS)


def test_an_unknown_network_is_refused_with_the_nearest_one() -> None:
    """The message names the flag, a guess and the choices."""
    with pytest.raises(OperatorError, match=r"--subtensor\.network finey .*did you mean finney.*embedded"):
        resolve_endpoints("finey")


@pytest.mark.parametrize(
    "endpoint", ["http://a:1", "a:9944", "ws://", "ws://a:0", "ws://a:99999", "ws://[::1", "ws://a,,"]
)
def test_an_endpoint_that_is_no_websocket_is_refused(endpoint: str) -> None:
    """The message names the flag and the form that is wanted."""
    with pytest.raises(OperatorError, match=r"--subtensor\.chain_endpoint .*ws://HOST:PORT"):
        resolve_endpoints("embedded", endpoint)


def test_secrets_in_an_endpoint_are_not_shown() -> None:
    """Providers put keys into user names, paths and queries."""
    assert shown("wss://user:key@node.example:443/token?api=key") == "wss://node.example:443"
    assert shown("ws://[::1]:9944/x") == "ws://[::1]:9944"
