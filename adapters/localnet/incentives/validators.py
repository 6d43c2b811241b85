"""An honest validator of a run: the real core, runner, journal, scorer and dendrite, and a connection to the chain of its own.

Each has a folder with its journal and its log, as a validator that runs alone has.
"""

from contextlib import ExitStack
from pathlib import Path

import anyio
import attrs
from anyio.abc import TaskStatus

from adapters.chain.endpoints import EMBEDDED
from adapters.errors import OperatorError
from adapters.journal.recovery import recovered
from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.cast import CastValidator
from adapters.localnet.incentives.scene import rate_limit_blocks
from adapters.reporting.logs import LogReporter
from adapters.validator.place import Place
from adapters.validator.session import opened_at, runner_from
from adapters.validator.settings import NetworkFlags, NeuronFlags, SubtensorFlags, ValidatorSettings
from core.randomness import key_of
from core.state import Stopped
from effects.runner import Runner

LOG_NAME = "validator.log"
# A run of some minutes stands for days: an average must be able to follow what a miner does within a quarter of it.
MOVING_AVERAGE_ALPHA = 0.1
TIMEOUT_S = 2.0
CONCURRENT_FORWARDS = 3


@attrs.frozen
class ValidatorPlace:
    """Where one validator of a run works: the chain, its keys, a folder."""

    validator: CastValidator
    endpoint: str
    folder: Path


def settings_for(config: SubnetConfig, validator: CastValidator) -> ValidatorSettings:
    """What a validator on a local subnet has, but that it sets weights whenever a forward ends, and serves nothing."""
    return ValidatorSettings(
        netuid=config.netuid,
        subtensor=SubtensorFlags(network=EMBEDDED),
        network=NetworkFlags(allow_private=True),
        neuron=NeuronFlags(
            seed=key_of(config.seed, "incentives", validator.name),
            num_concurrent_forwards=CONCURRENT_FORWARDS,
            followup_timeout=TIMEOUT_S,
            answer_timeout=TIMEOUT_S,
            moving_average_alpha=MOVING_AVERAGE_ALPHA,
            epoch_length=rate_limit_blocks(config),
            checkpoint_block_length=max(1, config.tempo // 2),
            axon_off=True,
        ),
    )


async def validate(
    config: SubnetConfig, place: ValidatorPlace, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Validate until cancelled; reports once its models are loaded and it begins.

    Raises:
        OperatorError: it stopped by itself, and why.
        Fault: a model cannot be loaded, or the chain not be read.
    """
    validator = place.validator
    settings = settings_for(config, validator)
    place.folder.mkdir(parents=True, exist_ok=True)
    where = Place(EMBEDDED, (place.endpoint,), validator.keys.hotkey, place.folder, {})
    with ExitStack() as files:
        log = files.enter_context((place.folder / LOG_NAME).open("a", encoding="utf-8"))

        def tell(line: str) -> None:
            log.write(f"{line}\n")

        async with opened_at(where, settings, tell) as opened:
            state = recovered(opened.journal, opened.config)
            runner: Runner = runner_from(opened, state, LogReporter(log, opened.ports.clock))
            task_status.started()
            last = (await runner.run()).lifecycle
    if isinstance(last, Stopped) and last.failed:
        raise OperatorError(f"{validator.name}: {last.reason}")
