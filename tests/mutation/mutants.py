"""What came of the mutants, as values: each one's change, the score of a module, and whether all survivors are explained.

A mutant is known by its function and by its change in a few words, so that an explanation outlives changes elsewhere in the file.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mutants.md"

LEAST_SCORE_PERCENT = 85.0
# In mutmut's words. A mutant with which the tests do not even start counts as a timeout there.
FOUND = frozenset({"killed", "timeout", "segfault", "caught by type check"})
# Words before and after the change that say where it is.
CONTEXT_WORDS = 2


@attrs.frozen
class Mutant:
    """One mutant and what the tests made of it.

    Attributes:
        function: dotted, "core.config.RewardConfig.weights".
        before, after: the words that the mutation changed, with a few around them; "" where it is not needed.
        status: as mutmut calls it.
    """

    function: str
    status: str
    before: str = ""
    after: str = ""

    @property
    def module(self) -> str:
        return ".".join(self.function.split(".")[:2])

    @property
    def is_found(self) -> bool:
        return self.status in FOUND

    @property
    def row(self) -> str:
        """The mutant as a row of the table of survivors."""
        return f"| `{self.function}` | {_cell(self.before)} | {_cell(self.after)} |"


def function_of(name: str) -> str:
    """Of mutmut's "core.x.xǁClassǁmethod__mutmut_7" the function's own name: "core.x.Class.method"."""
    module, _, mangled = name.partition("__mutmut_")[0].rpartition(".")
    return f"{module}.{mangled[2:].replace('ǁ', '.')}"


def change_of(diff: str) -> tuple[str, str]:
    """What a unified diff of one function changes, before and after, in words with two of their neighbours on each side."""
    lines = [line for line in diff.splitlines() if line[:2] not in {"--", "++", "@@"}]
    before = _words(line for line in lines if line[:1] != "+")
    after = _words(line for line in lines if line[:1] != "-")
    shorter = min(len(before), len(after))
    first = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    alike = next((i for i in range(shorter - first) if before[-1 - i] != after[-1 - i]), shorter - first)
    return _cut(before, first, alike), _cut(after, first, alike)


def score_percent(mutants: Sequence[Mutant]) -> float:
    """Share of the mutants that the tests found; 100 where there are none."""
    return 100 * sum(mutant.is_found for mutant in mutants) / len(mutants) if mutants else 100.0


def explained_in(page: str) -> frozenset[str]:
    """The rows of the page's tables of survivors."""
    return frozenset(line for line in page.splitlines() if line.startswith("| `core."))


def is_good(mutants: Sequence[Mutant], explained: frozenset[str]) -> bool:
    """Whether enough of them are found, and all others explained."""
    return score_percent(mutants) >= LEAST_SCORE_PERCENT and not unexplained(mutants, explained)


def unexplained(mutants: Iterable[Mutant], explained: frozenset[str]) -> list[Mutant]:
    return [mutant for mutant in mutants if not mutant.is_found and mutant.row not in explained]


def outdated(mutants: Iterable[Mutant], explained: frozenset[str]) -> list[str]:
    """Explanations of what does not survive (any more)."""
    return sorted(explained - {mutant.row for mutant in mutants if not mutant.is_found})


def _words(lines: Iterable[str]) -> list[str]:
    return " ".join(line[1:] for line in lines).split()


def _cut(words: list[str], first: int, alike: int) -> str:
    last = len(words) - alike
    return " ".join(words[max(0, first - CONTEXT_WORDS) : last + CONTEXT_WORDS])


def _cell(words: str) -> str:
    code = f"`` {words} ``" if "`" in words else f"`{words}`"
    return code.replace("|", "\\|")
