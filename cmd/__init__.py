"""The entry points (`python -m cmd.validator`), and a stand-in for the standard library's `cmd`.

This package hides the standard module of the same name whenever the checkout comes first on `sys.path`, and `pdb`,
`doctest` and `pstats` need that module. So it is loaded here by its path, and its names are handed on.
"""

import importlib.util
import sysconfig
from pathlib import Path


def _standard_cmd() -> dict[str, object]:
    path = Path(sysconfig.get_path("stdlib")) / "cmd.py"
    spec = importlib.util.spec_from_file_location("_standard_cmd", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"the standard library's cmd module is not at {path}: repair this Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: getattr(module, name) for name in (*module.__all__, "PROMPT", "IDENTCHARS")}


globals().update(_standard_cmd())
