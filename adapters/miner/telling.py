"""What a miner tells: a line for each answer and each change, and every minute what came of all requests.

Rules:
- Refusals are counted, not written one by one: anybody can cause them.
- Neither prompts nor completions are written, only how long they are; words of others are escaped.
- What cannot be written (a full disk, a reader that has gone) is lost; it holds nobody's answer up.
"""

import logging
import traceback
from collections import Counter
from contextlib import suppress
from typing import Any, Never, TextIO

import attrs
import structlog

from adapters.reporting.lines import line_logger
from adapters.reporting.text import visible
from core.types import Block, Hotkey, Metagraph, Neuron
from effects.ports import Clock, Fault

SUMMARY_EVERY_S = 60.0
MOST_REASON = 300
MOST_TRACE = 4000
CALLER_CHARACTERS = 10


@attrs.frozen
class Answer:
    """One request that was let in, and what came of it.

    Attributes:
        neuron: what the chain shows of the caller; None of who is not on the subnet.
        took_s: from its turn to the last piece taken, or to the failure.
        characters: given of the completion.
    """

    caller: Hotkey
    neuron: Neuron | None
    took_s: float
    characters: int


class Telling:
    """Writes to `stream`, at once and line by line; `is_terminal` chooses the form, by default as the stream is one or not."""

    def __init__(self, stream: TextIO, clock: Clock, *, is_terminal: bool | None = None) -> None:
        self._clock = clock
        self._is_joined: bool | None = None
        self._block: Block | None = None
        self._published: str | None = None
        self._unpublished: str | None = None
        self._counts: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._slowest_s = 0.0
        self._log = line_logger(stream, clock, is_terminal=is_terminal, writer=_Lossy)

    def stage(self, doing: str) -> None:
        """What a start is busy with."""
        self._log.info(visible(doing, MOST_REASON))

    def serving(self, hotkey: str, host: str, port: int) -> None:
        self._log.info("serving", hotkey=hotkey, host=host, port=port)

    def answered(self, answer: Answer) -> None:
        self._count("answered", answer)
        self._log.info("answered", **_shown(answer))

    def given_up(self, answer: Answer) -> None:
        """The caller went away, or time was up."""
        self._count("given_up", answer)
        self._log.info("given up", **_shown(answer))

    def failed(self, answer: Answer, fault: Fault) -> None:
        self._count("failed", answer)
        self._log.warning("failed", **_shown(answer), reason=visible(str(fault), MOST_REASON))

    def refused(self, reason: str) -> None:
        self._refusals[reason] += 1

    def joined(self, where: str, metagraph: Metagraph) -> None:
        """The metagraph was read; told when the chain was not there before. One that stands still is not there again."""
        if self._is_joined is False and metagraph.block == self._block:
            return
        if self._is_joined is not True:
            self._log.info(
                "chain found", endpoint=where, block=metagraph.block, neurons=len(metagraph.neurons)
            )
        self._is_joined, self._block = True, metagraph.block

    def lost(self, reason: str) -> None:
        """The chain cannot be read; told when it could before, and at the start."""
        if self._is_joined is not False:
            meanwhile = (
                "known callers are answered on" if self._is_joined else "only the allow list is answered"
            )
            self._log.warning("chain lost", reason=visible(reason, MOST_REASON), meanwhile=meanwhile)
        self._is_joined = False

    def published(self, address: str | None) -> None:
        """The chain has this address; None where there is none to publish."""
        self._unpublished = None
        if address is None and self._published != "":
            self._log.warning(
                "nothing is published: give --axon.external_ip, so that validators find this miner"
            )
        elif address is not None and address != self._published:
            self._log.info("published", axon=address)
        self._published = address or ""

    def unpublished(self, reason: str) -> None:
        """The address could not be published; told when the reason is another."""
        if reason != self._unpublished:
            self._log.warning("not published, tried again", reason=visible(reason, MOST_REASON))
        self._unpublished = reason

    async def summarise(self) -> Never:
        """Every minute, until cancelled."""
        while True:
            await self._clock.sleep(SUMMARY_EVERY_S)
            self.summary("last minute")

    def summary(self, name: str) -> None:
        """What came of the requests since the last one."""
        counts = {what: self._counts[what] for what in ("answered", "failed", "given_up")}
        self._log.info(
            name,
            **counts,
            refused=dict(self._refusals),
            slowest_s=round(self._slowest_s, 3),
            chain="found" if self._is_joined else "lost",
        )
        self._counts, self._refusals, self._slowest_s = Counter(), Counter(), 0.0

    def foreign(self, record: logging.LogRecord) -> None:
        """A record that a part of this program logged by itself. Faults are told by who meets them."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Fault):
            return
        told = {"trace": visible("".join(traceback.format_exception(error)), MOST_TRACE)} if error else {}
        self._log.warning(visible(record.getMessage(), MOST_REASON), logger=record.name, **told)

    def _count(self, what: str, answer: Answer) -> None:
        self._counts[what] += 1
        self._slowest_s = max(self._slowest_s, answer.took_s)


class _Lossy(structlog.WriteLogger):
    """Writes lines where that can be done."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    info = warning = msg


class Forwarded(logging.Handler):
    """Hands records of other loggers to a `Telling`, on the event loop or off it."""

    def __init__(self, telling: Telling) -> None:
        super().__init__(logging.WARNING)
        self._telling = telling

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._telling.foreign(record)
        except Exception:  # noqa: BLE001 - whoever logs words that do not fit together must not fail by it
            self.handleError(record)


def _shown(answer: Answer) -> dict[str, Any]:
    neuron = answer.neuron
    return {
        "caller": visible(answer.caller[:CALLER_CHARACTERS], CALLER_CHARACTERS),
        "uid": neuron.uid if neuron else None,
        "stake_tao": round(neuron.stake_tao, 1) if neuron else 0.0,
        "took_s": round(answer.took_s, 3),
        "characters": answer.characters,
    }
