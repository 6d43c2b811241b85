"""How large the models and the texts of a benchmark are."""

from collections.abc import Mapping

import attrs

from tests.adapters.scoring.architectures import Size


@attrs.frozen
class Shape:
    """The texts of one step.

    Attributes:
        words: of the shortest and of the longest completion; the others lie evenly between.
        distinct: different completions among them.
    """

    prompt_tokens: int
    completions: int
    words: tuple[int, int]
    distinct: int


@attrs.frozen
class Scale:
    """One benchmark's sizes.

    Attributes:
        sizes: of models, by what they are for.
        step, short: a summary's step, and a question's with its short prompt and answers.
        seen: completions that the n-gram filter has seen, early and later.
    """

    sizes: Mapping[str, Size]
    step: Shape
    short: Shape
    seen: tuple[int, int]

    @property
    def half_identical(self) -> Shape:
        return attrs.evolve(self.step, distinct=self.step.completions // 2)

    def told(self) -> dict[str, str]:
        """For the head of a table."""
        low, high = self.step.words
        return {
            "texts": f"{self.step.completions} completions of {low} to {high} words, prompt of {self.step.prompt_tokens} tokens",
            "n_grams": f"{self.seen[1]} completions seen, {self.seen[0]} early",
            **{role: size.told() for role, size in self.sizes.items()},
        }


ROLES = ("dpo", "rlhf", "reciprocate", "dahoas", "prompt_based", "bert", "mpnet", "nsfw")
ENCODERS = ("bert", "mpnet", "nsfw")


def _alike(size: Size) -> dict[str, Size]:
    encoder = attrs.evolve(size, window=512)
    return {role: encoder if role in ENCODERS else size for role in ROLES}


_STEP = Shape(prompt_tokens=500, completions=50, words=(20, 250), distinct=50)
# 25 words are about 30 tokens.
_SHORT = Shape(prompt_tokens=180, completions=50, words=(25, 25), distinct=50)

CPU = Scale(
    sizes=_alike(Size(2048, layers=4, width=384, heads=6, vocabulary=8192, spread=0.05)),
    step=_STEP,
    short=_SHORT,
    seen=(1_000, 20_000),
)
QUICK = Scale(
    sizes=_alike(Size(512, layers=2, width=64, heads=4, vocabulary=1024, spread=0.1)),
    step=Shape(prompt_tokens=30, completions=4, words=(3, 20), distinct=4),
    short=Shape(prompt_tokens=10, completions=4, words=(4, 4), distinct=4),
    seen=(1_000, 1_500),
)
_BASE = Size(512, layers=12, width=768, heads=12, vocabulary=30_522, spread=0.02)
_LM = Size(2048, layers=32, width=2560, heads=20, vocabulary=50_257, spread=0.02)
_GPTJ = Size(2048, layers=28, width=4096, heads=16, vocabulary=50_400, spread=0.02)
# As large as the models that the network itself uses.
CUDA = Scale(
    sizes={
        "dpo": _LM,
        "rlhf": Size(2048, layers=24, width=1024, heads=16, vocabulary=128_100, spread=0.02),
        "reciprocate": _GPTJ,
        "dahoas": _GPTJ,
        "prompt_based": _LM,
        "bert": _BASE,
        "mpnet": _BASE,
        "nsfw": _BASE,
    },
    step=_STEP,
    short=_SHORT,
    seen=(1_000, 20_000),
)
