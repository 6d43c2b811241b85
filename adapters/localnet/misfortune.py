"""Faults at random in a running subnet: each told in a line, and kept as a JSON line for whoever judges the run."""

import logging
from pathlib import Path
from typing import BinaryIO

import msgspec

from adapters.errors import OperatorError
from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.faults import FaultPlan
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.injecting import Injected, Injector

ACCOUNT_NAME = "faults.jsonl"
_log = logging.getLogger(__name__)


async def inject_faults(plan: FaultPlan, chain: LocalChain, gate: Gate, folder: Path) -> None:
    """Inject what is planned, until cancelled; the account of it replaces that of an earlier run in the folder.

    Raises:
        OperatorError: the account cannot be written.
    """
    with _opened(folder / ACCOUNT_NAME) as account:

        def tell(injected: Injected) -> None:
            _log.warning("%s", injected)
            if injected.is_over:
                account.write(account_line(injected))
                account.flush()

        await Injector(chain, gate, tell).run(plan.schedule())


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise OperatorError(f"{path} cannot be written ({error.strerror}): choose another --folder") from None


def account_line(injected: Injected) -> bytes:
    """The fault's name beside what it was given, and when it was."""
    values = msgspec.to_builtins(injected)
    kind = type(injected.fault).__name__
    return msgspec.json.encode(values | {"kind": kind, "is_outage": injected.is_outage}) + b"\n"
