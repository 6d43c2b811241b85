"""Walking through a journal: by command, forward and back."""

from collections.abc import Iterator

import pytest

from adapters.journal.opening import reading
from adapters.replay.walk import HELP, Walk, Walker
from tests.adapters.replay.recording import FAILURES


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def walker(told: list[str]) -> Iterator[Walker]:
    with reading(FAILURES) as journal:
        yield Walker(Walk(journal), 20, told.append)


def heading(told: list[str]) -> str:
    return [line for line in told if line.startswith("──")][-1]


@pytest.mark.parametrize(
    ("commands", "seq"), [(["n"], 21), ([""], 21), (["b"], 19), (["1"], 1), (["60", "b", "b", "n"], 59), (["3", "70", "3"], 3)]
)  # fmt: skip
def test_commands_lead_there(walker: Walker, told: list[str], commands: list[str], seq: int) -> None:
    """Forward, back, to any event; each is shown with its number."""
    assert all(walker.obey(command) for command in commands)
    assert walker.seq == seq
    assert heading(told).startswith(f"── event {seq} of 91")


def test_f_follows_one_forward(walker: Walker, told: list[str]) -> None:
    """From one event of a forward to its next, whatever other forwards do between."""
    whose = walker.walk.at(20).entry.forward_id
    assert whose is not None
    assert walker.obey("f")
    assert walker.seq > 20
    assert walker.walk.at(walker.seq).entry.forward_id == whose
    assert f"forward {whose}" in heading(told)


@pytest.mark.parametrize("command", ["0", "92", "12345678901234567890"])
def test_there_is_no_further_than_the_ends(walker: Walker, told: list[str], command: str) -> None:
    """What there is, is told; nobody moves."""
    assert walker.obey(command)
    assert (walker.seq, told) == (20, ["there are events 1 to 91"])


def test_what_is_no_command_shows_the_commands(walker: Walker, told: list[str]) -> None:
    """And the end is the end."""
    assert walker.obey("what?")
    assert told == [HELP]
    assert not walker.obey("q")


def test_an_event_is_the_same_wherever_one_comes_from(walker: Walker) -> None:
    """Folded from a snapshot or from the beginning, an event meets the same state."""
    with reading(FAILURES) as journal:
        for folded in journal.fold(journal.beginning()):
            assert Walk(journal).at(folded.entry.seq).before == folded.before
