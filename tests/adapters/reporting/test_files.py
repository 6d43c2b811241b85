"""Files that flags name."""

from pathlib import Path

import pytest

from adapters.errors import OperatorError
from adapters.reporting.files import check_place, write


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


def test_a_file_replaces_an_older_one(tmp_path: Path) -> None:
    """What is written must be whole, and leave nothing beside it."""
    place = tmp_path / "a.json"
    place.write_bytes(b"an older one, which is longer")
    write("--json", place, b"new")
    assert place.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [place]


def test_a_file_that_cannot_be_written_is_the_operators(tmp_path: Path) -> None:
    """A directory that went away meanwhile is told with the flag's name, and nothing half written stays."""
    (tmp_path / "taken").mkdir()
    for place in (tmp_path / "gone" / "a.png", tmp_path / "taken"):
        with pytest.raises(OperatorError, match=r"--plot .*cannot be written"):
            write("--plot", place, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
