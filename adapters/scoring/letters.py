"""The normal form in which texts are compared as texts: their letters and digits, and nothing between them.

Rules:
- Case, white space, markup, punctuation, accents and invisible characters make no difference, wherever they stand; nor does another
  way of writing the same letter (a ligature, a full-width or a circled one). The words and their order make all of it.
- A letter of another alphabet that only looks the same is another letter.
- The form of a text in normal form is itself.
"""

import re
from collections.abc import Sequence
from itertools import accumulate
from unicodedata import normalize

# The Hangul fillers pass for letters, and show nothing.
_BETWEEN = re.compile(r"[\W_\u115f\u1160]+")


def pieces(text: str) -> list[str]:
    """The runs of letters and digits, in order, folded; white space, marks and all else that is neither part them."""
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    return [piece for piece in _BETWEEN.split(folded) if piece]


def letters(text: str) -> str:
    """The normal form."""
    return "".join(pieces(text))


def is_part(text: str, source: Sequence[str]) -> bool:
    """Whether a text in normal form stands in the pieces of another, from the beginning of one of them to the end of one."""
    joined = "".join(source)
    if text not in joined:
        return False
    edges = set(accumulate(map(len, source), initial=0))
    return any(joined.startswith(text, edge) and edge + len(text) in edges for edge in edges)
