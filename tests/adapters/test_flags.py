"""The flags that both programs have."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dendrite.address import dial_address
from adapters.flags import AxonFlags, require
from core.config import ConfigError


def test_what_cannot_be_is_named() -> None:
    """The flag, its value and what is wanted, in one line; what can be passes."""
    require(True, "--a.b", 1, "2")
    with pytest.raises(ConfigError, match=r"^--a\.b 1: give 2$"):
        require(False, "--a.b", 1, "2")


@pytest.mark.parametrize("ip", ["here", "", "1.2.3", "1.2.3.4:5", "[::1]", "fe80::1%eth0"])
def test_what_is_no_address_is_refused(ip: str) -> None:
    """Names, nothing at all, ports, brackets and zones have no place on a chain."""
    with pytest.raises(ConfigError, match=r"^--axon\.external_ip .*: give an IP address, without a zone$"):
        AxonFlags(external_ip=ip)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_what_is_no_port_is_refused(port: int) -> None:
    """By its flag."""
    with pytest.raises(ConfigError, match=f"^--axon.port {port}: give "):
        AxonFlags(port=port)


@given(st.ip_addresses(), st.integers(1, 65_535))
def test_what_is_published_is_where_others_dial(ip: IPv4Address | IPv6Address, port: int) -> None:
    """Of either kind, the address comes back from what stands on the chain."""
    published = AxonFlags(external_ip=str(ip)).published(port)
    assert published is not None
    dialled = dial_address(published, allow_private=True)
    assert (dialled.host, dialled.port) == (str(ip), port)


def test_without_an_address_nothing_is_published() -> None:
    """Whatever the port; and there is nothing to be refused on a public network."""
    assert AxonFlags().published(8091) is None
    AxonFlags().require_public()


@pytest.mark.parametrize(
    ("ip", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("10.0.0.7", "0.0.0.0"),  # noqa: S104 - what is looked for
        ("2606:4700::1", "::"),
        (None, "0.0.0.0"),  # noqa: S104 - what is looked for
    ],
)
def test_it_listens_where_it_can_be_reached(ip: str | None, host: str) -> None:
    """On this machine alone only where that is what is published; else on all addresses of that kind."""
    assert AxonFlags(external_ip=ip).host == host


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "0.0.0.0", "10.0.0.7", "169.254.1.1", "192.0.2.7", "100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fd00::1"],  # noqa: S104
)  # fmt: skip
def test_an_address_that_nobody_dials_is_refused(ip: str) -> None:
    """The flag, the address and the remedy, in one line."""
    with pytest.raises(ConfigError, match=rf"^--axon\.external_ip {ip} .*public internet: give [^\n]*$"):
        AxonFlags(external_ip=ip).require_public()


@pytest.mark.parametrize("ip", ["1.1.1.1", "2606:4700::1"])
@pytest.mark.parametrize("port", [0, 8091])
def test_an_address_of_the_public_internet_passes(ip: str, port: int) -> None:
    """Of either kind, also where the port is not known yet."""
    AxonFlags(port=port, external_ip=ip).require_public()
