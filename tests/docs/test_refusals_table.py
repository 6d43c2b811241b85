"""The table of refusals stands in the documentation as the core has it."""

import pytest

from core.refusals import BY_CODE, BY_NAME
from tests.docs.refusals_table import PAGE, page, table


def test_the_table_of_refusals_is_current(request: pytest.FixtureRequest) -> None:
    """A change of the table changes the page: `pytest tests/docs --rewrite` writes it."""
    current = PAGE.read_text()
    if request.config.getoption("--rewrite"):
        PAGE.write_text(page(current))
    assert PAGE.read_text() == page(current)


def test_every_name_is_told_once() -> None:
    """None is missing, and none stands in two lines."""
    for name in (*BY_NAME, *BY_CODE):
        assert table().count(f"`{name}`") == 1
