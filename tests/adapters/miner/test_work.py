"""A back end behind an axon: what callers get, and what is told of it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import pytest

from adapters.miner.gate import Gate
from adapters.miner.work import Work
from core.callers import REPEATED, CallersPolicy
from core.types import Prompting
from effects.ports import Fault
from tests.adapters.dendrite.peers import VALIDATOR, axon, dendrite, target
from tests.adapters.miner.lines import Lines
from tests.core.builders import OWN, metagraph

HI = Prompting(("user",), ("hi",))


class Saying:
    """A back end that says the prompt letter by letter, then fails, waits, or ends."""

    def __init__(self, fault: Exception | None = None, *, is_endless: bool = False) -> None:
        self._fault, self._is_endless = fault, is_endless
        self.closed = 0

    async def complete(self, synapse: Prompting) -> AsyncGenerator[str, None]:
        try:
            for letter in synapse.messages[-1]:
                yield letter
            if self._fault:
                raise self._fault
            if self._is_endless:
                await anyio.sleep_forever()
        finally:
            self.closed += 1


def work(back_end: Saying) -> tuple[Work, Lines]:
    lines = Lines()
    gate = Gate(CallersPolicy(repeat_s=60.0), 4.0, lines.telling.refused)
    gate.learn(metagraph([1]))
    return Work(back_end, gate, lines.telling), lines


async def test_a_whole_answer_is_told_and_remembered() -> None:
    """Its pieces go through; its prompt is not answered again."""
    done, lines = work(Saying())
    assert [piece async for piece in done.forward(HI, OWN)] == ["h", "i"]
    (line,) = lines.named("answered")
    assert (line["uid"], line["characters"]) == (0, 2)
    assert done.gate.refusal(OWN, HI) == REPEATED


async def test_a_fault_goes_on_to_the_axon_and_is_told() -> None:
    """With what was given before; the prompt may be asked again."""
    done, lines = work(Saying(Fault("no memory")))
    with pytest.raises(Fault, match="no memory"):
        _ = [piece async for piece in done.forward(HI, OWN)]
    (line,) = lines.named("failed")
    assert (line["reason"], line["characters"]) == ("no memory", 2)
    assert done.gate.refusal(OWN, HI) is None


async def test_a_bug_counts_as_a_failure() -> None:
    """Not as a caller that went away; what it was, the axon logs."""
    done, lines = work(Saying(LookupError("secret")))
    with pytest.raises(LookupError):
        _ = [piece async for piece in done.forward(HI, OWN)]
    assert lines.events() == ["failed"]
    assert done.gate.refusal(OWN, HI) is None


async def test_who_goes_away_ends_the_work() -> None:
    """By closing the answer or by being cancelled: the back end stops, and it does not count as answered."""
    back_end = Saying(is_endless=True)
    done, lines = work(back_end)
    async with aclosing(done.forward(HI, OWN)) as pieces:  # type: ignore[type-var]  # an axon takes any iterator
        assert await anext(pieces) == "h"
    with anyio.move_on_after(0.05):
        async with aclosing(done.forward(HI, OWN)) as pieces:  # type: ignore[type-var]  # likewise
            _ = [piece async for piece in pieces]
    assert back_end.closed == 2
    assert [line["characters"] for line in lines.named("given up")] == [1, 2]
    assert done.gate.refusal(OWN, HI) is None


async def test_callers_see_nothing_of_a_fault() -> None:
    """Behind a real axon it is an internal error, without a word of the reason."""
    done, lines = work(Saying(Fault("secret path /models")))
    async with axon(done.forward) as address:
        (outcome,) = await dendrite().query((target(address),), HI, timeout_s=5)
    assert outcome.code == 500
    assert "secret" not in outcome.message
    assert lines.named("failed")[0]["caller"] == VALIDATOR.ss58_address[:10]
