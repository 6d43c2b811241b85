"""`python -m tests.faults.network FOLDER SEED MINUTES`: a local subnet whose chain fails, and which writes down what it saw.

It tells its facts in one line on standard output. A line on standard input lets the faults begin: for so many minutes, or each kind once
where MINUTES is 0; when they are over it says so in another line. It ends when standard input closes.
"""

import logging
import sys
import time
from pathlib import Path

import anyio
import anyio.to_thread
import attrs
from anyio.abc import TaskStatus

from adapters.localnet.admission import Admission
from adapters.localnet.chain.injecting import Injected, Injector
from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import SubnetFacts, encode_line
from adapters.localnet.keys import WALLET_HOTKEY, spare_keys, validator_keys, write_wallet
from adapters.localnet.misfortune import ACCOUNT_NAME, account_line
from adapters.localnet.subnet import VALIDATOR_STAKES_TAO, OpenSubnet, make_genesis, make_members, open_subnet
from adapters.program import run_async
from tests.crash.arrivals import POOLED
from tests.faults.chronicle import Arrival, BlockLine, ObservedChain, append
from tests.faults.place import (
    ARRIVALS_NAME,
    BLOCK_TIME_S,
    BLOCKS_NAME,
    MAX_VALIDATORS,
    RATE_LIMIT_BLOCKS,
    TEMPO_BLOCKS,
)
from tests.faults.plan import Stroke, at_random, each_once

OVER = b"over\n"
# For weights to arrive, before a fault that is aimed at them comes all the same.
LONGEST_WAIT_S = 30.0


def main(folder: Path, seed: int, minutes: float) -> None:
    # One of the miners fails on purpose, at every prompt; and a line that is cut says no goodbye.
    for name in ("adapters.axon", "websockets.server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    run_async(_run, folder, seed, minutes)


async def _run(folder: Path, seed: int, minutes: float) -> None:
    config = SubnetConfig(port=0, block_time=BLOCK_TIME_S, tempo=TEMPO_BLOCKS, folder=folder)
    async with anyio.create_task_group() as group:
        arrivals = Arrivals(folder)
        subnet = await group.start(_serve, config, arrivals)
        await _line()
        group.start_soon(_inject, subnet, arrivals, folder, seed, minutes)
        while await _line():
            pass
        group.cancel_scope.cancel()


async def _serve(config: SubnetConfig, arrivals: "Arrivals", *, task_status: TaskStatus[OpenSubnet]) -> None:
    validators = tuple(validator_keys(index) for index in range(len(VALIDATOR_STAKES_TAO)))
    members = make_members(config.seed)
    for keys in (*validators, spare_keys()):
        write_wallet(keys, config.wallets)
    genesis = attrs.evolve(
        make_genesis(config, validators, members, round(time.time() * 1_000)),
        weights_rate_limit_blocks=RATE_LIMIT_BLOCKS,
        max_validators=MAX_VALIDATORS,
    )
    chain = ObservedChain(genesis, validators[0].hotkey_ss58, arrivals.note)
    async with open_subnet(config, chain, members, validators[0], lambda _doing: None) as subnet:
        facts = SubnetFacts(
            endpoint=subnet.endpoint,
            netuid=config.netuid,
            wallet_path=str(config.wallets.resolve()),
            wallet_names=tuple(keys.name for keys in validators),
            wallet_hotkey=WALLET_HOTKEY,
            spare_wallet=spare_keys().name,
            spare_hotkey=spare_keys().hotkey_ss58,
            behaviours={member.miner.hotkey: member.miner.behaviour for member in members},
        )
        _say(encode_line(facts))
        task_status.started(subnet)
        admission: Admission = subnet.admission
        await admission.follow(subnet.reader, lambda _metagraph: None)


async def _inject(subnet: OpenSubnet, arrivals: "Arrivals", folder: Path, seed: int, minutes: float) -> None:
    account = (folder / ACCOUNT_NAME).open("ab", buffering=0)

    def tell(injected: Injected) -> None:
        if injected.is_over:
            account.write(account_line(injected))

    injector = Injector(subnet.chain, subnet.gate, tell)
    with account, anyio.move_on_after(60 * minutes if minutes else None):
        for stroke in at_random(seed) if minutes else each_once(seed):
            await anyio.sleep(stroke.pause_s)
            await arrivals.aimed(stroke)
            await injector.inject(stroke.fault, stroke.lasts_s)
    _say(OVER)


class Arrivals:
    """Writes down what the chain sees, and wakes who waits for weights to arrive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = anyio.Event()

    def note(self, line: object) -> None:
        append(self._folder / (BLOCKS_NAME if isinstance(line, BlockLine) else ARRIVALS_NAME), line)
        if isinstance(line, Arrival) and line.outcome == POOLED:
            self._next.set()

    async def aimed(self, stroke: Stroke) -> None:
        """Wait for what a fault is aimed at, but not for ever."""
        if stroke.after_arrival_s is None:
            return
        self._next = anyio.Event()
        with anyio.move_on_after(LONGEST_WAIT_S):
            await self._next.wait()
            await anyio.sleep(stroke.after_arrival_s)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


async def _line() -> bytes:
    """The next line of standard input; empty at its end."""
    return await anyio.to_thread.run_sync(sys.stdin.buffer.readline, abandon_on_cancel=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
