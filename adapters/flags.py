"""The flags that validator and miner have alike, and how a value that cannot be is refused.

Light to import: `--help` is made of this.
"""

from ipaddress import ip_address
from pathlib import Path

import attrs

from core.config import ConfigError

# Of ports, and of netuids.
HIGHEST = 65_535


def require(condition: bool, flag: str, value: object, wanted: str) -> None:
    """Raises ConfigError, which names the flag, its value and what is wanted, unless the condition holds."""
    if not condition:
        raise ConfigError(f"{flag} {value}: give {wanted}")


@attrs.frozen
class WalletFlags:
    """Who we are. A validator's embedded network brings a wallet of its own.

    Attributes:
        name: folder of the wallet.
        hotkey: name of the hotkey in it.
        path: where wallets are kept.
    """

    name: str = "default"
    hotkey: str = "default"
    path: Path = Path("~/.bittensor/wallets")


@attrs.frozen
class AxonFlags:
    """Where we can be reached.

    Attributes:
        port: port that the axon listens on; 0 takes a free one.
        external_ip: address to publish on chain; without one nothing is published.
    """

    port: int = 8091
    external_ip: str | None = None

    def __attrs_post_init__(self) -> None:
        require(0 <= self.port <= HIGHEST, "--axon.port", self.port, f"0 (any free one) to {HIGHEST}")
        if self.external_ip is not None:
            can_be = _is_address(self.external_ip)
            require(can_be, "--axon.external_ip", self.external_ip, "an IP address, without a zone")

    @property
    def host(self) -> str:
        """Where to listen: on this machine alone where that is what is published, else on all addresses of the published one's kind."""
        ip = ip_address(self.external_ip or "0.0.0.0")  # noqa: S104 - public by its nature
        if ip.is_loopback:
            return "127.0.0.1" if ip.version == 4 else "::1"
        return "0.0.0.0" if ip.version == 4 else "::"  # noqa: S104 - as above

    def published(self, port: int) -> str | None:
        """What to publish of an axon that listens on `port`: "ip:port", of v6 "[ip]:port"; None where it is nothing."""
        ip = self.external_ip
        if ip is None:
            return None
        return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"

    def require_public(self) -> None:
        """Raises ConfigError where an address would be published that nobody on a public network dials."""
        address = self.published(AxonFlags().port)
        if address is None:
            return
        # Late: an HTTP client comes with them.
        from adapters.dendrite.address import dial_address
        from adapters.dendrite.verdict import Refused

        try:
            dial_address(address, allow_private=False)
        except Refused:
            raise ConfigError(
                f"--axon.external_ip {self.external_ip} is not an address of the public internet: give the one that others"
                " reach this machine at, or leave the flag out and nothing is published"
            ) from None


def _is_address(text: str) -> bool:
    """Whether the chain has a place for it. A zone is this machine's word for one of its links: nobody else can dial it."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text
