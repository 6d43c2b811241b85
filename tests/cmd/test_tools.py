"""The standard library's `cmd` is hidden by ours, and everything that needs it works all the same."""

from pathlib import Path

import pytest

from tests.cmd.program import python

CALLS = {
    "pdb": ["-c", "import pdb; pdb.Pdb().prompt; import cmd; cmd.Cmd().cmdloop"],
    "pdb after ours": ["-c", "import cmd.validator, pdb; pdb.Pdb"],
    "doctest": ["-c", "import doctest; doctest.testmod"],
    "pstats": ["-c", "import pstats; pstats.Stats"],
    "torch imports pdb": ["-c", "import torch"],
    "python -m pytest": ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/core/test_pauses.py"],
    "pytest": [
        "-c",
        "import sys, pytest; sys.exit(pytest.console_main())",
        "-p",
        "no:cacheprovider",
        "tests/core/test_pauses.py",
    ],
    "cProfile": ["-m", "cProfile", "-m", "cmd.validator", "--help"],
}


@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS)
def test_works_from_the_root(words: list[str], tmp_path: Path) -> None:
    """Each ends well when started from the repository's root."""
    ran = python(*words, home=tmp_path)
    assert ran.code == 0, ran


def test_the_names_of_the_standard_module_are_handed_on(tmp_path: Path) -> None:
    """`cmd.Cmd` is the standard library's class, and `cmd.validator` is ours."""
    ran = python(
        "-c", "import cmd.validator; print(cmd.Cmd.prompt == cmd.PROMPT, cmd.validator.NAME)", home=tmp_path
    )
    assert ran.out.split() == ["True", "cmd.validator"], ran
