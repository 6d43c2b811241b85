"""Which sentences of a text matter: split, compared by the words they share, ranked. Pure.

Rules:
- Two words count as the same where their stems do; words that carry no subject (stop words) count nowhere.
- A rank is a number per sentence, higher is better; ties are left to the caller.
- Sums over sets are exact (`fsum`), so that the order of a set never shows.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

from core.text import sentences as split_sentences

_STOP_WORDS = frozenset(
    """a about above after again against all almost also although always am among an and another any are around as at be
    became because become been before began being below between both but by called came can could did do does done down
    during each early either else even ever every far few first for from further get gets give given gives go goes had
    has have he her here hers him his how however i if in into is it its itself just kept know known last later least
    less let like likely long made make makes many may me might more most much must my near need neither never new next
    no nor not now of off often old on once one only onto or other others our out over own part per perhaps put quite
    rather same say says seem seems seen several she should show shown shows since so some soon still such take taken
    takes than that the their them then there therefore these they thing things this those though three through thus
    time times to today together too took toward two under until up upon us use used uses usually very was way ways we
    well went were what when where whether which while who whole whom whose why will with within without would yet you
    your""".split()  # noqa: SIM905  # two hundred words read better so
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*|\d+")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\(?\d{1,3}[.)])\s+")
_SUFFIX = re.compile(r"(?:ings?|edly|ers?|ies|ied|es|ed|ly|s|y|e)$")
_SIGNS = re.compile(r"^\W+|'s\W*$|\W+$")
_COMMON_ENDINGS = ("s", "ing", "ly", "tion", "ed", "er", "al")
_SHORTEST_STEM = 3
_FEWEST_WORDS = 4


def stem(word: str) -> str:
    """The word without its ending, as far as a plain rule can tell."""
    lower = word.lower().removesuffix("'s")
    cut = _SUFFIX.sub("", lower)
    return cut if len(cut) >= _SHORTEST_STEM else lower


def stems(text: str) -> frozenset[str]:
    """What a text is about: the stems of its words, without the stop words."""
    return frozenset(stem(word) for word in _WORD.findall(text) if word.lower() not in _STOP_WORDS)


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a prose or list text, without list marks, headings and scraps of under four words."""
    bare = (_LIST_MARK.sub("", part) for part in split_sentences(text) if not part.startswith("#"))
    return tuple(closed(" ".join(part.split())) for part in bare if len(part.split()) >= _FEWEST_WORDS)


def closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence.rstrip(' ,;:')}."


def names_in(sentences: Sequence[str]) -> frozenset[str]:
    """Words that keep their capital wherever they stand.

    Those that have one elsewhere than at the start of a sentence, and those first words that are neither stop words nor
    plurals nor found in small letters.
    """
    inner = {_bare(word) for sentence in sentences for word in sentence.split()[1:]}
    small = {word for word in inner if word.islower()}
    first = {_bare(sentence.split()[0]) for sentence in sentences}
    return frozenset(word for word in inner if word[:1].isupper()) | frozenset(
        word for word in first if not _is_common(word.lower(), small)
    )


def _bare(word: str) -> str:
    return _SIGNS.sub("", word)


def _is_common(word: str, small: set[str]) -> bool:
    return word in _STOP_WORDS or word in small or f"{word}s" in small or word.endswith(_COMMON_ENDINGS)


def centrality(sentences: Sequence[str]) -> tuple[float, ...]:
    """Per sentence the words it shares with each other one, scaled by the logarithms of both lengths (as TextRank does)."""
    subjects = [stems(sentence) for sentence in sentences]
    return tuple(
        sum(_likeness(own, other) for j, other in enumerate(subjects) if j != i)
        for i, own in enumerate(subjects)
    )


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (math.log(len(a) + 2) + math.log(len(b) + 2))


def closeness(sentences: Sequence[str], focus: str) -> tuple[float, ...]:
    """Per sentence the share of `focus` that it covers; a word counts the more, the fewer sentences have it."""
    subjects = [stems(sentence) for sentence in sentences]
    seen_in = Counter(word for subject in subjects for word in subject)
    wanted = stems(focus)
    value = {word: math.log(1 + len(sentences) / seen_in[word]) for word in wanted if seen_in[word]}
    total = math.fsum(value.values()) or 1.0
    return tuple(math.fsum(value.get(word, 0.0) for word in subject) / total for subject in subjects)
