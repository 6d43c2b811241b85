"""`blacklist`: masks a completion that repeats what very many completions say, or that copies the task's base text.

Rules:
- Tokens are words, lower case and without punctuation, so an n-gram of `n` tokens has `L = n` words.
- Each completion of a step is counted before the step is judged: significance is current.
- No n-gram is significant before one window of lossy counting (1 / error, by default 1000 completions) has been seen.
- A completion repeats a significant n-gram if it holds two of its words in a row, and the fuzzy partial ratio of the n-gram's
  phrase and the completion's words, joined by blanks, is above `ratio_bound`; and so it is with the stretch around those two
  words alone. A completion shorter than the phrase is compared as a whole (plain ratio). `phrases.py` has the details.
- The reason names the most significant n-gram repeated; of equals the first by its words.
- A copy has `COPIED_WORDS` words or more, since a name or a number can be the right answer. In normal form (`letters.py`) it stands
  in the base text as it is, from the beginning of a word to the end of one; or nearly all of it does, in pieces (`copies.py`).
"""

from collections.abc import Sequence

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.copies import TAKEN, Runs, runs, taken
from adapters.scoring.letters import is_part, letters, pieces
from adapters.scoring.memory import Memory
from adapters.scoring.ngram_keys import words_of
from adapters.scoring.ngrams import NgramCounts
from adapters.scoring.phrases import Ngram, Search
from adapters.scoring.settings import BlacklistSettings
from core.types import RawMask

COPIED_WORDS = 3


class Blacklist:
    """Counts what it judges.

    Attributes:
        counts: of everything judged so far.
    """

    name = "blacklist"

    def __init__(self, settings: BlacklistSettings) -> None:
        self.counts = NgramCounts(settings)

    def judge(self, steps: Sequence[Batch]) -> Sequence[RawMask]:
        """One step after the other: each counts for those behind it."""
        return [self._judge(step) for step in steps]

    def repeats(self, completions: Sequence[Ngram]) -> list[str]:
        """What each repeats, "" for nothing, going by what was counted so far."""
        hot, significance = self.counts.hot, self.counts.significance()
        search = Search(hot, significance)
        keys = [search.first(words) for words in completions]
        return [
            "" if key is None else f'"{hot[key].text}" has significance {significance[key]:.1f}'
            for key in keys
        ]

    def memory(self) -> Memory:
        return self.counts.memory()

    def recall(self, memory: Memory) -> bool:
        return self.counts.recall(memory)

    def _judge(self, step: Batch) -> RawMask:
        worded = [words_of(text) for text in step.completions]
        for words in worded:
            self.counts.add(words)
        copies = _copies(step.base_text, step.completions, worded)
        found = [copy or repeat for copy, repeat in zip(copies, self.repeats(worded), strict=True)]
        return mask_of(self.name, found)


def _copies(base_text: str, texts: Sequence[str], worded: Sequence[Ngram]) -> list[str]:
    """What each has of the base text, "" where it is not a copy."""
    base = pieces(base_text)
    base_runs = runs("".join(base))
    return [
        _copied(letters(text), base, base_runs) if len(words) >= COPIED_WORDS else ""
        for text, words in zip(texts, worded, strict=True)
    ]


def _copied(form: str, base: Sequence[str], base_runs: Runs) -> str:
    if is_part(form, base):
        return "a verbatim part of the base text"
    share = taken(runs(form), base_runs)
    return f"a share of {share:.2f} from the base text, not below {TAKEN:g}" if share >= TAKEN else ""
