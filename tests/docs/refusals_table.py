"""The page on the chain: its table of refusals is written from `core/refusals.py`, the rest stands in the page itself."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from core.refusals import BY_CODE, BY_NAME, Meaning, Reaction

PAGE = Path(__file__).parents[2] / "docs" / "chain.md"
BEGIN, END = "<!-- table: written by `pytest tests/docs --rewrite` -->", "<!-- end of the table -->"

MEANINGS: Mapping[Reaction, str] = {
    Reaction.RETRY: "**retry**: seconds later, with everything read anew",
    Reaction.WINDOW: "**wait** for the block at which the rate limit ends",
    Reaction.EPOCH: "**wait** for the next epoch",
    Reaction.ALARM: "**alarm**: told, and tried again an epoch length later",
    Reaction.GONE: "**alarm**: the metagraph is read at once; who is not in it any more stops",
    Reaction.ASK: "**unknown**: the chain is asked when our weights were last set, before anything is sent again",
}


def page(current: str) -> str:
    """The page with the table as it should be."""
    before, _, rest = current.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def table() -> str:
    """One line for each reaction and remedy, with all the names that lead to it."""
    lines = ["| the chain says | reaction | remedy |", "|---|---|---|"]
    kinds = dict.fromkeys((*BY_NAME.values(), *BY_CODE.values()))
    lines += [f"| {_names(kind)} | {MEANINGS[kind.reaction]} | {kind.remedy or '-'} |" for kind in kinds]
    return "\n".join(lines)


def _names(kind: Meaning) -> str:
    named = _listed(name for name, line in BY_NAME.items() if line == kind)
    coded = _listed(code for code, line in BY_CODE.items() if line == kind)
    return ", ".join(part for part in (named, f"any other of the class {coded}" if coded else "") if part)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
