"""The report as JSON, and where it may be written."""

import json
from pathlib import Path

import pytest

from adapters.errors import OperatorError
from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.report import Report, check_place, encode, settings_of, write
from tests.adapters.localnet.incentives.runs import FOUR, RUN, figures_of

KEYS = {
    "format",
    "settings",
    "duration_s",
    "epochs",
    "paid_epochs",
    "validators",
    "behaviours",
    "accomplices",
    "sybils",
    "series",
}
VALIDATOR_KEYS = {
    "name",
    "kind",
    "hotkey",
    "stake_tao",
    "dividends",
    "dividends_per_stake",
    "vtrust",
    "weights_landed",
    "epochs",
    "earned_tao",
    "phases",
}
BEHAVIOUR_KEYS = {
    "miners",
    "incentive",
    "incentive_total",
    "rank",
    "last_incentive",
    "earned_tao",
    "share_of_emission",
    "pruned",
}


def test_the_report_has_the_promised_shape() -> None:
    """Every key that the documentation names must be there, and no other."""
    report = json.loads(encode(Report(settings_of(SubnetConfig(), RUN), figures_of(*FOUR), 1.5)))
    assert set(report) == KEYS
    assert all(set(validator) == VALIDATOR_KEYS for validator in report["validators"])
    assert all(set(row) == BEHAVIOUR_KEYS for row in report["behaviours"].values())
    assert report["settings"]["miners"] == 8
    assert report["duration_s"] == 1.5
    assert report["series"]["commit_reveal"] == [False, False, True, True]
    assert report["validators"][2]["kind"] == "copier"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """No directory, a directory, a directory that takes no file: each is named with its flag."""
    with pytest.raises(OperatorError, match=r"--json .*no directory"):
        check_place("--json", tmp_path / "none" / "a.json")
    with pytest.raises(OperatorError, match=r"--plot .*is a directory"):
        check_place("--plot", tmp_path)
    with pytest.raises(OperatorError, match=r"--json /proc/a.json: /proc cannot be written to"):
        check_place("--json", Path("/proc/a.json"))
    check_place("--json", tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_report_replaces_an_older_one(tmp_path: Path) -> None:
    """What is written must be whole, and leave nothing beside it."""
    place = tmp_path / "a.json"
    place.write_bytes(b"an older one, which is longer")
    write("--json", place, b"new")
    assert place.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [place]


def test_a_directory_that_has_gone_is_told(tmp_path: Path) -> None:
    """Where nothing can be written in the end, the flag must be named."""
    with pytest.raises(OperatorError, match=r"--plot .*cannot be written"):
        write("--plot", tmp_path / "gone" / "a.png", b"x")
