"""The miner's flags, dotted as the field writes them, and what a local network sets otherwise.

Light to import: `--help` is made of this.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

import attrs

from adapters.axon.limits import AxonLimits
from adapters.chain.endpoints import EMBEDDED
from adapters.completions.settings import CompletionSettings
from adapters.flags import HIGHEST, AxonFlags, WalletFlags, require
from adapters.localnet.config import SubnetConfig
from core.callers import CallersPolicy
from core.config import ConfigError
from core.types import Hotkey

LOCAL = "local"
# The wallet that the local subnet writes for a miner of one's own.
LOCAL_WALLET = "miner"
_SS58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46,50}")


@attrs.frozen
class ChainFlags:
    """Which chain.

    Attributes:
        network: local (a subnet that runs at ws://127.0.0.1:9944, started by `python -m cmd.localnet`), test or finney.
        chain_endpoint: websocket address of a node, instead of the network's own; without a network it counts as local.
    """

    network: str = LOCAL
    chain_endpoint: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.network == EMBEDDED:
            raise ConfigError(
                "--subtensor.network embedded is a validator's own: start `python -m cmd.localnet`, and join it by"
                " --subtensor.network local"
            )

    @property
    def is_local(self) -> bool:
        """Whether nothing here is public."""
        return self.network == LOCAL


_LIMITS = AxonLimits()
EMBEDDED_FORWARDS = 8


@attrs.frozen
class MinerAxonFlags(AxonFlags):
    """Where we can be reached, and how much is taken.

    Attributes:
        max_forwards: requests that are answered at once; the others wait in the order of their priority. Left out it is what the
            back end works on side by side: --completion.max_batch of causal_lm, 8 of embedded, 64 of endpoint.
        max_waiting: requests that wait for their turn; more are told that we are busy.
        max_wait_s: for a turn, before a request is told the same.
        forward_timeout_s: for one answer.
        max_connections: open connections; of more the one that has waited longest is closed.
    """

    max_forwards: int | None = None
    max_waiting: int = _LIMITS.max_waiting
    max_wait_s: float = _LIMITS.max_wait_s
    forward_timeout_s: float = _LIMITS.forward_timeout_s
    max_connections: int = _LIMITS.max_connections

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        for name in ("max_forwards", "max_connections"):
            value = getattr(self, name)
            require(value is None or value >= 1, f"--axon.{name}", value, "1 or more")
        require(self.max_waiting >= 0, "--axon.max_waiting", self.max_waiting, "0 or more")
        for name in ("max_wait_s", "forward_timeout_s"):
            value = getattr(self, name)
            require(0 < value < math.inf, f"--axon.{name}", value, "a number of seconds above 0")

    def limits(self, completion: CompletionSettings) -> AxonLimits:
        return AxonLimits(
            max_forwards=self.max_forwards or _side_by_side(completion),
            max_waiting=self.max_waiting,
            max_wait_s=self.max_wait_s,
            forward_timeout_s=self.forward_timeout_s,
            max_connections=self.max_connections,
        )


def _side_by_side(completion: CompletionSettings) -> int:
    """How many requests the back end works on at once. More would wait in it, where nobody's priority counts."""
    match completion.backend:
        case "embedded":
            return EMBEDDED_FORWARDS
        case "causal_lm":
            return completion.max_batch
        case "endpoint":
            return _LIMITS.max_forwards
        case _:
            assert_never(completion.backend)


@attrs.frozen
class BlacklistFlags:
    """Who is answered. The deny list wins over all; the allow list wins over all but that and repeated prompts.

    Attributes:
        allow: hotkey that is always answered; may be given several times.
        deny: hotkey that is never answered; may be given several times.
        force_validator_permit: answer hotkeys with a validator permit alone; `--blacklist.force_validator_permit=false` switches it off.
        min_stake: least stake weight of a caller, in TAO.
        allow_non_registered: also answer hotkeys that are not on the subnet; they have neither permit nor stake.
        max_requests_per_min: of one hotkey; all that are not registered count as one. 0 for any number.
        prompt_repeat_s: for so long a prompt that was answered is not answered again, whoever asks; 0 answers it again.
            Validators that draw alike may send the same prompt.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    force_validator_permit: bool = True
    min_stake: float = 0.0
    allow_non_registered: bool = False
    max_requests_per_min: int = 120
    prompt_repeat_s: float = 0.0

    def __attrs_post_init__(self) -> None:
        for name in ("allow", "deny"):
            for hotkey in getattr(self, name):
                require(
                    bool(_SS58.fullmatch(hotkey)), f"--blacklist.{name}", hotkey, "a hotkey's ss58 address"
                )
        for name in ("min_stake", "max_requests_per_min", "prompt_repeat_s"):
            value = getattr(self, name)
            require(0 <= value < math.inf, f"--blacklist.{name}", value, "a number, 0 or more")
        if self.allow_non_registered and (self.force_validator_permit or self.min_stake):
            raise ConfigError(
                "--blacklist.allow_non_registered: who is not registered has neither permit nor stake: give"
                " --blacklist.force_validator_permit=false and no --blacklist.min_stake as well"
            )

    def policy(self) -> CallersPolicy:
        return CallersPolicy(
            needs_registration=not self.allow_non_registered,
            needs_permit=self.force_validator_permit,
            min_stake_tao=self.min_stake,
            allow=frozenset(map(Hotkey, self.allow)),
            deny=frozenset(map(Hotkey, self.deny)),
            max_requests=self.max_requests_per_min,
            window_s=60.0,
            repeat_s=self.prompt_repeat_s,
        )


@attrs.frozen
class PriorityFlags:
    """Which of the waiting requests goes next: that of more stake, but for those who have waited.

    Attributes:
        patience_s: nobody is passed by a request that came so many seconds later, whatever its stake.
    """

    patience_s: float = 4.0

    def __attrs_post_init__(self) -> None:
        require(
            0 < self.patience_s < math.inf,
            "--priority.patience_s",
            self.patience_s,
            "a number of seconds above 0",
        )


@attrs.frozen
class MinerNeuronFlags:
    """How the subnet is followed.

    Attributes:
        name: name of this miner's run folder.
        epoch_length: blocks from one reading of the metagraph to the next.
        silence_s: without a new block for so long, the chain counts as lost, and is dialled anew.
    """

    name: str = "miner"
    epoch_length: int = 100
    silence_s: float = 90.0

    def __attrs_post_init__(self) -> None:
        is_plain = self.name not in {"", ".."} and Path(self.name).name == self.name
        require(is_plain, "--neuron.name", self.name, "a plain name, without a path")
        require(self.epoch_length >= 1, "--neuron.epoch_length", self.epoch_length, "1 block or more")
        require(
            0 < self.silence_s < math.inf, "--neuron.silence_s", self.silence_s, "a number of seconds above 0"
        )


@attrs.frozen
class MinerLoggingFlags:
    """What is kept.

    Attributes:
        logging_dir: where runs are kept, each at WALLET/HOTKEY/netuidN/NAME below it.
    """

    logging_dir: Path = Path("runs")


@attrs.frozen
class MinerSettings:
    """All flags of the miner.

    Attributes:
        netuid: the subnet.
    """

    netuid: int = 1
    subtensor: ChainFlags = ChainFlags()
    wallet: WalletFlags = WalletFlags()
    axon: MinerAxonFlags = MinerAxonFlags()
    blacklist: BlacklistFlags = BlacklistFlags()
    priority: PriorityFlags = PriorityFlags()
    completion: CompletionSettings = CompletionSettings()
    neuron: MinerNeuronFlags = MinerNeuronFlags()
    logging: MinerLoggingFlags = MinerLoggingFlags()

    def __attrs_post_init__(self) -> None:
        require(0 <= self.netuid <= HIGHEST, "--netuid", self.netuid, f"0 to {HIGHEST}")
        if not self.subtensor.is_local:
            self.axon.require_public()


# A local subnet writes a wallet for a miner of one's own, allows addresses of this machine, has a block each second, and forgets all
# when it is started again.
LOCAL_PRESETS: Mapping[str, Any] = {
    "wallet": {"name": LOCAL_WALLET, "path": str(SubnetConfig().wallets)},
    "axon": {"port": 0, "external_ip": "127.0.0.1"},
    "neuron": {"epoch_length": 5, "silence_s": 15.0},
}


def presets(settings: MinerSettings) -> Mapping[str, Any]:
    """What the chosen network sets where no flag does."""
    return LOCAL_PRESETS if settings.subtensor.is_local else {}
