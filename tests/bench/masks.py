"""The rows of masks."""

import math

import attrs
import torch
from torch import Tensor

from adapters.scoring.batch import Batch
from adapters.scoring.diversity import Diversity
from adapters.scoring.encoders import Encoder
from adapters.scoring.nsfw import Nsfw
from adapters.scoring.relevance import Relevance
from adapters.scoring.settings import EMBEDDED
from tests.adapters.scoring import references
from tests.adapters.scoring.references import Plain
from tests.bench.counting import watched
from tests.bench.kits import Kit
from tests.bench.measuring import Case, Row
from tests.bench.texts import drawn_step


def relevance_with_diversity(kit: Kit) -> Row:
    """Both encoders for `relevance`, MPNet once more for `diversity`, whose history stays short."""
    (bert, plain_bert), (mpnet, plain_mpnet) = kit.encoder("bert", "bert"), kit.encoder("mpnet", "mpnet")
    encoders = (Encoder(bert), Encoder(mpnet))
    rules, bounds = EMBEDDED.diversity, EMBEDDED.relevance
    relevance = Relevance(*encoders, bounds.rms_bound, bounds.cosine_bound)
    diversity = Diversity(encoders[1], rules)

    def case(run: int) -> Case:
        step = drawn_step(kit.scale.step, plain_bert.tokenizer, run)

        def difference(expected: list[Tensor], _: object) -> float:
            found = [encoder.embed(step.completions) for encoder in encoders]
            return max(float((a - b).abs().max()) for a, b in zip(expected, found, strict=True))

        return Case(
            lambda: _reference(plain_bert, plain_mpnet, step),
            lambda: (relevance.judge([step]), diversity.judge([step])),
            difference,
            sum(_tokens(plain, (step.base_text, *step.completions)) for plain in (plain_bert, plain_mpnet)),
        )

    return Row(case, watched([bert, mpnet]))


def _reference(bert: Plain, mpnet: Plain, step: Batch) -> list[Tensor]:
    """Every completion is judged by itself, so the base text is embedded again for each, and `diversity` embeds by itself."""
    found = []
    for text in step.completions:
        pairs = [
            (references.embedding(plain, step.base_text), references.embedding(plain, text))
            for plain in (bert, mpnet)
        ]
        references.relevance(*pairs)
        found.append([own for _, own in pairs])
    vectors = torch.stack([references.embedding(mpnet, text) for text in step.completions])
    rules = EMBEDDED.diversity
    references.diversity(vectors.cpu(), torch.empty(0, vectors.shape[1]), rules.batch, rules.history)
    return [torch.stack(of_encoder).cpu() for of_encoder in zip(*found, strict=True)]


def nsfw(kit: Kit) -> Row:
    loaded, plain = kit.classifier("roberta-nsfw", "nsfw")
    product = Nsfw(loaded, attrs.evolve(EMBEDDED.nsfw, bound=math.inf))

    def case(run: int) -> Case:
        step = drawn_step(kit.scale.step, plain.tokenizer, run)

        def difference(expected: list[float], _: object) -> float:
            found = product._scores([(None, text) for text in step.completions])
            return max(abs(a - b) for a, b in zip(expected, found, strict=True))

        return Case(
            lambda: [references.nsfw(plain, text) for text in step.completions],
            lambda: product.judge([step]),
            difference,
            _tokens(plain, step.completions),
        )

    return Row(case, watched([loaded]))


def _tokens(plain: Plain, texts: tuple[str, ...]) -> int:
    """Of all chunks of the different texts."""
    return sum(len(chunk) for text in dict.fromkeys(texts) for chunk in references.chunks(plain, text))
