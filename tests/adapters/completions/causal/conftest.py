from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.completions import CompletionSettings
from adapters.completions.causal.loading import Loaded, load
from tests.adapters.scoring.architectures import Size, save_model

SIZE = Size(window=128)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders of tiny models with random weights, by architecture; each made once."""
    base = tmp_path_factory.mktemp("causal")

    def made(name: str) -> Path:
        target = base / name
        return target if target.exists() else save_model(name, SIZE, base)

    return made


@pytest.fixture(scope="session")
def loaded(folder: Callable[[str], Path]) -> Loaded:
    return load(CompletionSettings(backend="causal_lm", model=str(folder("llama-lm"))))
