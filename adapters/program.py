"""What every entry point does alike: flags from a frozen settings class, one-line errors, exit codes.

Rules:
- An error that the operator can mend is one line on stderr and exit code 2, never a traceback.
- `--help` needs nothing but the settings class: heavy imports come later.
"""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, TypeVar

import anyio
from cyclopts import App, CycloptsError, Parameter
from cyclopts.config import Dict

from adapters.errors import OperatorError
from adapters.reporting.text import visible
from core.config import ConfigError
from effects.ports import Fault

S = TypeVar("S")
T = TypeVar("T")

EXIT_OPERATOR = 2
MOST_CHARACTERS = 2000
# What a second interrupt ends with, as shells count: 128 + SIGINT.
EXIT_INTERRUPTED = 130
# And when whoever reads what is printed has gone: 128 + SIGPIPE.
EXIT_PIPE = 141


def no_presets(_chosen: object) -> Mapping[str, Any]:
    return {}


def parse(
    settings: type[S],
    argv: Sequence[str],
    *,
    name: str,
    help_text: str,
    presets: Callable[[S], Mapping[str, Any]] = no_presets,
) -> S | None:
    """The settings that `argv` asks for; None where it asked for help, which is then shown.

    `presets` says what flags that are not given are, nested by dots, once it is known what the given ones choose.

    Raises:
        OperatorError: an unknown flag or a value that cannot be, naming the flag.
    """
    chosen = _parse(settings, argv, name, help_text, {})
    if chosen is None or not (values := presets(chosen)):
        return chosen
    return _parse(settings, argv, name, help_text, values)


def _parse(
    settings: type[S], argv: Sequence[str], name: str, help_text: str, values: Mapping[str, Any]
) -> S | None:
    defaults = settings()
    app = App(
        name=f"python -m {name}",
        help=help_text,
        version_flags=(),
        config=(Dict(dict(values)),),
        default_parameter=Parameter(name_transform=str, negative=()),
    )

    @app.default
    def take(*, flags: Annotated[settings, Parameter(name="*")] = defaults) -> S:  # type: ignore[valid-type]
        return flags

    taken: S | None = invoke(app, argv)
    return taken


def invoke(app: App, argv: Sequence[str]) -> Any:
    """What the function that `argv` chooses returns; None where it asked for help, which is then shown.

    Raises:
        OperatorError: an unknown command or flag, or a value that cannot be, by name.
    """
    try:
        return app(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise OperatorError(f"{_one_line(error)} ({app.name[0]} --help lists what there is)") from None


def main(program: Callable[[Sequence[str]], int]) -> None:
    """Run `program` on the command line's arguments and exit with its code."""
    try:
        code = program(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        code = _without_output(EXIT_PIPE)
    except (OperatorError, ConfigError) as error:
        # Where standard error cannot be written to either (a full disk), the exit code still says it.
        with suppress(OSError):
            print(f"error: {_one_line(error)}", file=sys.stderr, flush=True)  # noqa: T201 - the operator's terminal
        code = EXIT_OPERATOR
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    sys.exit(code)


def _without_output(code: int) -> int:
    """The code, with standard output led to nowhere: what is left in its buffer would fail once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def run_async(program: Callable[..., Awaitable[T]], *args: object) -> T:
    """Run `program` on asyncio, which the SDK needs.

    Raises:
        OperatorError: what it raised, or a `Fault` that nobody could go on from; also out of task groups.
    """
    try:
        return anyio.run(program, *args)
    except* (OperatorError, Fault) as group:
        raise OperatorError(str(_first(group))) from None


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _one_line(error: Exception) -> str:
    """What went wrong, whoever's words are in it."""
    return visible(" ".join(str(error).split()), MOST_CHARACTERS)
