"""The report as JSON, and where it may be written."""

import json

from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.report import Report, encode, settings_of
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
