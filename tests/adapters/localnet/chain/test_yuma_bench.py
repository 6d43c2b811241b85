"""The benchmark of Yuma Consensus runs on a small subnet. Nothing is timed here."""

import pytest

from tests.bench.yuma import main


def test_every_rule_has_its_figure(capsys: pytest.CaptureFixture[str]) -> None:
    """One size, one run: a row with a number for each rule."""
    main(["--runs", "1", "--sizes", "64"])

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["uids", "validators", "classic", "Yuma3", "liquid", "alpha"] in rows
    (figures,) = [row for row in rows if row[:2] == ["64", "16"]]
    assert len([int(figure) for figure in figures]) == 5
