"""Text of others made safe to show: a completion or an error message must not move the cursor, hide itself or reorder a line."""

from unicodedata import category

# Marks that one character may carry; a tower of them would paint over the lines above.
MOST_MARKS = 2
CUT_SIGN = "…"
_ESCAPED_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Letters and marks that are drawn as nothing: fillers, joiners, variation selectors.
_UNSEEN = frozenset(map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))) | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def visible(text: str, limit: int) -> str:
    r"""`text` in characters that a terminal draws where they stand, at most `limit` (1 or more) of them.

    Control, escape, bidi, zero-width, private, unassigned and surrogate characters, line breaks, blanks other than the space,
    and marks beyond two on one character become Python escapes (`\x1b`, `\u202e`); a backslash is doubled, so that no text can
    pretend to have been escaped. What is too long ends in "…", never within an escape. Costs no more for a longer text.
    """
    head = text[: limit + 1]
    if len(head) <= limit and head.isascii() and head.isprintable() and "\\" not in head:
        return head
    pieces = _pieces(head)
    shown = sum(map(len, pieces))
    if shown <= limit:
        return "".join(pieces)
    while shown > limit - len(CUT_SIGN):
        shown -= len(pieces.pop())
    return "".join(pieces) + CUT_SIGN


def _pieces(text: str) -> list[str]:
    pieces, marks = [], MOST_MARKS  # at the start there is nothing yet that a mark could stand on
    for character in text:
        is_mark = category(character).startswith("M")
        marks = marks + 1 if is_mark else 0
        pieces.append(_escape(character) if marks > MOST_MARKS or _is_escaped(character) else character)
    return pieces


def _is_escaped(character: str) -> bool:
    kind = category(character)
    is_blank = kind == "Zs" and character != " "
    return kind in _ESCAPED_CATEGORIES or is_blank or character == "\\" or character in _UNSEEN


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
