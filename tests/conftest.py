"""What the command line of pytest takes besides its own options."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite",
        action="store_true",
        help="write what scenarios and generated pages come to, for review as a diff",
    )
