"""The validator's flags, dotted as the field writes them, and what a local network sets otherwise.

Light to import: `--help` is made of this.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

import attrs

from adapters.chain.endpoints import EMBEDDED
from core.config import ConfigError, CoreConfig, NeuronConfig, RewardConfig

# Of ports, and of netuids.
HIGHEST = 65_535

C = TypeVar("C", NeuronConfig, RewardConfig)


@attrs.frozen
class SubtensorFlags:
    """Which chain.

    Attributes:
        network: embedded (chain and miners on this machine, started for you), local (a subnet that runs at ws://127.0.0.1:9944),
            test or finney.
        chain_endpoint: websocket address of a node, instead of the network's own; without a network it counts as local.
    """

    network: str | None = None
    chain_endpoint: str | None = None

    @property
    def label(self) -> str:
        if self.network is not None:
            return self.network
        return EMBEDDED if self.chain_endpoint is None else "local"

    @property
    def is_local(self) -> bool:
        """Whether nothing here is public: small models, short times, private addresses."""
        return self.label in {EMBEDDED, "local"}


@attrs.frozen
class WalletFlags:
    """Who we are. The embedded network brings a wallet of its own.

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
        if not 0 <= self.port <= HIGHEST:
            raise ConfigError(f"--axon.port {self.port}: give 0 (any free one) to {HIGHEST}")
        try:
            ip_address(self.external_ip or "0.0.0.0")  # noqa: S104 - only parsed
        except ValueError:
            raise ConfigError(f"--axon.external_ip {self.external_ip}: give an IP address") from None


@attrs.frozen
class NetworkFlags:
    """Which addresses are dialled.

    Attributes:
        allow_private: also prompt miners at addresses off the public internet.
    """

    allow_private: bool = False


@attrs.frozen
class LoggingFlags:
    """What is kept and shown.

    Attributes:
        logging_dir: where runs are kept, each at WALLET/HOTKEY/netuidN/NAME below it.
        plain: log lines instead of the live view, also on a terminal.
    """

    logging_dir: Path = Path("runs")
    plain: bool = False


@attrs.frozen
class NeuronFlags(NeuronConfig):
    """How the validator works, and what it works on.

    Attributes:
        name: name of this validator's run folder.
        device: where models run: cpu, cuda or cuda:N.
    """

    name: str = "validator"
    device: str = "cpu"


@attrs.frozen
class RewardFlags(RewardConfig):
    """What counts, and the models that say so: a local folder or a Hugging Face id each. Unset takes the network's own.

    Attributes:
        dpo_model: causal LM of dpo.
        reciprocate_model: preference classifier of reciprocate.
        relevance_bert_model: encoder whose RMS distance relevance looks at.
        relevance_mpnet_model: encoder whose cosine relevance looks at.
        diversity_model: encoder of the diversity mask.
        nsfw_model: safety classifier of nsfw.
        relevance_rms_bound: RMS distance above which relevance masks; belongs to the model.
        relevance_cosine_bound: absolute cosine below which relevance masks; belongs to the model.
        nsfw_bound: score above which nsfw masks; belongs to the model.
    """

    dpo_model: str | None = None
    reciprocate_model: str | None = None
    relevance_bert_model: str | None = None
    relevance_mpnet_model: str | None = None
    diversity_model: str | None = None
    nsfw_model: str | None = None
    relevance_rms_bound: float | None = None
    relevance_cosine_bound: float | None = None
    nsfw_bound: float | None = None


@attrs.frozen
class ValidatorSettings:
    """All flags of the validator.

    Attributes:
        netuid: the subnet.
        summary: file to write the run's summary to, as JSON.
    """

    netuid: int = 1
    subtensor: SubtensorFlags = SubtensorFlags()
    wallet: WalletFlags = WalletFlags()
    axon: AxonFlags = AxonFlags()
    network: NetworkFlags = NetworkFlags()
    neuron: NeuronFlags = NeuronFlags()
    reward: RewardFlags = RewardFlags()
    logging: LoggingFlags = LoggingFlags()
    summary: Path | None = None

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.netuid <= HIGHEST:
            raise ConfigError(f"--netuid {self.netuid}: give 0 to {HIGHEST}")


# A local subnet has one-second blocks, a short tempo and miners that answer at once.
LOCAL_PRESETS: Mapping[str, Any] = {
    "neuron": {
        "num_concurrent_forwards": 4,
        "followup_timeout": 3.0,
        "answer_timeout": 3.0,
        "epoch_length": 10,
        "checkpoint_block_length": 5,
        "await_epoch": True,
    },
    "axon": {"port": 0, "external_ip": "127.0.0.1"},
    "network": {"allow_private": True},
}


def core_config(settings: ValidatorSettings, own_hotkey: str) -> CoreConfig:
    """What of the flags decides something, and nothing else."""
    return CoreConfig(own_hotkey, _as(NeuronConfig, settings.neuron), _as(RewardConfig, settings.reward))


def _as(base: type[C], flags: C) -> C:
    return base(**{field.name: getattr(flags, field.name) for field in attrs.fields(base)})


def presets(settings: ValidatorSettings) -> Mapping[str, Any]:
    """What the chosen network sets where no flag does."""
    return LOCAL_PRESETS if settings.subtensor.is_local else {}
