"""The picture of a run."""

import io

import attrs
import pytest

from adapters.localnet.incentives.observing import EpochSeen
from adapters.localnet.incentives.plot import png
from tests.adapters.localnet.incentives.runs import FOUR, figures_of

# Drawing is slow the first time: fonts are looked for.
pytestmark = pytest.mark.timeout(60)

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "epochs", [FOUR, FOUR[:2], FOUR[:1]], ids=["both phases", "no commit-reveal", "nothing paid"]
)
def test_the_picture_is_a_png_with_something_on_it(epochs: tuple[EpochSeen, ...]) -> None:
    """It must be a PNG of the promised size that is not of one colour, whatever there is to draw."""
    from matplotlib.image import imread

    content = png(figures_of(*epochs))
    assert content.startswith(PNG)
    pixels = imread(io.BytesIO(content))
    assert pixels.shape[:2] == (1320, 1210)
    assert len({tuple(pixel) for row in pixels[::4] for pixel in row.tolist()}) > 20


def test_a_phase_with_commit_reveal_is_seen() -> None:
    """The same run must look otherwise where commit-reveal was on."""
    plain = tuple(attrs.evolve(epoch, commit_reveal=False) for epoch in FOUR)
    assert png(figures_of(*FOUR)) != png(figures_of(*plain))
