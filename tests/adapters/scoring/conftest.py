"""What the tests of scoring share."""

from pathlib import Path

import pytest

from tests.adapters.scoring.tiny import save_tiny_models


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny random models: lm, classifier, encoder, nsfw."""
    return save_tiny_models(tmp_path_factory.mktemp("tiny"))
