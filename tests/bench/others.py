"""The rows that no model takes part in."""

from collections.abc import Sequence

from torch import Tensor

from tests.bench import diversity_history, ngram_stream, penalties
from tests.bench.kits import Kit
from tests.bench.measuring import Case, Row
from tests.bench.ngram_stream import NgramCase, stream


def ngram_check_early(kit: Kit) -> Row:
    return _ngram_check(kit, kit.scale.seen[0])


def ngram_check(kit: Kit) -> Row:
    return _ngram_check(kit, kit.scale.seen[1])


def _ngram_check(kit: Kit, seen: int) -> Row:
    count, known = kit.scale.step.completions, NgramCase().seen(seen)

    def case(run: int) -> Case:
        texts = list(stream(1000 + run, count))
        # Both are given words: whoever comes first would split the texts for the other.
        for text in texts:
            ngram_stream._worded(text)
        return Case(lambda: known.reference(texts), lambda: known.batched(texts), _decided_otherwise)

    return Row(case)


def _decided_otherwise(expected: Sequence[bool], found: Sequence[bool]) -> float:
    return float(max(a != b for a, b in zip(expected, found, strict=True)))


def penalties_of_a_step(_: Kit) -> Row:
    def case(run: int) -> Case:
        reference, batched = penalties.case(run=run)
        return Case(reference, batched, _largest)

    return Row(case)


def _largest(expected: Sequence[Sequence[float]], found: Sequence[Sequence[float]]) -> float:
    pairs = zip(expected, found, strict=True)
    return max(abs(a - b) for mine, theirs in pairs for a, b in zip(mine, theirs, strict=True))


def history_of_diversity(kit: Kit) -> Row:
    def case(run: int) -> Case:
        reference, batched = diversity_history.case(run, min(kit.scale.seen[1], diversity_history.REMEMBERED))
        return Case(reference, batched, _furthest)

    return Row(case)


def _furthest(expected: Tensor, found: Tensor) -> float:
    return float((expected - found).abs().max())
