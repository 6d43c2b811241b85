"""Saying a sentence in other words: small keyed edits of plain English prose that keep its meaning.

Rules:
- A sentence comes in with its closing mark and goes out with it.
- An edit that does not fit a sentence leaves it alone; `reword` always changes something.
"""

import random
import re
from collections.abc import Callable

from core.randomness import choice, sample

Edit = Callable[[str, random.Random], str]

_SYNONYMS = (
    ("about", "around", "roughly"),
    ("allows", "lets"),
    ("almost", "nearly", "close to"),
    ("also", "likewise"),
    ("because", "since", "as"),
    ("began", "started"),
    ("begins", "starts"),
    ("begin", "start"),
    ("build", "construct"),
    ("built", "constructed", "put up"),
    ("called", "known as", "named"),
    ("carried", "bore", "brought"),
    ("carry", "bear", "bring"),
    ("easily", "readily", "with ease"),
    ("especially", "above all", "particularly"),
    ("gives", "offers", "provides"),
    ("give", "offer", "provide"),
    ("huge", "vast", "enormous"),
    ("join", "link", "connect"),
    ("joined", "linked", "connected"),
    ("large", "big", "sizeable"),
    ("many", "numerous"),
    ("mainly", "mostly", "chiefly"),
    ("needed", "required"),
    ("needs", "requires"),
    ("need", "require"),
    ("often", "frequently", "many times"),
    ("old", "ancient"),
    ("people", "folk", "persons"),
    ("places", "spots", "sites"),
    ("quickly", "fast", "rapidly"),
    ("show", "reveal"),
    ("shows", "reveals"),
    ("slowly", "gradually"),
    ("small", "little", "modest"),
    ("so that", "in order that"),
    ("some", "certain"),
    ("sometimes", "at times", "now and then"),
    ("soon", "before long", "shortly"),
    ("such as", "like", "for instance"),
    ("therefore", "thus", "so"),
    ("today", "now", "nowadays"),
    ("until", "till", "up to when"),
    ("used", "employed", "relied on"),
    ("usually", "as a rule", "normally"),
    ("very", "quite", "really"),
    ("whole", "entire"),
    ("wide", "broad"),
)
_ALTERNATIVES = {group[0]: group[1:] for group in _SYNONYMS}
_KNOWN_WORD = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _ALTERNATIVES), key=len, reverse=True)) + r")\b"
)
_DROPPABLE = re.compile(
    r" (?:also|often|usually|soon|once|still|very|then|therefore|later|now|simply|even)\b(?!,)"
)
_LINK = re.compile(r"^(?:However|Also|Thus|Therefore|Moreover|Then|Still|Later|Today|Now|Here|Indeed), ")
_FRONTED = re.compile(
    r"^(In|At|By|On|Under|After|From|During|With|Near|Across|Around) ([^,;:]{3,45}), ([^.?!]+)([.?!])$"
)
_TRAILING = re.compile(
    r"^([^,;:]{15,}) (in|by|around|after|before|during|since|between) ((?:about |the |early |late )*\d{3,4}s?(?: and \d{3,4})?)([.?!])$"
)
_ASIDE = re.compile(
    r", (?:a|an|the|called|known as|which|who|such as|like|built|made|first) [^,;:]{3,60}, (?!and |or )"
)
_COMMAS_OF_AN_ASIDE = 2
_LEADS = (
    "Notably",
    "In fact",
    "Indeed",
    "Broadly",
    "In short",
    "Clearly",
    "Here",
    "On the whole",
    "As it happens",
    "In effect",
    "Plainly",
    "Above all",
    "In practice",
    "Overall",
)
_LEAD = re.compile(rf"^(?:{'|'.join(_LEADS)}), (?=\S)", re.IGNORECASE)
_ENDING = re.compile(r"'s\b|\W+$")
_TAIL = re.compile(r"(?:,| ) ?(?:because|although|which|so that|but) [^,;:]{8,}([.!])$")
_INTERJECTIONS = (
    " largely",
    " mostly",
    " mainly",
    " chiefly",
    " notably",
    " typically",
    " at least",
    " in part",
    ", in turn,",
    ", it seems,",
    ", of course,",
    ", after all,",
    ", as noted,",
    ", so to say,",
    ", in effect,",
)
_STRAY = re.compile("|".join(rf"{words}(?= )" for words in _INTERJECTIONS))
_PAUSE = re.compile(
    r"(?<=[a-z]{4}) (?=(?:in|by|with|from|between|on|at|for|through|across|after|before|into) )"
)
_NO_PAUSE_AFTER = re.compile(r"(?:\b(?:are|was|were|been|that|such|each|many|most|some|part|parts)|,)$")
_WORDS_AN_INTERJECTION = 10


