"""One session of the validator, from flags to exit code.

Order: summary file, place (chain, wallet), lock, axon, chain, registration, models, journal, then the runner until it stops. Whatever was
opened is closed in the opposite order, however the session ends.

`opened_at` is the part of it that needs no flags of a place: what a program takes that runs several validators.
"""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio
import attrs

from adapters.axon import Axon
from adapters.chain.client import SubtensorChain, open_chain
from adapters.chain.connection import ChainSettings
from adapters.chain.endpoints import GENESIS
from adapters.clock import SystemClock
from adapters.contexts.corpus import Corpus
from adapters.dendrite import HttpDendrite
from adapters.ending import Ending
from adapters.errors import OperatorError
from adapters.journal.header import Header
from adapters.journal.lock import locked
from adapters.journal.opening import JOURNAL_NAME, writing
from adapters.journal.recovery import recovered
from adapters.journal.sqlite import SqliteJournal
from adapters.program import run_async
from adapters.reporting.files import check_place
from adapters.scoring.scorer import open_scorer
from adapters.validator.models import scoring_settings
from adapters.validator.place import Place, open_place
from adapters.validator.settings import ValidatorSettings, core_config
from adapters.validator.telling import open_telling, tell_stage
from core.config import CoreConfig
from core.state import State, Stopped
from core.types import Hotkey, Prompting
from effects.perform import Ports
from effects.ports import Reporter
from effects.runner import Runner

NO_PROMPTS = "this validator takes no prompts"


@attrs.frozen
class Opened:
    """All that a session has opened."""

    place: Place
    config: CoreConfig
    chain: SubtensorChain
    ports: Ports
    journal: SqliteJournal


@asynccontextmanager
async def _opened(settings: ValidatorSettings, on_stage: Callable[[str], None]) -> AsyncIterator[Opened]:
    async with open_place(settings, on_stage) as place, opened_at(place, settings, on_stage) as opened:
        yield opened


@asynccontextmanager
async def opened_at(
    place: Place, settings: ValidatorSettings, on_stage: Callable[[str], None]
) -> AsyncIterator[Opened]:
    """All that a validator at this place needs, ready; its folder is its own until the block is left.

    Raises:
        OperatorError: something that the operator must put right.
        Fault: a model cannot be loaded, or the chain not be read.
    """
    async with _folder_to_ourselves(place), _axon(settings, place) as address:
        config = core_config(settings, place.signer.ss58_address)
        on_stage("connecting to the chain")
        async with open_chain(_chain_settings(settings, place, address), place.signer) as chain:
            await chain.check_registered()
            on_stage("loading models")
            async with open_scorer(
                scoring_settings(settings),
                rewards=[name for name, weight in config.reward.weights.items() if weight > 0],
                masks=config.neuron.masks,
                folder=place.folder,
                tell=on_stage,
            ) as scorer:
                dendrite = HttpDendrite(
                    place.signer,
                    allow_private=settings.network.allow_private,
                    streaming=settings.network.streaming,
                    own_hosts=[host] if (host := settings.axon.external_ip) else [],
                )
                ports = Ports(dendrite, chain, scorer, Corpus(), SystemClock())
                header = Header(settings.netuid, config, scorer.models, genesis=chain.genesis)
                with writing(
                    place.folder / JOURNAL_NAME,
                    header,
                    settings.journal,
                    repairs=settings.repair,
                    tell=on_stage,
                ) as journal:
                    yield Opened(place, config, chain, ports, journal)


@asynccontextmanager
async def _folder_to_ourselves(place: Place) -> AsyncIterator[None]:
    with locked(place.folder):
        yield


@asynccontextmanager
async def _axon(settings: ValidatorSettings, place: Place) -> AsyncIterator[str | None]:
    """Our own axon, listening; the address to publish, None where it is off or has no public address."""
    if settings.neuron.axon_off:
        yield None
        return
    async with anyio.create_task_group() as tasks:
        axon = Axon(place.signer, _no_completion, blacklist=lambda _hotkey, _synapse: NO_PROMPTS)
        try:
            port = await tasks.start(partial(axon.serve, host=settings.axon.host, port=settings.axon.port))
        except OSError as error:
            raise OperatorError(
                f"--axon.port {settings.axon.port} cannot be listened on ({error.strerror}): choose another, or --neuron.axon_off"
            ) from None
        yield settings.axon.published(port)
        tasks.cancel_scope.cancel()


async def _no_completion(_synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
    yield ""


def _chain_settings(settings: ValidatorSettings, place: Place, axon: str | None) -> ChainSettings:
    return ChainSettings(
        place.endpoints,
        settings.netuid,
        place.folder / "cache",
        axon,
        genesis=GENESIS.get(place.label),
        is_local=settings.subtensor.is_local,
    )


def run(settings: ValidatorSettings) -> int:
    """Run a session to its end; its exit code.

    Raises:
        OperatorError: something that the operator must put right.
    """
    if settings.summary is not None:
        check_place("--summary", settings.summary)
    return run_async(_session, settings)


async def _session(settings: ValidatorSettings) -> int:
    code = 0
    async with anyio.create_task_group() as tasks:
        ending = Ending(tasks.cancel_scope)
        await tasks.start(ending.watch)
        code = await _validate(settings, ending)
        tasks.cancel_scope.cancel()
    return code


def runner_from(opened: Opened, state: State, reporter: Reporter) -> Runner:
    """What drives the machine on from `state`, which is that of the journal."""
    return Runner(
        state, seq=opened.journal.last_seq, ports=opened.ports, journal=opened.journal, reporter=reporter
    )


def settle_memory() -> None:
    """Leave all that is loaded by now out of garbage collection.

    A full collection would walk the half a million objects of torch and transformers, with the event loop waiting: 0.3 s.
    """
    gc.collect()
    gc.freeze()


async def _validate(settings: ValidatorSettings, ending: Ending) -> int:
    async with _opened(settings, tell_stage) as opened:
        state = recovered(opened.journal, opened.config)
        settle_memory()
        async with open_telling(settings, opened.place, state, opened.ports.clock) as telling:
            runner = runner_from(opened, state, telling.reporter)
            ending.on_stop(runner.stop)
            last = (await runner.run()).lifecycle
        telling.finish(settings)
    if isinstance(last, Stopped) and last.failed:
        raise OperatorError(last.reason)
    return 0
