"""Generated pages stand as the code would write them today."""

import re

import pytest

from core.machine import CONSEQUENCES, TRANSITIONS
from tests.docs.state_diagram import PAGE, page


def test_the_page_on_the_state_machine_is_current(request: pytest.FixtureRequest) -> None:
    """A change of the table changes the page: `pytest tests/docs --rewrite` writes it."""
    if request.config.getoption("--rewrite"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page()


def test_every_arrow_of_the_table_is_drawn() -> None:
    """As many places to go to as the table and the consequences name, none twice."""
    promised = {
        (phase.__name__, to.__name__) for (phase, _), row in TRANSITIONS.items() for to in row.targets
    }
    promised |= {(phase.__name__, to.__name__) for phase, targets in CONSEQUENCES.items() for to in targets}
    drawn = re.findall(r"^    (\S+) --> (\S+): ", page(), re.MULTILINE)
    begun = {pair for pair in promised if pair[0] == "Ended"}
    assert len(drawn) == len(set(drawn))
    assert {(phase, to.replace("[*]", "Ended")) for phase, to in drawn} == promised - begun
