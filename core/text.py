"""Sentences, words and paragraphs, with boundaries as people mean them.

Rules:
- A sentence ends at a full stop, "!", "?" or "…" before white space or the end of the text, at a blank line, and before a
  line that opens a list item. What is left at the end without a stop is a sentence too.
- Abbreviations ("Dr.", "e.g.", "U.S."), initials, decimals and list numbers end none. One that can close a sentence ("etc.",
  "U.S.") does so before a word that mostly opens one ("The", "It").
- What holds no letter and no digit is neither a word nor a sentence nor a paragraph.
- A sentence taken out and read alone is the same one sentence.
- Time grows with the length of the text, whatever the text: completions come from strangers.
"""

import re
from collections.abc import Iterator

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_CLOSERS = r"""["'”’»)\]*_]*+"""
# It opens with plain characters, which Python finds many times faster than anything else; which of them it was is asked
# afterwards. Its groups, both for closers, are named for what comes before them.
_BREAK = re.compile(
    rf"""
    [.!?…。！？\n] (?:
      (?<=\.) (?<![.!?…]\.) (?P<full_stop>{_CLOSERS}) (?=\s|\Z)              # "Rain falls."
    | (?<=[.!?…]) (?<![.!?…]{{2}}) [.!?…]*+ (?P<stops>{_CLOSERS}) (?=\s|\Z)   # "Does it?" and "Well..."
    | (?<=[。！？]) [。！？]*+ [」』”’]*+                                       # no white space follows in CJK
    | (?<=\n) [^\S\n]*+ \n                                                 # a blank line
    | (?<=\n) (?= [^\S\n]*+ (?: [-*+•‣▪◦·] | \(?\d{{1,3}}[.)] ) \s )       # before a list item
    )
    """,
    re.VERBOSE,
)
_NEXT_WORD = re.compile(r"""\s*+["'“‘«(\[*_]*+([^\W_]{0,16}+\.?)""")
_ELLIPSES = ("..", "...", "…")
_LOOK_BACK = 24
_OPENING_SIGNS = "\"'“‘«([*_"
_BLANK = re.compile(r"\s*+")
_MOST_DIGITS = 3
_AFTER_AN_INITIAL = ("", ".")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")


def _listed(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Titles and words before an explanation: never at the end.
_NEVER_LAST = _listed(
    "adm approx capt cf col dr e.g eg gen gov hon i.e ie lt messrs mme mr mrs ms mt pp pres prof rep rev sen sgt viz vol"
    " vs"
)
_CAN_BE_LAST = _listed(
    "al apr aug ave bros co corp dec dept est etc feb inc jan jr ltd nov oct ph.d sept sr st"
)
_BEFORE_A_NUMBER = _listed("art ca ch fig figs no nos nr op sec")
_MOSTLY_FIRST = _listed(
    "A An And At But For From He Here His How However If In It Its Many Most On Our She Since So Some Such That The"
    " Their Then There These They This Those Though Thus To We What When Where While Who Why You"
)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences in order, white space around each trimmed."""
    return tuple([text[first:last].strip() for first, last in _spans(text)])


def words(text: str) -> tuple[str, ...]:
    """The pieces between white space that hold a letter or a digit, with the punctuation they carry."""
    # Most pieces begin with a letter: that is asked first, as the quicker question.
    return tuple([piece for piece in text.split() if piece[0].isalnum() or _LETTER_OR_DIGIT.search(piece)])


def paragraphs(text: str) -> tuple[str, ...]:
    """The blocks between blank lines, white space around each trimmed."""
    blocks = re.split(r"\n[^\S\n]*+\n", text)
    return tuple(block.strip() for block in blocks if _LETTER_OR_DIGIT.search(block))


def cut(text: str, first: int, count: int) -> str:
    """`count` sentences from the `first` (from 0) on, as they stand in the text; "" where there are none."""
    spans = _spans(text)[first : first + count]
    return text[spans[0][0] : spans[-1][1]].strip() if spans else ""


def _spans(text: str) -> list[tuple[int, int]]:
    """First index and index after the last, of each sentence with the white space around it."""
    spans = []
    first = 0
    for last in _boundaries(text):
        if _LETTER_OR_DIGIT.search(text, first, last):
            spans.append((first, last))
        first = last
    return spans


def _boundaries(text: str) -> Iterator[int]:
    """Where a sentence is over, the end of the text included."""
    first = 0
    number = 0  # of the list item that the sentence is in; 0 for none
    for found in _BREAK.finditer(text):
        word = _word_before(text, first, found.start()) if found.lastgroup == "full_stop" else ""
        if word.isdecimal() and _is_list_number(text, first, found.start(), word, number):
            number = int(word)
        elif found.lastgroup is None or _ends_sentence(text, found, word):
            yield found.end()
            first, number = found.end(), 0
    yield len(text)


def _is_list_number(text: str, first: int, at: int, word: str, number: int) -> bool:
    """Whether `word`, digits before the stop `at`, follows on `number` in the sentence, or opens it; no list has an item 0."""
    if len(word) > _MOST_DIGITS or int(word) == 0:
        return False
    return int(word) == number + 1 > 1 or _BLANK.fullmatch(text, first, at - len(word)) is not None


def _ends_sentence(text: str, found: re.Match[str], word: str) -> bool:
    signs = found.group()
    if signs == ".":
        return not _is_abbreviation(text, found, word)
    # A small letter goes on with the sentence: '"Yes." he said', "well... no".
    has_closers = found.end() > found.start(found.lastgroup or 0)
    if (has_closers or signs in _ELLIPSES) and _next_word(text, found)[:1].islower():
        return False
    return not word or not _is_abbreviation(text, found, word)


def _is_abbreviation(text: str, found: re.Match[str], word: str) -> bool:
    """Whether the stop after `word` belongs to the word, and not to the sentence."""
    lower = word.lower()
    if lower in _NEVER_LAST:
        return True
    if lower in _BEFORE_A_NUMBER:
        return _next_word(text, found)[:1].isdigit()
    can_be_last = lower in _CAN_BE_LAST or (word[1:2] in _AFTER_AN_INITIAL and _INITIALS.fullmatch(word))
    return bool(can_be_last) and _next_word(text, found) not in _MOSTLY_FIRST


def _word_before(text: str, first: int, at: int) -> str:
    """The word right before `at` in a sentence from `first` on, its last characters if it is long; "" after white space."""
    piece = text[max(first, at - _LOOK_BACK) : at]
    return "" if piece[-1:].isspace() or not piece else piece.split()[-1].lstrip(_OPENING_SIGNS)


def _next_word(text: str, found: re.Match[str]) -> str:
    following = _NEXT_WORD.match(text, found.end())
    return following.group(1) if following else ""
