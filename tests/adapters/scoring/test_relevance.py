"""The `relevance` mask and the encoders below it."""

import math
from pathlib import Path

import pytest
import torch

from adapters.scoring.encoders import Encoder
from adapters.scoring.loading import Loaded, load_encoder
from adapters.scoring.relevance import Relevance
from adapters.scoring.tokens import plain_ids
from tests.adapters.scoring.tiny import WINDOW, ref, step

TEXTS = ("the sea is deep", "rivers carry stones down to it every single day", "it", "blue " * 100)


@pytest.fixture
def loaded(tiny: Path) -> Loaded:
    return load_encoder(ref(tiny, "encoder"))


def reference(loaded: Loaded, text: str) -> list[float]:
    """Mean of the last layer over all tokens of all chunks, normalised; one chunk at a time, in plain Python."""
    ids, total = plain_ids(loaded.tokenizer, text), [0.0] * 16
    for start in range(0, len(ids), WINDOW - 2):
        chunk = torch.tensor([[1, *ids[start : start + WINDOW - 2], 2]])
        with torch.no_grad():
            for row in loaded.model(input_ids=chunk).last_hidden_state[0].tolist():
                total = [a + b for a, b in zip(total, row, strict=True)]
    norm = math.sqrt(sum(x * x for x in total))
    return [x / norm for x in total]


def test_embeddings_are_normalised_means(loaded: Loaded) -> None:
    """Short, long and padded texts get the vectors of the plain reference."""
    vectors = Encoder(loaded).embed(TEXTS)
    for vector, text in zip(vectors.tolist(), TEXTS, strict=True):
        assert vector == pytest.approx(reference(loaded, text), abs=1e-5)


def test_each_text_is_embedded_once(loaded: Loaded) -> None:
    """A text that was embedded for one mask costs the model nothing for the next."""
    tokens: list[int] = []
    loaded.model.get_input_embeddings().register_forward_hook(
        lambda _module, args, _output: tokens.append(args[0].numel())
    )
    encoder = Encoder(loaded)
    encoder.embed(TEXTS[:3])
    again = encoder.embed([*TEXTS[:2], TEXTS[1], "a new text"])
    new = ["a new text", *TEXTS[:3]]
    assert sum(tokens) == sum(2 + len(plain_ids(loaded.tokenizer, text)) for text in new)
    assert torch.equal(again[1], again[2])


def test_both_bounds_mask_and_are_named(loaded: Loaded) -> None:
    """Above the RMS bound or below the cosine bound a completion is masked with what was measured; else it is kept."""
    encoder = Encoder(loaded)
    base, other = encoder.embed(["the sea is deep", TEXTS[1]])
    rms, cosine = float((base - other).square().mean().sqrt()), abs(float(base @ other))
    batch = step(TEXTS[1])
    kept = Relevance(encoder, encoder, rms + 1e-4, cosine - 1e-4).judge([batch])[0]
    far = Relevance(encoder, encoder, rms - 1e-4, cosine - 1e-4).judge([batch])[0]
    turned = Relevance(encoder, encoder, rms + 1e-4, cosine + 1e-4).judge([batch])[0]
    assert (kept.values, kept.reasons) == ((1,), ("",))
    assert (far.values, far.reasons[0][:4]) == ((0,), f"rms {rms:.4f}"[:4])
    assert turned.values == (0,)
    assert f"{cosine:.3f}" in turned.reasons[0]


def test_a_vector_that_is_no_number_cannot_be_judged(loaded: Loaded) -> None:
    """NaN embeddings give None."""
    with torch.no_grad():
        next(loaded.model.parameters()).fill_(math.nan)
    encoder = Encoder(loaded)
    assert Relevance(encoder, encoder, 1.0, 0.0).judge([step("deep")])[0].values == (None,)
