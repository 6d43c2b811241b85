"""What is wrong with a scenario's text, in words for who wrote it: the place, and the remedy."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import msgspec

from adapters.localnet.scenario.form import Change, Params, Scenario

MOST_NAME_CHARACTERS = 60
KINDS = {
    "int": "a whole number",
    "float": "one with a fraction or an exponent",
    "bool": "true or false",
    "str": "a text",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
NAMES = {"": Scenario.__struct_fields__, "params": Params.__struct_fields__}
EPOCH_NAMES = Change.__struct_fields__


class Refusal(Exception):
    """One line: the place in the file (`epochs[2].weights[0]`) and what to do."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}" if place else text)


def malformed(content: bytes, error: str) -> Refusal:
    """What is no JSON, by line and column."""
    if "truncated" in error:
        return Refusal("", "ends before its JSON does; complete it")
    found = re.search(r"\(byte (\d+)\)", error)
    if not found:
        return Refusal("", "is not UTF-8; save it as that")
    before = content[: int(found[1])]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return Refusal(
        f"line {line} column {column}", "no JSON here; mend it (NaN, comments and trailing commas are none)"
    )


def misfit(content: bytes, error: str) -> Refusal:
    """What the decoder found unfit: a name, a kind or a size."""
    text, _, where = error.partition(" - at `")
    is_key = where.startswith("key` in `")
    place = where.removeprefix("key` in `").removesuffix("`").removeprefix("$").removeprefix(".")
    if is_key:
        return Refusal(place, 'its names are uids: whole numbers like "7"')
    return Refusal(_exact(content, place), _remedy(text, place))


def _exact(content: bytes, place: str) -> str:
    """The place with the uids in it: of an entry of an object the decoder only says that it is one."""
    found = re.match(r"epochs\[(\d+)\]\.weights.*\[\.\.\.\]", place)
    if not found:
        return place
    try:
        weights = msgspec.json.decode(content)["epochs"][int(found[1])]["weights"]
    except (msgspec.DecodeError, RecursionError):
        return place
    return f"epochs[{found[1]}].weights{next(_unfit_entries(weights), '')}"


def _unfit_entries(weights: Any) -> Iterator[str]:
    rows = weights.items() if isinstance(weights, dict) else enumerate(weights)
    for validator, row in rows:
        entries = row.items() if isinstance(row, dict) else ()
        if row is not None and not isinstance(row, dict):
            yield f"[{validator}]"
        yield from (f"[{validator}][{uid}]" for uid, value in entries if type(value) is not int)


def _remedy(text: str, place: str) -> str:
    if found := re.match(r"Object contains unknown field `(.*)`", text, re.DOTALL):
        return _unknown(found[1], place)
    if found := re.match(r"Object missing required field `(.*)`", text):
        return f"has no {found[1]}; add it"
    if found := re.match(r"Expected `.*` (<=|>=) (-?\d+)", text):
        return f"give at {'most' if found[1] == '<=' else 'least'} {found[2]}"
    if found := re.match(r"Expected `(.*)`, got `(.*)`", text):
        wanted = [KINDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"]
        return f"give {' or '.join(wanted)}, not {KINDS.get(found[2], found[2])}"
    return "give a number that a chain can hold"


def _unknown(name: str, place: str) -> str:
    known = NAMES.get(place, EPOCH_NAMES)
    nearest = get_close_matches(name[:MOST_NAME_CHARACTERS], known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
    return f"unknown name {name[:MOST_NAME_CHARACTERS]}; {hint}"
