"""Which addresses may be dialled: the chain lets every miner write what it likes into its axon record.

Rule: an axon is an address, never a name, so nothing is looked up and what was checked is what is connected to.
"""

import ipaddress
from collections.abc import Collection

import attrs

from adapters.dendrite.verdict import NOT_REACHABLE, Refused

# The only IPv6 block that is given out; what lies outside translates, maps or is not routed.
_ROUTED_V6 = ipaddress.IPv6Network("2000::/3")
_PORTS = range(1, 65536)
_PORT_DIGITS = 5
# Nobody serves an axon there, but a request sent there may do harm: the ports that web browsers refuse (WHATWG Fetch, "port
# blocking"), and those of databases that take any line for a command.
_OTHER_SERVICES = frozenset(
    {
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179),
        *(389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636),
        *(989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566),
        *(6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
        *(3306, 5432, 6379, 11211, 27017),
    }
)


@attrs.frozen
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def dial_address(axon: str, *, allow_private: bool, own_hosts: Collection[str] = ()) -> Address:
    """Where "ip:port" or "[ip]:port" may be dialled; raises Refused (503) with the reason.

    Args:
        axon: as the chain has it.
        allow_private: dial whatever is an address: also those that are not routed on the internet (loopback, private and so on),
            our own, and ports of other services.
        own_hosts: our own addresses, in whichever spelling.
    """
    host, _, port = axon.rpartition(":")
    try:
        ip = _parse(host)
    except ValueError:
        raise Refused(NOT_REACHABLE, f"axon {axon} is not ip:port") from None
    if not (port.isascii() and port.isdecimal() and len(port) <= _PORT_DIGITS and int(port) in _PORTS):
        raise Refused(NOT_REACHABLE, f"axon {axon} has no port of 1 to 65535")
    address = Address(str(ip), int(port))
    if not allow_private:
        _require_public(ip, address, own_hosts)
    return address


def _require_public(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address, address: Address, own_hosts: Collection[str]
) -> None:
    if not _is_routed(ip):
        raise Refused(NOT_REACHABLE, f"axon {address} is not an address of the public internet")
    if ip in map(ipaddress.ip_address, own_hosts):
        raise Refused(NOT_REACHABLE, f"axon {address} is our own address")
    if address.port in _OTHER_SERVICES:
        raise Refused(NOT_REACHABLE, f"axon {address} is a port of another service")


def _parse(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if host.startswith("[") and host.endswith("]"):
        return ipaddress.IPv6Address(host[1:-1])
    return ipaddress.IPv4Address(host)


def _is_routed(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    tunnelled = ip.sixtofour is not None or ip.teredo is not None
    return ip in _ROUTED_V6 and not tunnelled and ip.scope_id is None
