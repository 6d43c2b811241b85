"""Moving averages belong to hotkeys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scores import average, by_uid, keep_registered
from core.types import Hotkey
from tests.core.builders import metagraph

SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE)
def test_an_average_lies_between(score: float, reward: float, alpha: float) -> None:
    """From the old score towards the reward, never beyond either (rounding aside), never outside 0..1."""
    after = average(score, reward, alpha)
    assert min(score, reward) - 1e-12 <= after <= max(score, reward) + 1e-12


def test_an_average_is_the_fields_own() -> None:
    """`alpha * reward + (1 - alpha) * score`."""
    assert average(0.4, 1.0, 0.05) == pytest.approx(0.43)
    assert average(0.4, 1.0, 1.0) == 1.0


def test_a_score_goes_with_its_hotkey() -> None:
    """Whoever takes a uid starts at 0, whoever left is forgotten, whoever stays keeps its score."""
    scores = {Hotkey("hk1"): 0.5, Hotkey("hk2"): 0.7, Hotkey("hk9"): 0.9}
    graph = metagraph([1, 2], hotkeys={2: "new"})
    kept = keep_registered(scores, graph)
    assert kept == {"hk1": 0.5}
    assert by_uid(kept, graph) == ((0, 0.0), (1, 0.5), (2, 0.0))


def test_scores_by_uid_stand_gaps() -> None:
    """Uids need not be without gaps."""
    assert by_uid({Hotkey("hk200"): 0.2}, metagraph([5, 200])) == ((0, 0.0), (5, 0.0), (200, 0.2))
