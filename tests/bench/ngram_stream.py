"""Completions with stock phrases, and the n-gram filter at work on them: as the product does it, and as a plain walk.

Texts follow the corpus word by word (each word is drawn from those that follow the last one there), so that pairs of words are as
frequent as in English. Stock phrases stand between them, each in its own share of texts, some with a letter changed.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from adapters.contexts.corpus import read_articles
from adapters.scoring.blacklist import Blacklist
from adapters.scoring.ngram_keys import words_of
from adapters.scoring.ngrams import significance
from adapters.scoring.settings import BlacklistSettings

# A phrase, how many words it has, its count and N.
Known = tuple[str, int, float, float]

SHORTEST, LONGEST, RUN = 20, 250, 10
EDITED = 0.2
STOCK = (
    ("it is important to note that there are many different factors", 0.14),
    ("in conclusion it can be said that the matter remains complex", 0.13),
    ("as mentioned in the text above this is one of the", 0.12),
    ("based on the information provided in the context the answer is", 0.12),
    ("i hope this helps and please let me know if you", 0.11),
    ("the passage describes how the main character of the story was", 0.1),
    ("according to the article there is a great deal of evidence", 0.1),
    ("overall this shows that the subject is of great interest to", 0.1),
    ("thank you for your question i am happy to help you", 0.09),
    ("this summary covers the most important points of the given text", 0.07),
    ("on the other hand some people believe that this is not", 0.06),
    ("for these reasons it would be fair to say that most", 0.06),
    ("as a large language model i do not have any opinion", 0.05),
    ("let us take a closer look at what this means for", 0.05),
    ("it should be kept in mind that the details may vary", 0.04),
    ("there is no clear answer to this question in the text", 0.04),
)


def stream(seed: int, count: int) -> Iterator[str]:
    """So many completions of `SHORTEST` to `LONGEST` words; the same for the same seed."""
    draw = random.Random(seed)
    return (_text(draw) for _ in range(count))


def _text(draw: random.Random) -> str:
    stock = [_edited(draw, phrase) for phrase, share in STOCK if draw.random() < share]
    free = draw.randint(SHORTEST, LONGEST) - sum(len(phrase.split()) for phrase in stock)
    pieces = stock + [_run(draw) for _ in range(max(0, free) // RUN)]
    draw.shuffle(pieces)
    return " ".join(pieces)


def _edited(draw: random.Random, phrase: str) -> str:
    if draw.random() > EDITED:
        return phrase
    at = draw.randrange(len(phrase))
    return phrase[:at] + draw.choice("aeinorst") + phrase[at + 1 :]


def _run(draw: random.Random) -> str:
    followers, all_words = _followers()
    words = [draw.choice(all_words)]
    while len(words) < RUN:
        words.append(draw.choice(followers.get(words[-1], all_words)))
    return " ".join(words)


@cache
def _followers() -> tuple[dict[str, list[str]], list[str]]:
    """By word of the corpus, what stands behind it, as often as it does; and all words, as often as they stand there."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for article in read_articles():
        for word, after in pairwise(article.text.split()):
            found[word].append(after)
    return dict(found), [word for words in found.values() for word in words]


# The product splits texts once, to count them: who compares only checks lets neither side pay for it.
_worded = lru_cache(maxsize=1024)(words_of)


class NgramCase:
    """A filter that has seen a part of a stream, and what a plain walk needs to know of it."""

    def __init__(self, settings: BlacklistSettings | None = None, seed: int = 1) -> None:
        self.settings = settings or BlacklistSettings()
        self._blacklist = Blacklist(self.settings)
        self._stream = stream(seed, 10**9)
        self._seen = 0
        self._walked: tuple[Known, ...] | None = None

    def seen(self, count: int) -> "NgramCase":
        """Goes on until it has seen so many completions of its stream."""
        while self._seen < count:
            self.count([next(self._stream)])
        self._known()
        return self

    def count(self, texts: Sequence[str]) -> None:
        """Counts them, as the product does."""
        for text in texts:
            self._blacklist.counts.add(words_of(text))
        self._seen += len(texts)
        self._walked = None

    def significant(self) -> int:
        """How many n-grams are."""
        return len(self._blacklist.counts.significance())

    def batched(self, texts: Sequence[str]) -> list[bool]:
        """Whether each repeats a significant n-gram, as the product finds out, counting nothing."""
        return [bool(reason) for reason in self._blacklist.repeats([_worded(text) for text in texts])]

    def reference(self, texts: Sequence[str]) -> list[bool]:
        """The same by comparing each with every n-gram, whose significance is computed there and then."""
        known = self._known()
        return [self._best(" ".join(_worded(text)), known) > 0 for text in texts]

    def _best(self, text: str, known: Sequence[Known]) -> float:
        """The significance of the most significant n-gram in the text; 0 without one."""
        best = 0.0
        for phrase, size, count, completions in known:
            now = significance(size, count, completions)
            if (
                now > self.settings.significance_bound
                and fuzz.partial_ratio(phrase, text) > self.settings.ratio_bound
            ):
                best = max(best, now)
        return best

    def _known(self) -> Sequence[Known]:
        """What the filter keeps words of: read once after it has counted, so that a walk pays nothing for it."""
        if self._walked is None:
            arrays = {name: tensor.tolist() for name, tensor in self._blacklist.memory().arrays.items()}
            counts = dict(zip(arrays["keys"], arrays["counts"], strict=True))
            phrases = bytes(arrays["hot_words"]).decode().splitlines()
            self._walked = tuple(
                (phrase, len(phrase.split()), counts.get(key, 0.0), arrays["completions"][0])
                for key, phrase in zip(arrays["hot_keys"], phrases, strict=True)
            )
        return self._walked
