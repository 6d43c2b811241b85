"""What goes wrong with the answers of one step.

Rules:
- A miner has one trouble at most, and where a whole step is in trouble nothing else happens in it: each trouble that is counted
  shows.
- Silence and refusals come to each miner by itself. Of the other kinds the dice are asked once a step, and whom it hits is drawn.
"""

from collections.abc import Callable, Mapping

import attrs

from adapters.dendrite.verdict import (
    NOT_REACHABLE,
    NOT_UNDERSTOOD,
    TIMEOUT,
    TOO_LARGE,
    Refused,
    refuse_status,
)
from core.randomness import below, choice
from core.types import OK, Outcome
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.peers import hostile

# One odd text of so many is a long one: those cost milliseconds.
LONG_EVERY = 40
_COPYING_S = 0.1


def _verdict_on(status: int) -> tuple[int, str]:
    """The dendrite's own words for a status."""
    try:
        refuse_status(status)
    except Refused as refused:
        return refused.code, refused.message
    raise ValueError(f"{status} refuses nothing")


REFUSALS = (
    *map(_verdict_on, (302, 400, 401, 403, 404, 418, 429, 500, 503, 599, 204)),
    (TOO_LARGE, "answer above the limit of bytes or pieces"),
    (NOT_UNDERSTOOD, "answer is not HTTP"),
    (NOT_REACHABLE, "cannot connect to 198.51.0.1:8091"),
)


@attrs.frozen
class Answers:
    """One step's outcomes, which trouble replaces in place.

    Attributes:
        free: places of answers to which nothing has happened.
    """

    outcomes: list[Outcome]
    free: list[int]
    prompt: str
    timeout_s: float


class Trouble:
    """Makes answers go wrong as the dice say."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._whom, self._what = dice.of("miners: whom"), dice.of("miners: what")
        self._whole: Mapping[Kind, tuple[int, Callable[[Answers], None]]] = {
            Kind.ALL_SILENT: (1, self._silence),
            Kind.ALL_REFUSE: (1, self._refuse),
            Kind.ONE_ANSWER: (2, self._leave_one),
            Kind.ALL_ALIKE: (2, _make_alike),
        }
        self._single: Mapping[Kind, Callable[[Outcome, Answers], Outcome]] = {
            Kind.MINER_LATE: self._late,
            Kind.TEXT_EMPTY: lambda honest, _: _saying(honest, choice(self._what, hostile.EMPTY)),
            Kind.TEXT_ODD: lambda honest, _: _saying(honest, self._odd()),
            Kind.TEXT_INJECTION: lambda honest, _: _saying(honest, self._injected(honest.completion)),
            Kind.TEXT_ECHO: lambda honest, answers: _saying(honest, answers.prompt),
        }

    def befall(self, answers: Answers) -> None:
        """Let happen to the step what happens; `answers.outcomes` are honest before."""
        if answers.free and not self._befalls_all(answers):
            self._befall_each(answers)
            self._befall_one(answers)
            self._copy(answers)

    def _befalls_all(self, answers: Answers) -> bool:
        for kind, (least, happen) in self._whole.items():
            if self._dice.strikes_now(kind, possible=len(answers.free) >= least):
                happen(answers)
                return True
        return False

    def _befall_each(self, answers: Answers) -> None:
        strikes_now = self._dice.strikes_now
        for place in tuple(answers.free):
            if strikes_now(Kind.MINER_SILENT):
                self._replace(answers, place, _silent(answers.outcomes[place], answers.timeout_s))
            elif strikes_now(Kind.MINER_REFUSES):
                self._replace(answers, place, self._refusing(answers.outcomes[place]))

    def _befall_one(self, answers: Answers) -> None:
        for kind, change in self._single.items():
            if self._dice.strikes_now(kind, possible=bool(answers.free)):
                place = choice(self._whom, answers.free)
                self._replace(answers, place, change(answers.outcomes[place], answers))

    def _copy(self, answers: Answers) -> None:
        """Last of all, so that what is copied stays as it is."""
        if self._dice.strikes_now(Kind.TEXT_COPY, possible=len(answers.free) >= 2):
            place = choice(self._whom, answers.free)
            answers.free.remove(place)
            other = answers.outcomes[choice(self._whom, answers.free)]
            seconds = min(answers.timeout_s, other.process_time_s + _COPYING_S)
            answers.outcomes[place] = Outcome(OK, "", other.completion, seconds, answers.outcomes[place].wire)

    def _replace(self, answers: Answers, place: int, outcome: Outcome) -> None:
        answers.free.remove(place)
        answers.outcomes[place] = outcome

    def _silence(self, answers: Answers) -> None:
        for place in answers.free:
            answers.outcomes[place] = _silent(answers.outcomes[place], answers.timeout_s)

    def _refuse(self, answers: Answers) -> None:
        for place in answers.free:
            answers.outcomes[place] = self._refusing(answers.outcomes[place])

    def _leave_one(self, answers: Answers) -> None:
        answers.free.pop(below(self._whom, len(answers.free)))
        (self._silence if self._what.random() < 0.5 else self._refuse)(answers)

    def _refusing(self, honest: Outcome) -> Outcome:
        code, message = choice(self._what, REFUSALS)
        wire = None if code == NOT_REACHABLE else honest.wire
        return Outcome(code, message, "", honest.process_time_s, wire)

    def _late(self, honest: Outcome, answers: Answers) -> Outcome:
        """Just in time, or cut off in the middle of its stream."""
        if self._what.random() < 0.5:
            return Outcome(OK, "", honest.completion, answers.timeout_s, honest.wire)
        half = honest.completion[: len(honest.completion) // 2]
        return attrs.evolve(_silent(honest, answers.timeout_s), completion=half)

    def _odd(self) -> str:
        texts = hostile.LONG if self._what.random() * LONG_EVERY < 1 else hostile.ODD
        return choice(self._what, texts)

    def _injected(self, text: str) -> str:
        before, behind = choice(self._what, hostile.INJECTIONS)
        return f"{before}{text}{behind}"


def _silent(honest: Outcome, timeout_s: float) -> Outcome:
    return Outcome(TIMEOUT, f"no answer within {timeout_s:g} s", "", timeout_s, honest.wire)


def _saying(honest: Outcome, text: str) -> Outcome:
    return Outcome(OK, "", text, honest.process_time_s, honest.wire)


def _make_alike(answers: Answers) -> None:
    text = answers.outcomes[answers.free[0]].completion
    for place in answers.free:
        answers.outcomes[place] = _saying(answers.outcomes[place], text)
