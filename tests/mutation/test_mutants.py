"""How mutants are named and counted, and that survivors need an explanation."""

from difflib import unified_diff
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mutation.mutants import (
    LEAST_SCORE_PERCENT,
    PAGE,
    Mutant,
    change_of,
    explained_in,
    function_of,
    is_good,
    outdated,
    score_percent,
    unexplained,
)

WORDS = st.lists(st.sampled_from(["if", "not", "a", "b", "<", "<=", "return"]), max_size=12)
KILLED = Mutant("core.scores.average", "killed")
SURVIVOR = Mutant("core.scores.average", "survived", "alpha * reward", "alpha / reward")
PAGE_OF_IT = f"# Mutants\n\n| function | before | after |\n|---|---|---|\n{SURVIVOR.row}\n"


def diff(before: str, after: str) -> str:
    return "\n".join(
        unified_diff(before.split("\n"), after.split("\n"), "core/x.py", "core/x.py", lineterm="")
    )


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("core.scores.x_average__mutmut_3", "core.scores.average"),
        ("core.quantise.x__row__mutmut_12", "core.quantise._row"),
        ("core.step.xǁStepǁbut__mutmut_1", "core.step.Step.but"),
        ("core.config.xǁNeuronConfigǁ__attrs_post_init____mutmut_5", "core.config.NeuronConfig.__attrs_post_init__"),
    ],
)  # fmt: skip
def test_a_mutant_has_the_name_of_its_function(name: str, function: str) -> None:
    """As Python would write it, private and special names included."""
    assert function_of(name) == function


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("x = 1\nif a < b and c:\n    y", "x = 1\nif a <= b and c:\n    y", ("if a < b and", "if a <= b and")),
        ("return f(one, two)", "return f(one, )", ("return f(one, two)", "return f(one, )")),
        ("f(\n    one,\n    two,\n    three,\n)", "f(\n    one,\n    three,\n)", ("f( one, two, three, )", "f( one, three, )")),
        ("a a a", "a a", ("a a a", "a a")),
    ],
)  # fmt: skip
def test_a_change_is_told_in_a_few_words(before: str, after: str, changed: tuple[str, str]) -> None:
    """What is different, and two words around it; where lines break does not matter."""
    assert change_of(diff(before, after)) == changed


@given(WORDS, WORDS)
def test_a_change_always_shows(before: list[str], after: list[str]) -> None:
    """However much of two texts is alike, what is told of them differs where they do."""
    one, other = change_of(diff("\n".join(before), "\n".join(after)))
    assert (one == other) is (before == after)


def test_the_score_is_the_share_of_those_found() -> None:
    """Out of time is found as well; never run is not."""
    late, untested = Mutant("core.a.b", "timeout"), Mutant("core.a.b", "no tests")
    assert score_percent([KILLED, late, SURVIVOR, untested]) == 50
    assert score_percent([]) == 100


def test_a_survivor_needs_its_row() -> None:
    """The very change, in the very function; and a row that nothing needs is told."""
    explained, other = explained_in(PAGE_OF_IT), Mutant("core.scores.average", "survived", "a", "b")
    many = [KILLED] * 98
    assert is_good([*many, SURVIVOR], explained)
    assert not is_good([*many, SURVIVOR, other], explained)
    assert unexplained([KILLED, SURVIVOR, other], explained) == [other]
    assert outdated([KILLED, SURVIVOR], explained) == []
    assert outdated([KILLED, other], explained) == [SURVIVOR.row]


def test_explanations_do_not_make_up_for_tests() -> None:
    """Below the least score it is not good, whatever is explained."""
    explained = explained_in(PAGE_OF_IT)
    assert score_percent([KILLED] * 17 + [SURVIVOR] * 3) == LEAST_SCORE_PERCENT
    assert is_good([KILLED] * 17 + [SURVIVOR] * 3, explained)
    assert not is_good([KILLED] * 16 + [SURVIVOR] * 3, explained)


def test_a_row_can_hold_any_code() -> None:
    """Bars do not end a cell, nor quotes of code the code."""
    assert Mutant("core.a.b", "survived", "x | y", "`x`").row == r"| `core.a.b` | `x \| y` | `` `x` `` |"


def test_every_explanation_is_of_a_function_that_is_there() -> None:
    """What was renamed or went takes its explanations with it."""
    for row in explained_in(PAGE.read_text(encoding="utf-8")):
        name = row.split("`")[1]
        found: object = import_module(".".join(name.split(".")[:2]))
        for part in name.split(".")[2:]:
            found = getattr(found, part)
        assert callable(found)
