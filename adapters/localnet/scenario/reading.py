"""A scenario from a file, or one line that says what is wrong with it, where, and what to do."""

from pathlib import Path
from typing import Any

import msgspec

from adapters.errors import OperatorError
from adapters.localnet.scenario.bounds import check
from adapters.localnet.scenario.form import Scenario
from adapters.localnet.scenario.refusing import Refusal, malformed, misfit

MOST_BYTES = 64 * 1024 * 1024


def read(path: Path) -> Scenario:
    """The scenario in a file.

    Raises:
        OperatorError: it cannot be read, or it holds what no chain could.
    """
    try:
        return parsed(_content(path))
    except Refusal as refusal:
        raise OperatorError(f"{path}: {refusal}") from None


def parsed(content: bytes) -> Scenario:
    """The scenario in a text.

    Raises:
        Refusal: it holds what no chain could.
    """
    try:
        scenario = _decoded(content)
    except msgspec.ValidationError as error:
        raise misfit(content, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(content, str(error)) from None
    check(scenario)
    return scenario


def _decoded(content: bytes) -> Scenario:
    """As it stands, or, where a number has a point or an exponent, once more with all that are whole taken for that."""
    try:
        return msgspec.json.decode(content, type=Scenario)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise
    return msgspec.convert(_whole(msgspec.json.decode(content)), Scenario, str_keys=True)


def _whole(value: Any) -> Any:
    """The value with each number that is whole as that: 1e9 and 5.0."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise OperatorError(
            f"{path}: cannot be read ({error.strerror}); give a scenario file (docs/yuma.md tells its form)"
        ) from None
    if len(content) > MOST_BYTES:
        raise Refusal("", f"is larger than {MOST_BYTES >> 20} MiB; split its epochs among several files")
    return content
