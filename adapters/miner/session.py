"""One session of the miner, from flags to exit code.

Order: wallet, lock, back end, axon, then the chain for as long as the session lasts. The axon serves whether the chain is there or not; it
is not opened before there is something to answer with.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import anyio

from adapters.axon import Axon
from adapters.chain.connection import ChainSettings
from adapters.chain.endpoints import GENESIS, LOCAL, OUTSIDE, resolve_endpoints
from adapters.chain.wallet import Signer, load_hotkey
from adapters.clock import SystemClock
from adapters.completions import open_completions
from adapters.ending import Ending
from adapters.errors import OperatorError
from adapters.folder import run_folder
from adapters.journal.lock import locked
from adapters.miner.following import Following
from adapters.miner.gate import Gate
from adapters.miner.settings import LOCAL_WALLET, BlacklistFlags, MinerSettings
from adapters.miner.telling import Forwarded, Telling
from adapters.miner.work import Work
from adapters.program import run_async
from core.randomness import key_of

NONCES_NAME = "nonces.sqlite"


def run(settings: MinerSettings) -> int:
    """Run a session to its end; its exit code.

    Raises:
        OperatorError: something that the operator must put right.
    """
    telling = Telling(sys.stderr, SystemClock())
    with _forwarded(telling):
        return run_async(_session, settings, telling)


async def _session(settings: MinerSettings, telling: Telling) -> int:
    """0 where a signal ended it; nothing else does but an error."""
    async with anyio.create_task_group() as tasks:
        await tasks.start(Ending(tasks.cancel_scope).watch)
        await _mine(settings, telling)
    return 0


async def _mine(settings: MinerSettings, telling: Telling) -> None:
    subtensor, wallet = settings.subtensor, settings.wallet
    endpoints = resolve_endpoints(subtensor.network, subtensor.chain_endpoint, choices=OUTSIDE)
    signer = _hotkey(settings)
    _check_hotkeys(settings.blacklist)
    place = (wallet.name, wallet.hotkey, f"netuid{settings.netuid}", settings.neuron.name)
    folder = run_folder(settings.logging.logging_dir, *place)
    key = key_of(0, "miner", signer.ss58_address)
    telling.stage(f"making the {settings.completion.backend} back end ready")
    with locked(folder):
        async with (
            open_completions(settings.completion, key) as completions,
            anyio.create_task_group() as tasks,
        ):
            gate = Gate(settings.blacklist.policy(), settings.priority.patience_s, telling.refused)
            work = Work(completions, gate, telling)
            axon = Axon(
                signer,
                work.forward,
                blacklist=gate.refusal,
                priority=gate.priority,
                limits=settings.axon.limits(settings.completion),
                nonces=folder / NONCES_NAME,
            )
            port = await _served(tasks, axon, settings.axon.host, settings.axon.port)
            telling.serving(signer.ss58_address, settings.axon.host, port)
            tasks.start_soon(telling.summarise)
            chain = ChainSettings(
                endpoints,
                settings.netuid,
                folder / "cache",
                settings.axon.published(port),
                genesis=GENESIS.get(subtensor.network),
                is_local=subtensor.network == LOCAL,
            )
            try:
                await Following(
                    chain, signer, gate, telling, settings.neuron.epoch_length, settings.neuron.silence_s
                ).run()
            finally:
                telling.summary("ending")


async def _served(tasks: anyio.abc.TaskGroup, axon: Axon, host: str, port: int) -> int:
    """The port that the axon listens on from now on."""
    try:
        bound: int = await tasks.start(partial(axon.serve, host=host, port=port))
    except OSError as error:
        raise OperatorError(
            f"--axon.port {port} cannot be listened on ({_plain(error)}): choose another, or 0 for any"
        ) from None
    return bound


def _plain(error: OSError) -> str:
    """The system's word for it; the event loop's has the address in it once more."""
    return os.strerror(error.errno) if error.errno else str(error)


def _hotkey(settings: MinerSettings) -> Signer:
    wallet = settings.wallet
    place = wallet.path.expanduser() / wallet.name / "hotkeys" / wallet.hotkey
    if settings.subtensor.is_local and wallet.name == LOCAL_WALLET and not place.exists():
        raise OperatorError(
            f"no hotkey at {place}: start `python -m cmd.localnet`, which writes it, from the same folder;"
            " or name its wallets by --wallet.path"
        )
    return load_hotkey(wallet.name, wallet.hotkey, wallet.path)


def _check_hotkeys(blacklist: BlacklistFlags) -> None:
    """A hotkey with a typing error, or spelled as on another chain, would allow or deny nobody."""
    for flag, hotkeys in (("allow", blacklist.allow), ("deny", blacklist.deny)):
        for hotkey in hotkeys:
            if not _is_hotkey(hotkey):
                raise OperatorError(
                    f"--blacklist.{flag} {hotkey} is no hotkey's address: look for a typing error, or copy it from the chain"
                )


def _is_hotkey(address: str) -> bool:
    """Whether it is spelled as on this chain, its check sum included."""
    # Late: the SDK takes a while to import.
    from bittensor import sp_core

    try:
        return bool(sp_core.ss58_encode(sp_core.ss58_decode(address)) == address)
    except ValueError:
        return False


@contextmanager
def _forwarded(telling: Telling) -> Iterator[None]:
    """What parts of this program and libraries log by themselves is told like all else, escaped."""
    handler, root = Forwarded(telling), logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
