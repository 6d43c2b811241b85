"""The validator's flags, dotted as the field writes them, and what a local network sets otherwise.

Light to import: `--help` is made of this.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from adapters.chain.endpoints import EMBEDDED, LOCAL
from adapters.flags import HIGHEST, AxonFlags, WalletFlags, require
from adapters.journal.settings import Retention
from adapters.scoring.settings import BlacklistSettings
from core.config import ConfigError, CoreConfig, NeuronConfig, RewardConfig

C = TypeVar("C", NeuronConfig, RewardConfig)


@attrs.frozen
class SubtensorFlags:
    """Which chain.

    Attributes:
        network: embedded (chain and miners on this machine, started for you), local (a subnet that runs at ws://127.0.0.1:9944),
            test or finney.
        chain_endpoint: websocket address of a node, instead of the network's own, or several with commas between them, the preferred one
            first; without a network it counts as local.
    """

    network: str | None = None
    chain_endpoint: str | None = None

    @property
    def label(self) -> str:
        if self.network is not None:
            return self.network
        return EMBEDDED if self.chain_endpoint is None else LOCAL

    @property
    def is_local(self) -> bool:
        """Whether nothing here is public: small models, short times, private addresses."""
        return self.label in {EMBEDDED, LOCAL}


@attrs.frozen
class NetworkFlags:
    """How miners are reached.

    Attributes:
        allow_private: also prompt miners at addresses off the public internet, at our own, and at ports of other services.
        streaming: ask for answers in pieces (StreamPrompting), so that the text before a deadline is on record.
    """

    allow_private: bool = False
    streaming: bool = False


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

    Bounds belong to their models, and slopes and shifts to theirs: whoever brings a model measures them anew.

    Attributes:
        dpo_model: causal LM of dpo.
        rlhf_model: classifier of pairs for rlhf.
        reciprocate_model: preference classifier of reciprocate.
        dahoas_model: causal LM of dahoas; its body alone is used.
        dahoas_checkpoint: trained weights and scalar head of dahoas, a folder or an id as well.
        prompt_based_model: instruct LM that grades for prompt_based.
        relevance_bert_model: encoder whose RMS distance relevance looks at.
        relevance_mpnet_model: encoder whose cosine relevance looks at.
        diversity_model: encoder of the diversity mask.
        nsfw_model: safety classifier of nsfw.
        trust_remote_code: run Python code that comes with a model; only for models whose code you have read.
        relevance_rms_bound: RMS distance above which relevance masks.
        relevance_cosine_bound: absolute cosine below which relevance masks, 0 to 1.
        diversity_bound: product of both factors up to which diversity masks, 0 to 1.
        diversity_batch_slope: steepness of the sigmoid over the distance to the batch.
        diversity_batch_shift: what is taken off before that sigmoid.
        diversity_history_slope: steepness of the sigmoid over the distance to history.
        diversity_history_shift: what is taken off before that sigmoid.
        nsfw_bound: score above which nsfw masks.
        blacklist_significance_bound: significance above which an n-gram masks.
        blacklist_ratio_bound: fuzzy partial ratio above which a text holds an n-gram, 0 to 100.
        blacklist_support: least share of completions that an n-gram is remembered for, above the error.
        blacklist_error: share by which a count may be too low.
        blacklist_half_life: completions after which all counts are halved.
        blacklist_max_entries: most n-grams counted at once.
    """

    dpo_model: str | None = None
    rlhf_model: str | None = None
    reciprocate_model: str | None = None
    dahoas_model: str | None = None
    dahoas_checkpoint: str | None = None
    prompt_based_model: str | None = None
    relevance_bert_model: str | None = None
    relevance_mpnet_model: str | None = None
    diversity_model: str | None = None
    nsfw_model: str | None = None
    trust_remote_code: bool = False
    relevance_rms_bound: float | None = None
    relevance_cosine_bound: float | None = None
    diversity_bound: float | None = None
    diversity_batch_slope: float | None = None
    diversity_batch_shift: float | None = None
    diversity_history_slope: float | None = None
    diversity_history_shift: float | None = None
    nsfw_bound: float | None = None
    blacklist_significance_bound: float | None = None
    blacklist_ratio_bound: float | None = None
    blacklist_support: float | None = None
    blacklist_error: float | None = None
    blacklist_half_life: int | None = None
    blacklist_max_entries: int | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        for name, (can_work, wanted) in _BOUNDS.items():
            value = getattr(self, name)
            require(value is None or can_work(value), f"--reward.{name}", value, wanted)
        default = BlacklistSettings()
        support = default.support if self.blacklist_support is None else self.blacklist_support
        error = default.error if self.blacklist_error is None else self.blacklist_error
        if not support > error:
            raise ConfigError(
                f"--reward.blacklist_support {support} must be above --reward.blacklist_error {error}: give a larger one"
                " of the first or a smaller one of the second"
            )


_Check = tuple[Callable[[float], bool], str]
_ABOVE_ZERO: _Check = (lambda x: 0 < x < math.inf, "a number above 0")
_SHARE: _Check = (lambda x: 0 < x < 1, "a share above 0 and below 1")
_COUNT: _Check = (lambda x: x >= 1, "1 or more")
_NUMBER: _Check = (math.isfinite, "a number")
# What each bound must be, and in words.
_BOUNDS: Mapping[str, _Check] = {
    "relevance_rms_bound": _ABOVE_ZERO,
    "relevance_cosine_bound": (lambda x: 0 <= x <= 1, "0 to 1"),
    "diversity_bound": (lambda x: 0 <= x < 1, "0 or more, below 1"),
    "diversity_batch_slope": _ABOVE_ZERO,
    "diversity_batch_shift": _NUMBER,
    "diversity_history_slope": _ABOVE_ZERO,
    "diversity_history_shift": _NUMBER,
    "nsfw_bound": _NUMBER,
    "blacklist_significance_bound": _ABOVE_ZERO,
    "blacklist_ratio_bound": (lambda x: 0 <= x <= 100, "0 to 100"),
    "blacklist_support": _SHARE,
    "blacklist_error": _SHARE,
    "blacklist_half_life": _COUNT,
    "blacklist_max_entries": _COUNT,
}


@attrs.frozen
class ValidatorSettings:
    """All flags of the validator.

    Attributes:
        netuid: the subnet.
        summary: file to write the run's summary to, as JSON.
        repair: where the journal is damaged, keep what is whole of it, say what is lost, and go on; the damaged file is put aside.
    """

    netuid: int = 1
    subtensor: SubtensorFlags = SubtensorFlags()
    wallet: WalletFlags = WalletFlags()
    axon: AxonFlags = AxonFlags()
    network: NetworkFlags = NetworkFlags()
    neuron: NeuronFlags = NeuronFlags()
    reward: RewardFlags = RewardFlags()
    logging: LoggingFlags = LoggingFlags()
    journal: Retention = Retention()
    summary: Path | None = None
    repair: bool = False

    def __attrs_post_init__(self) -> None:
        require(0 <= self.netuid <= HIGHEST, "--netuid", self.netuid, f"0 to {HIGHEST}")
        if self.subtensor.is_local:
            _require_models(self.reward)
        elif not self.neuron.axon_off:
            self.axon.require_public()


# The functions that a local network has no model for, and the flags that bring one.
_NOT_SHIPPED: Mapping[str, tuple[str, ...]] = {
    "rlhf": ("rlhf_model",),
    "dahoas": ("dahoas_model", "dahoas_checkpoint"),
    "prompt_based": ("prompt_based_model",),
}


def _require_models(reward: RewardFlags) -> None:
    """What counts must have a model: better said at once than when everything else has started."""
    for name, flags in _NOT_SHIPPED.items():
        missing = [f"--reward.{flag}" for flag in flags if getattr(reward, flag) is None]
        weight = reward.weights[name]
        if weight > 0 and missing:
            wanted = (
                f"{' and '.join(missing)} (a folder or a Hugging Face id{' each' if missing[1:] else ''})"
            )
            raise ConfigError(
                f"--reward.{name}_weight {weight}: the local network ships no {name} model: give {wanted}"
            )


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
