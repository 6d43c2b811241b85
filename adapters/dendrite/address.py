"""Which addresses may be dialled: the chain lets every miner write what it likes into its axon record.

Rule: an axon is an address, never a name, so nothing is looked up and what was checked is what is connected to.
"""

import ipaddress

import attrs

from adapters.dendrite.verdict import NOT_REACHABLE, Refused

# The only IPv6 block that is given out; what lies outside translates, maps or is not routed.
_ROUTED_V6 = ipaddress.IPv6Network("2000::/3")
_PORTS = range(1, 65536)


@attrs.frozen
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def dial_address(axon: str, *, allow_private: bool) -> Address:
    """Where "ip:port" or "[ip]:port" may be dialled; raises Refused (503) with the reason.

    Args:
        axon: as the chain has it.
        allow_private: also dial addresses that are not routed on the internet (loopback, private and so on).
    """
    host, _, port = axon.rpartition(":")
    try:
        ip = _parse(host)
    except ValueError:
        raise Refused(NOT_REACHABLE, f"axon {axon} is not ip:port") from None
    if not (port.isascii() and port.isdecimal() and int(port[:6]) in _PORTS):
        raise Refused(NOT_REACHABLE, f"axon {axon} has no port of 1 to 65535")
    if not allow_private and not _is_routed(ip):
        raise Refused(NOT_REACHABLE, f"axon {axon} is not an address of the public internet")
    return Address(str(ip), int(port))


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
