"""Scenarios as text: a command, `----`, what follows from it. `pytest tests/scenarios --rewrite` writes the outcomes anew.

Commit a rewritten outcome only if you understand what changed it.
"""

from pathlib import Path

import pytest

from tests.scenarios.language import Scenario

FOLDER = Path(__file__).parent
SCENARIOS = sorted(FOLDER.glob("*.txt"))
RULE = "----"


def rendered(text: str) -> str:
    """The scenario with the outcome of every command as it is today. Comments and blank lines stay."""
    scenario, lines = Scenario(), []
    for block in text.strip().split("\n\n"):
        command, _, _ = block.partition(f"\n{RULE}")
        lines.append(command)
        if not _is_comment(command):
            spoken = [line for line in command.splitlines() if not line.startswith("#")]
            lines[-1] = "\n".join((command, RULE, *scenario.run(" ".join(spoken))))
    return "\n\n".join(lines) + "\n"


def _is_comment(block: str) -> bool:
    return all(line.startswith("#") for line in block.splitlines())


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path, request: pytest.FixtureRequest) -> None:
    """Every command leads to the lines that stand below it."""
    text = path.read_text()
    today = rendered(text)
    if request.config.getoption("--rewrite"):
        path.write_text(today)
    else:
        assert today == text


def test_each_scenario_says_what_it_shows() -> None:
    """A dozen of them at least, each opened by a comment."""
    assert len(SCENARIOS) >= 12
    assert all(path.read_text().startswith("# ") for path in SCENARIOS)
