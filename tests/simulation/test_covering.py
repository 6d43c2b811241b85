"""What is said of the branches that were taken."""

import pytest

from tests.simulation.covering import LEFT_OUT, ROOT, Way, covered


@pytest.mark.parametrize("way", LEFT_OUT, ids=str)
def test_what_is_left_out_is_there(way: Way) -> None:
    """Both its lines stand in the core as they are named: a change of the core must not leave an exception behind."""
    lines = [line.strip() for line in (ROOT / way.module).read_text(encoding="utf-8").splitlines()]
    assert way.start in lines
    assert way.end in lines


@pytest.mark.timeout(60)
def test_one_quiet_forward_takes_some_branches() -> None:
    """Each branch is taken, missed or left out; what runs only if something goes wrong is not taken by a run in which little does."""
    found = covered(1, 1, 2)
    assert 0 < found.taken < found.branches
    assert found.taken + len(found.missed) == found.branches
    assert {told.rpartition(" (")[2] for told in found.left_out} <= {f"{why})" for why in LEFT_OUT.values()}
    assert len(found.left_out) == len(LEFT_OUT)
    assert not any("assert_never" in told or told.endswith("case _:") for told in found.missed)


@pytest.mark.timeout(60)
def test_the_same_seeds_take_the_same_branches() -> None:
    """In a process of its own, whatever was loaded here; more seeds take more."""
    few, many = covered(3, 3, 2), covered(3, 5, 2)
    assert covered(3, 3, 2) == few
    assert set(many.missed) < set(few.missed)
