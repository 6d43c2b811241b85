"""The `diversity` mask: nearness to the step's other completions and to history."""

import math
from pathlib import Path

import attrs
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapters.scoring.diversity import Diversity
from adapters.scoring.encoders import Encoder
from adapters.scoring.loading import load_encoder
from adapters.scoring.ring import Ring
from adapters.scoring.settings import EMBEDDED, DiversitySettings, Sigmoid
from tests.adapters.scoring.tiny import ref, step

SEA, RIVERS, YEAR = "the sea is deep and blue", "rivers carry stones down", "every single day of a long year"


@pytest.fixture(scope="module")
def encoder(tiny: Path) -> Encoder:
    return Encoder(load_encoder(ref(tiny, "encoder")))


def rules(newest: int = 500, remembered: int = 15_000) -> DiversitySettings:
    return attrs.evolve(
        EMBEDDED.diversity,
        batch=Sigmoid(40, 4),
        history=Sigmoid(1000, 50),
        newest=newest,
        remembered=remembered,
    )


def squashed(slope: float, shift: float, d: float) -> float:
    return 1 / (1 + math.exp(-(slope * d - shift)))


def test_the_product_is_that_of_the_definition(encoder: Encoder) -> None:
    """The mask follows sigmoid(40 d - 4) of the nearest other of the step, times sigmoid(1000 d - 50) of the second nearest
    of history.
    """
    old, new = (SEA, RIVERS, "blue stones", "a long day"), (YEAR, "down to the sea", "stones and rivers")
    diversity = Diversity(encoder, rules(newest=0))
    diversity.judge([step(*old)])[0]
    before, vectors = encoder.embed(old), encoder.embed(new)
    raw = diversity.judge([step(*new)])[0]
    for i, vector in enumerate(vectors):
        in_batch = sorted(1 - abs(float(vector @ other)) for other in vectors)[1]
        in_history = sorted(1 - abs(float(vector @ other)) for other in before)[1]
        product = squashed(40, 4, in_batch) * squashed(1000, 50, in_history)
        assert raw.values[i] == int(product > 0.2)


def test_the_same_answer_twice_masks_both(encoder: Encoder) -> None:
    """Two equal completions of a step are masked, a different one beside them is kept."""
    raw = Diversity(encoder, rules()).judge([step(SEA, YEAR, SEA)])[0]
    assert raw.values == (0, 1, 0)
    assert "this step" in raw.reasons[0]


LONG = "Rain that falls on the hills feeds two rivers, which meet below the old town"


@pytest.mark.parametrize(
    "copy", [f"**{LONG}**", LONG.lower(), f"Indeed, {LONG}", LONG.replace(" ", "\u200b \n")]
)
def test_a_copy_in_another_form_masks_both(encoder: Encoder, copy: str) -> None:
    """Whatever the encoder makes of it; where there is none of its step that it is like, it is kept."""
    loose = attrs.evolve(rules(), bound=-1.0)
    raw, alone = Diversity(encoder, loose).judge([step(copy, YEAR, LONG), step(copy, YEAR)])
    assert (raw.values, alone.values) == ((0, 1, 0), (1, 1))
    assert raw.reasons[0].startswith("a copy in this step")


def test_one_completion_alone_is_kept(encoder: Encoder) -> None:
    """Without others and without history there is nothing to be like."""
    assert Diversity(encoder, rules()).judge([step(SEA)])[0].values == (1,)


def test_history_leaves_its_newest_out_and_then_counts(encoder: Encoder) -> None:
    """What was said twice before masks a lone completion once it is older than the newest remembered ones."""
    diversity = Diversity(encoder, rules(newest=2))
    for text in (SEA, SEA):
        assert diversity.judge([step(text)])[0].values == (1,)
    assert diversity.judge([step(YEAR)])[0].values == (1,)
    assert diversity.judge([step(SEA)])[0].values == (1,)
    raw = diversity.judge([step(SEA)])[0]
    assert raw.values == (0,)
    assert "history" in raw.reasons[0]


def test_history_forgets_what_is_older_than_it_holds(encoder: Encoder) -> None:
    """With room for three older ones, the fourth oldest no longer masks."""
    diversity = Diversity(encoder, rules(newest=0, remembered=3))
    for text in (SEA, SEA, RIVERS, YEAR, "blue stones"):
        diversity.judge([step(text)])[0]
    assert diversity.judge([step(SEA)])[0].values == (1,)


def test_an_empty_step_is_an_empty_verdict(encoder: Encoder) -> None:
    """No completions, no values."""
    assert Diversity(encoder, rules()).judge([step()])[0].values == ()


@given(st.integers(1, 7), st.integers(0, 3), st.lists(st.integers(1, 9), max_size=8))
def test_a_ring_is_a_list_that_forgets(size: int, newest: int, counts: list[int]) -> None:
    """After any additions the ring holds the last `size` vectors, and gives all but the newest."""
    ring, added = Ring(size, 1), list[float]()
    for count in counts:
        fresh = [float(len(added) + i) for i in range(count)]
        ring.add(torch.tensor(fresh).unsqueeze(1))
        added += fresh
    kept = added[-size:]
    found = [float(x) for part in ring.but_newest(newest) for x in part.flatten()]
    assert found == kept[: max(0, len(kept) - newest)]


def test_history_goes_on_from_what_was_kept(encoder: Encoder) -> None:
    """A mask that recalls another's memory masks what it masks; a memory of another encoder is refused."""
    before, after = Diversity(encoder, rules(newest=0)), Diversity(encoder, rules(newest=0))
    for text in (SEA, SEA):
        before.judge([step(text)])
    memory = before.memory()
    assert after.recall(memory)
    assert after.judge([step(SEA)])[0].values == (0,)
    assert not after.recall(attrs.evolve(memory, facts={"encoder": "another"}))
