"""The core knows nothing of the world: no clock, no I/O, no hidden chance, nothing but the standard library and attrs."""

import ast
import random
import subprocess
import sys
from pathlib import Path

import pytest

import core
from tests.core.walk import Walk

ROOT = Path(core.__file__).parent
MODULES = sorted(path.stem for path in ROOT.glob("*.py") if path.stem != "__init__")
ALLOWED = {"core", "attr", "attrs"} | sys.stdlib_module_names
# What the standard library has to offer for looking at clocks, disks, networks, threads and the machine.
WORLDLY = {
    "asyncio", "concurrent", "datetime", "getpass", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib",
    "platform", "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid", "warnings", "weakref",
}  # fmt: skip
WORLDLY_NAMES = {"breakpoint", "eval", "exec", "input", "open", "print"}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Top-level names of all modules in a fresh interpreter that has imported the whole core."""
    imports = "; ".join(f"import core.{name}" for name in MODULES)
    script = f"import sys; before = set(sys.modules); {imports}; print(*(set(sys.modules) - before))"
    fresh = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT.parent
    )
    return {name.partition(".")[0] for name in fresh.stdout.split()}


def test_importing_the_core_loads_the_standard_library_and_attrs_only(loaded: set[str]) -> None:
    """No torch, no anyio, no bittensor, and none of this project's own outer layers."""
    assert "core" in loaded
    assert loaded <= ALLOWED


@pytest.mark.parametrize("name", ["asyncio", "logging", "socket", "sqlite3", "ssl", "subprocess"])
def test_importing_the_core_does_not_even_load_the_means(loaded: set[str], name: str) -> None:
    """What is not in the process cannot be used by accident."""
    assert name not in loaded


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_core_imports_nothing_worldly(module: str) -> None:
    """Whatever is imported anywhere in its text is attrs, the core, or a harmless part of the standard library."""
    imported = set()
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= ALLOWED - WORLDLY


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_core_neither_reads_nor_writes_nor_catches_everything(module: str) -> None:
    """No `open`, no `print`, no generator of Python's own, no handler for any exception there may be."""
    tree = ast.parse((ROOT / f"{module}.py").read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    drawn = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "random"
    }
    assert names.isdisjoint(WORLDLY_NAMES | {"Exception", "BaseException"})
    assert drawn <= {"Random"}


def test_a_walk_leaves_pythons_own_generator_alone() -> None:
    """Nothing is drawn from the generator that a whole process shares, nor does its state matter."""
    random.seed(1)
    before = random.getstate()
    first = [taken for _, taken in Walk(3).steps(150)]
    assert random.getstate() == before
    random.seed(2)
    assert [taken for _, taken in Walk(3).steps(150)] == first
