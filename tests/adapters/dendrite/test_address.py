"""Which axons are dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dendrite import HttpDendrite
from adapters.dendrite.address import dial_address
from adapters.dendrite.verdict import Refused
from tests.adapters.dendrite.peers import SYNAPSE, VALIDATOR, axon, target


@pytest.mark.parametrize(
    ("given_axon", "dialled"),
    [
        ("8.8.8.8:8091", "8.8.8.8:8091"),
        ("1.2.3.4:80", "1.2.3.4:80"),
        ("[2606:4700:4700::1111]:65535", "[2606:4700:4700::1111]:65535"),
    ],
)
def test_public_addresses_are_dialled(given_axon: str, dialled: str) -> None:
    """What the internet routes is taken as it stands."""
    assert str(dial_address(given_axon, allow_private=False)) == dialled


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 - to be refused
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:8.8.8.8]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:808:808::]",
        "[fc00::1]",
        "[fe80::1]",
        "[fe80::1%lo]",
        "[2606:4700::1%lo]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
    ],
)
def test_addresses_off_the_internet_are_not_dialled(host: str) -> None:
    """Private, local, mapped, tunnelled, multicast and reserved addresses are refused, unless asked for."""
    with pytest.raises(Refused, match="public internet"):
        dial_address(f"{host}:8091", allow_private=False)
    assert dial_address(f"{host}:8091", allow_private=True).port == 8091


@pytest.mark.parametrize(
    "given_axon",
    [
        "",
        "8.8.8.8",
        ":8091",
        "8.8.8.8:0",
        "8.8.8.8:",
        "8.8.8.8:65536",
        "8.8.8.8:-1",
        "8.8.8.8: 80",
        "8.8.8.8:\N{ARABIC-INDIC DIGIT EIGHT}0",
        "8.8.8.8:" + "9" * 5000,
        "8.8.8.8:000001" + "9" * 5000,
        "8.8.8.8:0000018091000",
        "localhost:8091",
        "example.com:8091",
        "0x7f.1:8091",
        "2130706433:8091",
        "0177.0.0.1:8091",
        "127.1:8091",
        "8.8.8.8:80:80",
        "user@8.8.8.8:80",
        "[::1:8091",
        "::1:8091",
        "[8.8.8.8]:8091",
        "\x1b[31m:80",
    ],
)
@pytest.mark.parametrize("allow_private", [False, True])
def test_what_is_no_address_is_not_dialled(given_axon: str, allow_private: bool) -> None:
    """Names, odd spellings of numbers and ports out of range are refused, however free the policy."""
    with pytest.raises(Refused) as refused:
        dial_address(given_axon, allow_private=allow_private)
    assert refused.value.code == 503
    assert refused.value.message.isprintable()
    assert len(refused.value.message) <= 200


@pytest.mark.parametrize("port", [1, 22, 25, 6379, 11211])
def test_ports_of_other_services_are_not_dialled(port: int) -> None:
    """What takes any line for a command gets none of ours, unless asked for."""
    with pytest.raises(Refused, match="another service"):
        dial_address(f"8.8.8.8:{port}", allow_private=False)
    assert dial_address(f"8.8.8.8:{port}", allow_private=True).port == port


def test_our_own_address_is_not_dialled() -> None:
    """A miner that publishes the validator's own address is refused, unless asked for."""
    with pytest.raises(Refused, match="our own"):
        dial_address("8.8.8.8:8091", allow_private=False, own_hosts=["1.1.1.1", "8.8.8.8"])
    assert dial_address("8.8.8.8:8091", allow_private=True, own_hosts=["8.8.8.8"]).port == 8091


@pytest.mark.parametrize(
    "own", ["2606:4700:4700::1111", "2606:4700:4700:0:0:0:0:1111", "2606:4700:4700::0:1111"]
)
def test_our_own_address_is_known_in_every_spelling(own: str) -> None:
    """However operator and chain write it, it is the same address."""
    for spelling in ("[2606:4700:4700::1111]:8091", "[2606:4700:4700:0000::1111]:8091"):
        with pytest.raises(Refused, match="our own"):
            dial_address(spelling, allow_private=False, own_hosts=[own])


@given(text=st.text(alphabet="0123456789abcdefx.:[]%- ", max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """The chain may hold anything: parsing never fails in another way."""
    try:
        address = dial_address(text, allow_private=True)
    except Refused:
        return
    assert 0 < address.port < 65536


async def test_a_private_axon_is_refused_without_a_connection() -> None:
    """With the policy of the public network a loopback axon is 503, though one is listening."""
    dendrite = HttpDendrite(VALIDATOR, allow_private=False)
    async with axon() as address:
        (outcome,) = await dendrite.query([target(address)], SYNAPSE, timeout_s=5)
    assert outcome.code == 503
    assert outcome.message == f"axon {address} is not an address of the public internet"
