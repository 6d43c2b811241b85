"""The `nsfw` mask against its classifier asked chunk by chunk."""

import math
from pathlib import Path

import attrs
import pytest
import torch

from adapters.scoring.loading import Loaded, load_classifier
from adapters.scoring.nsfw import Nsfw
from adapters.scoring.settings import EMBEDDED
from adapters.scoring.tokens import plain_ids
from effects.ports import Fault
from tests.adapters.scoring.tiny import WINDOW, ref, step

TEXTS = ("the sea is deep", "rivers carry stones " * 40, "it", "blue " * 150)


@pytest.fixture
def loaded(tiny: Path) -> Loaded:
    return load_classifier(ref(tiny, "nsfw"))


def reference(loaded: Loaded, text: str) -> float:
    ids, scores = plain_ids(loaded.tokenizer, text), list[float]()
    for start in range(0, len(ids), WINDOW - 2):
        chunk = torch.tensor([[1, *ids[start : start + WINDOW - 2], 2]])
        with torch.no_grad():
            safe, hate = loaded.model(input_ids=chunk).logits[0].tolist()
        scores.append(max(-safe, hate))
    return max(scores)


def test_the_worst_chunk_decides(loaded: Loaded) -> None:
    """A completion is masked where the largest `max(-not_hate, hate)` of its chunks is above the bound."""
    scores = [reference(loaded, text) for text in TEXTS]
    for bound in scores:
        settings = attrs.evolve(EMBEDDED.nsfw, bound=bound - 1e-4)
        expected = tuple(int(score <= settings.bound) for score in scores)
        assert Nsfw(loaded, settings).judge([step(*TEXTS)])[0].values == expected
    assert any(score != scores[0] for score in scores)


def test_a_score_that_is_no_number_cannot_be_judged(loaded: Loaded) -> None:
    """NaN gives None, with no reason."""
    with torch.no_grad():
        next(loaded.model.parameters()).fill_(math.nan)
    raw = Nsfw(loaded, EMBEDDED.nsfw).judge([step("deep")])[0]
    assert (raw.values, raw.reasons) == ((None,), ("",))


def test_a_classifier_of_other_labels_is_refused(tiny: Path) -> None:
    """One label cannot say both hate and not hate: the flag is named."""
    with pytest.raises(Fault, match=r"--reward.nsfw_model"):
        Nsfw(load_classifier(ref(tiny, "classifier")), EMBEDDED.nsfw)
