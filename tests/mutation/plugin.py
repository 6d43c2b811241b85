"""How pytest runs while mutants are tested; loaded by the settings of mutmut in `pyproject.toml`.

- Hypothesis takes the same examples each time, remembers none and shrinks none: the first failure is enough.
- Left out is what cannot tell a mutant, or not in reasonable time: tests that read the source, time it or start other interpreters, and
  all but the first random walks, with the tests that sum up all of them.
- A mutant's own tests come first, walks and scenarios last.
- What runs while the core is imported (tables, patterns, default settings) is imported anew for its mutants, and is tested by the tests
  of its module; mutmut alone would count it to whatever test comes first, and test it in a core that is there already.
"""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from mutmut.state import state

WALKS = 12
WALK = "test_walks.py::test_the_laws_hold_after_every_event"
LEFT_OUT = (
    "test_walks.py::test_walks",
    "test_walks.py::test_hash_randomisation_changes_nothing",
    "test_text.py::test_time_grows_with_the_length",
)
LAST = ("test_walks", "test_scenarios")
# Written beside the mutated core by the run that looks which test calls what.
CALLED_AT_IMPORT = Path("called-at-import.txt")

settings.register_profile(
    "mutation", database=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)


def pytest_configure() -> None:
    """Forget the core as it was imported, and all that has names of it, if the mutant changes what an import does."""
    function = _mutant().partition("__mutmut_")[0]
    if CALLED_AT_IMPORT.exists() and function in CALLED_AT_IMPORT.read_text(encoding="utf-8").split():
        for name in [name for name in sys.modules if name.partition(".")[0] in {"core", "tests"}]:
            if name != __name__:
                del sys.modules[name]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if _is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = sorted((item for item in items if not _is_left_out(item)), key=_distance)


def pytest_collection_finish() -> None:
    """Whatever was called so far was called by an import."""
    if _mutant() == "stats":
        CALLED_AT_IMPORT.write_text("\n".join(sorted(state()._stats)), encoding="utf-8")
        state()._stats.clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Count what an import calls to the tests of its module, `tests/core/test_x.py` for `core/x.py`."""
    if _mutant() == "stats":
        called = CALLED_AT_IMPORT.read_text(encoding="utf-8").split()
        state()._stats.update(name for name in called if item.path.stem == f"test_{name.split('.')[1]}")


def _mutant() -> str:
    """What is tested: a mutant's name; "stats" while it is looked which test calls what."""
    return os.environ.get("MUTANT_UNDER_TEST", "")


def _is_left_out(item: pytest.Item) -> bool:
    if WALK in item.nodeid and isinstance(item, pytest.Function):
        seed = item.callspec.params["seed"]
        return isinstance(seed, int) and seed >= WALKS
    return any(name in item.nodeid for name in LEFT_OUT)


def _distance(item: pytest.Item) -> int:
    stem = item.path.stem
    is_own = f".{stem.removeprefix('test_')}." in _mutant()
    return 0 if is_own else 2 if stem in LAST else 1