def decapitalised(text: str, names: frozenset[str]) -> str:
    """The text as it reads in the middle of a sentence: without a lead, its first word small unless it is a name."""
    text = _LEAD.sub("", text)
    first, _, rest = text.partition(" ")
    bare = _ENDING.sub("", first)
    if bare == "A":
        return f"a {rest}"
    if bare in names or bare == "I" or not first[1:].islower():
        return text
    return f"{first[:1].lower()}{text[1:]}"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def swap_synonyms(sentence: str, rng: random.Random) -> str:
    """About two in three of the words that have a stand-in give way to it."""

    def stand_in(match: re.Match[str]) -> str:
        word = match.group(1)
        return choice(rng, _ALTERNATIVES[word]) if rng.random() < 2 / 3 else word

    return _KNOWN_WORD.sub(stand_in, sentence)


def drop_adverb(sentence: str, rng: random.Random) -> str:
    """One adverb that the sentence can do without is left out."""
    found = list(_DROPPABLE.finditer(sentence))
    if not found:
        return sentence
    match = choice(rng, found)
    return sentence[: match.start()] + sentence[match.end() :]


def drop_aside(sentence: str, rng: random.Random) -> str:
    """What stands between two commas goes, where it is an aside and no list."""
    if sentence.count(",") != _COMMAS_OF_AN_ASIDE or rng.random() < 1 / 2:
        return sentence
    return _ASIDE.sub(" ", sentence, count=1)


def drop_link(sentence: str, _rng: random.Random) -> str:
    """A word that only ties the sentence to the one before it is left out."""
    return capitalised(_LINK.sub("", sentence))


def move_place(sentence: str, _rng: random.Random) -> str:
    """The place from the start at the end: "In Bangkok, traders sold fruit." becomes "Traders sold fruit in Bangkok."."""
    fronted = _FRONTED.match(sentence)
    if fronted and "," not in fronted.group(3):
        word, place, rest, mark = fronted.groups()
        return f"{capitalised(rest)} {word.lower()} {place}{mark}"
    return sentence


def front_year(sentence: str, names: frozenset[str]) -> str:
    """The year at the start: "The lock was built in 1500." becomes "In 1500, the lock was built."."""
    trailing = _TRAILING.match(sentence)
    if not trailing:
        return sentence
    rest, word, year, mark = trailing.groups()
    return f"{capitalised(word)} {year}, {decapitalised(rest, names)}{mark}"


def add_lead(sentence: str, names: frozenset[str], rng: random.Random) -> str:
    """The sentence opened by a word or two of its own."""
    return f"{choice(rng, _LEADS)}, {decapitalised(sentence, names)}"


def drop_tail(sentence: str, rng: random.Random) -> str:
    """A last clause that only explains goes, half of the times that there is one."""
    shorter = _TAIL.sub(r"\1", sentence)
    return shorter if len(shorter.split()) > len(sentence.split()) // 2 and rng.random() < 1 / 2 else sentence


def interject(sentence: str, rng: random.Random) -> str:
    """A word or two put in before some of the prepositions: one for every ten words or so."""
    pauses = [
        m.start() for m in _PAUSE.finditer(sentence) if not _NO_PAUSE_AFTER.search(sentence[: m.start()])
    ]
    count = min(len(pauses), len(sentence.split()) // _WORDS_AN_INTERJECTION)
    for place in sorted(sample(rng, pauses, count), reverse=True):
        sentence = f"{sentence[:place]}{choice(rng, _INTERJECTIONS)}{sentence[place:]}"
    return sentence


_EDITS: tuple[Edit, ...] = (
    swap_synonyms,
    drop_adverb,
    drop_aside,
    drop_link,
    drop_tail,
    move_place,
)


def reword(sentence: str, names: frozenset[str], rng: random.Random) -> str:
    """The sentence in other words; never the same text."""
    text = _STRAY.sub("", _LEAD.sub("", sentence))
    for edit in sample(rng, _EDITS, len(_EDITS)):
        text = edit(text, rng)
    if rng.random() < 1 / 2:
        text = front_year(text, names)
    text = capitalised(interject(text, rng))
    return text if text != sentence else add_lead(sentence, names, rng)
