"""The `blacklist` mask: stock phrases and verbatim copies."""

import pytest
from rapidfuzz import fuzz

from adapters.scoring.blacklist import Blacklist
from adapters.scoring.phrases import Phrases, Search
from adapters.scoring.settings import BlacklistSettings
from tests.adapters.scoring.tiny import step

QUICK = BlacklistSettings(support=0.1, error=0.1)
BASE = "The lake is deep. Its water is cold, and few fish live there in 1984. It is deeply cold: it is deep!"
RIVERS = "Rain that falls on the hills feeds two rivers, which meet below the old town and carry barges to the sea."


def other(i: int) -> str:
    return " ".join(f"w{i}x{j}" for j in range(12))


def flagged() -> Blacklist:
    """A blacklist that has seen one phrase in half of forty completions, and never the same words behind it."""
    blacklist = Blacklist(QUICK)
    said = [f"It is important to note that, {other(i)}" if i % 2 else other(i) for i in range(40)]
    blacklist.judge([step(*said)])[0]
    return blacklist


@pytest.mark.parametrize(
    "text",
    [
        "It is important to note that rain falls",
        "IT IS important, to note that: rain falls",
        "Well, it is important to notes that rain falls",
    ],
)
def test_a_stock_phrase_masks(text: str) -> None:
    """What half of all completions say masks a completion, in any case and punctuation, and nearly so too."""
    raw = flagged().judge([step(text)])[0]
    assert raw.values == (0,)
    assert "important to note" in raw.reasons[0]


def test_other_words_are_kept() -> None:
    """A completion without the phrase is kept, and has no reason."""
    raw = flagged().judge(
        [step("A lake that few people note, though its water matters a lot to those who live there")]
    )[0]
    assert (raw.values, raw.reasons) == ((1,), ("",))


def test_the_batch_counts_before_it_is_judged() -> None:
    """The completion that makes a phrase significant is masked itself."""
    blacklist = Blacklist(QUICK)
    raw = blacklist.judge([step(*["we all say this one thing"] * 10)])[0]
    assert raw.values == (0,) * 10


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The lake is deep", 0),
        ("the LAKE   is\ndeep. its water", 0),
        (BASE, 0),
        ("few fish live there in 19", 1),
        ("it is deep", 0),
        ("1984", 1),
        ("The **lake** is “deep”; its _water_", 0),
        ("> the\u200blake is d\u00adeep", 0),
        ("its water iscold", 0),
        ("is deeply co", 1),
        ("few fish", 1),
        ("The lake is very deep", 1),
        ("Its water is cold. The lake is deep", 1),
        ("", 1),
    ],
)
def test_a_verbatim_part_of_the_base_text_masks(text: str, value: int) -> None:
    """A run of three or more whole words out of the base text masks, whatever case, white space, marks and unseen signs."""
    assert Blacklist(QUICK).judge([step(text, base_text=BASE)])[0].values == (value,)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"Indeed, {RIVERS}", 0),
        (f"Well, it is so: **{BASE} {RIVERS.upper()}** Is it?", 0),
        (f"{RIVERS} {BASE}", 0),
        ("The lake is deep, its water cold; in 1984 there were but few fish to be found in all of it", 1),
        ("Few fish live there since its water is cold, and the reason for that is that it is deep", 1),
    ],
)
def test_what_is_taken_from_the_base_text_masks(text: str, value: int) -> None:
    """Words put around, or pieces in another order, make no answer; one that puts it in words of its own is kept."""
    raw = Blacklist(QUICK).judge([step(text, base_text=f"{BASE} {RIVERS}")])[0]
    assert raw.values == (value,)
    assert ("from the base text" in raw.reasons[0]) == (not value)


def test_the_search_misses_no_match() -> None:
    """It finds what a fuzzy match against every significant n-gram would find."""
    phrases = Phrases(90.0)
    for i in range(40):
        phrases.add(i + 1, tuple(other(i).split()[: 5 + i % 6]))
    search = Search(phrases, {i + 1: 30.0 + i for i in range(40)})
    for i in range(0, 40, 3):
        for edit in ("x1", "x2 ", "w"):
            text = f"so {other(i).replace(edit, edit + 'q', 1)} it is"
            expected = any(fuzz.partial_ratio(phrases[key].text, text) > 90 for key in phrases)
            assert (search.first(tuple(text.split())) is not None) == expected


def test_counts_go_on_from_what_was_kept() -> None:
    """A blacklist that recalls another's memory masks what it masks; one with other settings refuses it."""
    before, after = flagged(), Blacklist(QUICK)
    assert after.recall(before.memory())
    texts = ("It is important to note that rain falls", "a lake that nobody has seen")
    assert after.judge([step(*texts)])[0] == before.judge([step(*texts)])[0]
    assert not Blacklist(BlacklistSettings(support=0.2, error=0.1)).recall(before.memory())
