"""One miner, prompted: on the first wire, on the other where it turns out not to speak it, once more where the connection died.

Rules:
- Which wires, in which order, the core has decided; what a refusal says of the wire, `verdict` does.
- Another try is another request, with a nonce of its own.
- A miner that understands neither wire has the outcome that says most, see `_telling`.
"""

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus

import attrs

from adapters.dendrite.address import Address, dial_address
from adapters.dendrite.answer import AnswerReader
from adapters.dendrite.connection import Died, Exchange, connect
from adapters.dendrite.nonces import Nonces
from adapters.dendrite.requests import Prompt, Requests, make_sink
from adapters.dendrite.sinks import Sink
from adapters.dendrite.verdict import NOT_REACHABLE, NOT_UNDERSTOOD, TIMEOUT, Refused
from adapters.wire.prompting import Malformed
from core.types import OK, Outcome, Target, Wire, WireReason
from effects.ports import Fault

_TRIES = 2


@attrs.frozen
class Way:
    """What all calls of a dendrite share."""

    requests: Requests
    nonces: Nonces
    max_answer_bytes: int
    own_hosts: frozenset[str]
    allow_private: bool


class Call:
    """The conversation with one miner."""

    def __init__(self, target: Target, prompt: Prompt, way: Way) -> None:
        self._target, self._prompt, self._way = target, prompt, way
        self._outcome: Outcome | None = None
        self._exchange: Exchange | None = None
        self._sink: Sink | None = None
        self._wire: Wire | None = None

    def outcome(self) -> Outcome:
        """What came of it; of one that was cut off by the deadline, what there was till then."""
        if self._outcome is None:
            self._outcome = self._told(
                TIMEOUT, f"no answer within {self._prompt.timeout_s:g} s", self._so_far()
            )
        return self._outcome

    async def run(self) -> None:
        """Raises Fault for what fails on our side."""
        misunderstood: list[Outcome] = []
        try:
            address = dial_address(
                self._target.axon, allow_private=self._way.allow_private, own_hosts=self._way.own_hosts
            )
            for wire in self._target.wires:
                outcome, is_understood = await self._on(wire, address)
                if is_understood:
                    self._outcome = outcome
                    return
                misunderstood.append(outcome)
            self._outcome = _telling(misunderstood, self._target.wire_reason)
        except Refused as refused:
            self._outcome = self._told(refused.code, refused.message)

    async def _on(self, wire: Wire, address: Address) -> tuple[Outcome, bool]:
        """What came of asking on this wire, and whether the miner understood it."""
        try:
            return self._told(OK, "", await self._ask(wire, address)), True
        except Refused as refused:
            return self._told(refused.code, refused.message, self._so_far()), not refused.is_misunderstanding
        except Malformed as malformed:
            return self._told(NOT_UNDERSTOOD, str(malformed), self._so_far()), True
        except Fault:
            raise
        except Exception as error:  # noqa: BLE001 - a trick we did not foresee costs its miner, not the whole step
            return self._told(NOT_UNDERSTOOD, f"call ended by {type(error).__name__}"), True

    async def _ask(self, wire: Wire, address: Address) -> str:
        """The completion; a connection that dies before it says anything is replaced once."""
        for _ in range(_TRIES):
            with suppress(Died):
                return await self._exchanged(wire, address)
        raise Refused(NOT_REACHABLE, f"{address} closed without an answer")

    async def _exchanged(self, wire: Wire, address: Address) -> str:
        way = self._way
        self._sink = sink = make_sink(wire, streaming=self._prompt.streaming)
        self._exchange = exchange = Exchange(AnswerReader(sink, way.max_answer_bytes))
        try:
            await connect(address, exchange, allow_private=way.allow_private)
            self._wire = wire
            with way.nonces.place(self._target.hotkey) as stamp:
                await exchange.ask(
                    lambda: way.requests.make(wire, address, self._target.hotkey, self._prompt, stamp())
                )
            return sink.completion()
        finally:
            exchange.close()

    def _so_far(self) -> str:
        return self._sink.so_far() if self._sink else ""

    def _told(self, code: int, message: str, completion: str = "") -> Outcome:
        elapsed_s = self._exchange.elapsed_s if self._exchange else 0.0
        return Outcome(code, message, completion, elapsed_s, self._wire)


def _telling(misunderstood: Sequence[Outcome], reason: WireReason) -> Outcome:
    """The outcome of the likeliest wire; where none is, not the 500 by which v10 axons refuse what they do not know."""
    likely = [outcome for outcome in misunderstood if outcome.code != HTTPStatus.INTERNAL_SERVER_ERROR]
    return likely[0] if likely and reason is WireReason.UNKNOWN else misunderstood[0]
