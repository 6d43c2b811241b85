"""The benchmark of a subnet's day runs on a small one. Nothing is timed here."""

import json
from pathlib import Path

import pytest

from tests.bench.day_costs import core_alone, core_and_decision, day_costs
from tests.bench.day_world import Scale
from tests.bench.subnet_day import Size, fit, main


@pytest.mark.timeout(60)
def test_a_small_day_has_all_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both days and all nine sizes are told, each with its own number of uids and miners, as a table and as JSON."""
    main(["--forwards", "2", "--forwards-per-size", "2", "--json", str(tmp_path / "day.json")])
    told = json.loads((tmp_path / "day.json").read_text(encoding="utf-8"))
    assert [day["name"] for day in told["days"]] == ["nine steps", "five steps"]
    assert all(day["forwards"] >= 2 and day["blocks"] >= 14 and day["total_s"] > 0 for day in told["days"])
    assert all(sum(day["shares_s"].values()) == pytest.approx(day["total_s"]) for day in told["days"])
    sizes = [(size["uids"], round(size["miners_per_step"])) for size in told["sizes"]]
    assert sizes == [
        (uids, miners) for uids in (256, 1024, 4096) for miners in (10, 25, 49 if uids == 256 else 50)
    ]
    assert "ns a uid" in capsys.readouterr().out


def test_the_core_alone_does_the_same_day() -> None:
    """The fingerprint of decisions changes none of them: with and without it a day has the same steps."""
    alone, whole = (day_costs(Scale(3, 5, 40), taking) for taking in (core_alone, core_and_decision))
    assert (alone.blocks, alone.steps, alone.prompted) == (whole.blocks, whole.steps, whole.prompted)
    assert alone.taken_s.keys() == whole.taken_s.keys()


def test_a_plane_is_found_again() -> None:
    """Steps that cost by miners and by uids are told as just that."""
    sizes = [
        Size(uids, miners, 100 + 20 * miners + 0.5 * uids, 0.0)
        for uids in (256, 1024, 4096)
        for miners in (10, 25, 50)
    ]
    found = fit(sizes)
    assert (found.fixed_us, found.per_miner_us, found.per_uid_us) == pytest.approx((100, 20, 0.5))
    assert found.largest_error < 1e-9
