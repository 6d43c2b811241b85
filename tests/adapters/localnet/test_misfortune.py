"""Faults at random: what people are told of them, and the account that is kept."""

import json
import logging
from itertools import islice
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.errors import OperatorError
from adapters.localnet.chain import LocalChain
from adapters.localnet.chain.faults import FaultPlan, ReplaceHotkey
from adapters.localnet.chain.gate import Gate
from adapters.localnet.misfortune import ACCOUNT_NAME, inject_faults
from tests.adapters.localnet.chain.world import genesis

QUICK = FaultPlan(seed=7, mean_pause_s=0.005, mean_length_s=0.005)


async def test_each_fault_is_told_in_a_line_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The account must hold what the seed planned, in order, and people must have been told of as much."""
    chain, planned = LocalChain(genesis()), list(islice(QUICK.schedule(), 12))
    with anyio.move_on_after(10), caplog.at_level(logging.WARNING):
        async with anyio.create_task_group() as group:
            group.start_soon(inject_faults, QUICK, chain, Gate(), tmp_path)
            while len(_account(tmp_path)) < len(planned):
                await anyio.sleep(0.01)
                chain.produce_block()
            group.cancel_scope.cancel()
    kept = _account(tmp_path)
    assert [each["kind"] for each in kept[:12]] == [type(each.fault).__name__ for each in planned]
    assert all(each["began_block"] <= (each["ended_block"] or chain.head) <= chain.head for each in kept)
    assert {each["kind"] for each in kept if each["is_outage"]} <= {
        "Refuse",
        "HalfOpen",
        "Delay",
        "StaleHead",
        "LateClock",
    }
    assert len(caplog.messages) >= len(kept)
    assert all("\n" not in message for message in caplog.messages)


async def test_an_account_that_cannot_be_written_is_the_operators(tmp_path: Path) -> None:
    """The path and the flag must be named."""
    (tmp_path / ACCOUNT_NAME).mkdir()
    plan = FaultPlan(1, (ReplaceHotkey,))
    with pytest.raises(OperatorError, match=f"{ACCOUNT_NAME} cannot be written .*--folder"):
        await inject_faults(plan, LocalChain(genesis()), Gate(), tmp_path)


def _account(folder: Path) -> list[dict[str, Any]]:
    path = folder / ACCOUNT_NAME
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
