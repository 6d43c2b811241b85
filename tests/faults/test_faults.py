"""Each kind of fault once, so that the harness itself keeps working; `python -m tests.faults` is for half an hour of them."""

import json
from pathlib import Path

import pytest

from adapters.localnet.chain.faults import ALL_KINDS
from tests.faults.__main__ import main


@pytest.mark.timeout(240)
def test_a_validator_lives_through_each_kind_of_fault_and_its_weights_land(tmp_path: Path) -> None:
    """Every kind happens once, and the run finds nothing wrong: it lived, weights landed, never two at once, none misplaced."""
    target = tmp_path / "report.json"
    assert main(["--minutes", "0", "--json", str(target), "--folder", str(tmp_path / "run")]) == 0
    found = json.loads(target.read_text(encoding="utf-8"))
    assert set(found["faults"]) == {kind.__name__ for kind in ALL_KINDS}
    assert all(found["faults"].values())
    assert (found["counts"]["two_in_flight"], found["counts"]["for_replaced_hotkeys"]) == (0, 0)
    assert found["epochs"]["landed"] > 0
    assert found["problems"] == []
