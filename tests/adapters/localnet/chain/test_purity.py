"""The state machine is pure: it can be run anywhere, and twice alike."""

import ast
import sys
from pathlib import Path

import adapters.localnet.chain as chain_package

ROOT = Path(chain_package.__file__).parents[3]
FOLDER = Path(chain_package.__file__).parent
PURE = {"attrs", "bisect", "collections", "enum", "functools", "hashlib", "ipaddress", "itertools", "math"}
PURE |= {"operator", "re", "struct", "typing", "__future__"}


def imported(path: Path) -> set[str]:
    """Names of the modules that a file imports, those taken out of a package by name included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def file_of(module: str) -> Path | None:
    """The project's file of a module, None for what is no module of the project."""
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((each for each in candidates if each.is_file() and path != FOLDER), None)


def reached(start: Path) -> dict[Path, set[str]]:
    """All files of the project that a file needs, with what each imports."""
    found: dict[Path, set[str]] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        found[path] = imported(path)
        waiting += [file for name in found[path] if (file := file_of(name)) and file not in found]
    return found


def test_the_state_machine_imports_nothing_impure() -> None:
    """From `chain.py` on, no file needs a clock, chance, I/O, the SDK, or a library other than attrs."""
    files = reached(FOLDER / "chain.py")

    assert {"setting.py", "reveals.py", "store.py", "epoch.py", "timelock.py", "ss58.py"} <= {
        f.name for f in files
    }
    for path, names in files.items():
        foreign = {name.split(".")[0] for name in names} - {"adapters", "core"} - PURE
        assert not foreign, f"{path} imports {foreign}"


def test_what_counts_as_pure_is_in_the_standard_library() -> None:
    """The list above names no library but attrs."""
    assert set(sys.stdlib_module_names) >= PURE - {"attrs"}
