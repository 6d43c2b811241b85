"""A submission of weights, as the real client makes one: all that needs no sending, then the sending, once."""

import attrs

from adapters.chain.errors import failed_after
from adapters.localnet.chain.calls import DispatchError
from adapters.localnet.chain.pool import Extrinsic
from core.submission import Terms, is_stale
from core.types import Row, WeightsAccepted, WeightsRefused, WeightsResult, WeightsUnknown
from tests.simulation.chain.composing import Request
from tests.simulation.chain.ledger import Dead, Landed, Submission
from tests.simulation.chain.link import LOST, SILENT_SENDING_S, SUBMIT_TIMEOUT_S, Link
from tests.simulation.chain.names import of_block, of_watch
from tests.simulation.chain.sending import offer, offer_weights
from tests.simulation.chain.subnet import Subnet
from tests.simulation.clock import SimulatedClock
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind

# How the watch on an extrinsic ends that left the pool.
STATUSES = ("Invalid", "Dropped", "Usurped")


@attrs.frozen
class Prepared:
    """An extrinsic, ready to be sent, with the row in it and the terms it was made under."""

    request: Request
    row: Row
    terms: Terms
    extrinsic: Extrinsic


class Submitting:
    """Sends the weights of one hotkey."""

    def __init__(self, link: Link, subnet: Subnet, dice: Dice, clock: SimulatedClock) -> None:
        self._link, self._subnet, self._dice, self._clock = link, subnet, dice, clock

    async def prepare(self, request: Request) -> Prepared | WeightsRefused:
        """Read the terms, decide on the row, sign."""
        await self._link.pause("reading the terms")
        if self._link.is_away() or self._is_cut():
            return WeightsRefused(LOST, passing=True)
        composed = self._composed(request)
        if isinstance(composed, WeightsRefused):
            return composed
        await self._link.pause("signing")
        return WeightsRefused(LOST, passing=True) if self._link.is_away() else composed

    async def send(self, prepared: Prepared) -> WeightsResult:
        """Send it and wait for a block that holds it."""
        submission = self._noted(prepared)
        is_heard = False
        try:
            result = await self._outcome(submission)
            is_heard = not isinstance(result, WeightsUnknown)
            return result
        finally:
            if not is_heard:
                self._subnet.unheard(submission)

    def _composed(self, request: Request) -> Prepared | WeightsRefused:
        composer, now_s = self._subnet.composer, self._clock.now_s()
        terms = self._subnet.reader.terms(self._link.state)
        if is_stale(terms, now_s):
            composer.renew()
        row = composer.row(request, terms, now_s)
        if isinstance(row, WeightsRefused):
            return row
        return Prepared(request, row, terms, composer.weights(row, request.version_key))

    def _is_cut(self) -> bool:
        strikes = self._dice.strikes_now(Kind.CUT_BEFORE)
        if strikes:
            self._subnet.trouble(0)
        return strikes

    def _noted(self, prepared: Prepared) -> Submission:
        ledger, request = self._subnet.ledger, prepared.request
        submission = Submission(
            number=len(ledger.submissions) + 1,
            sent_at=self._subnet.chain.head,
            weights=request.weights,
            owners=request.owners,
            version_key=request.version_key,
            row=prepared.row,
            terms=prepared.terms,
            extrinsic=prepared.extrinsic,
        )
        ledger.sent(submission)
        return submission

    async def _outcome(self, submission: Submission) -> WeightsResult:
        if self._dice.strikes_now(Kind.SEND_SILENT):
            return await self._unanswered(submission)
        refusal = offer_weights(self._subnet, submission.extrinsic)
        if refusal is not None:
            return failed_after(refusal, submission.terms, included=False)
        if self._dice.strikes_now(Kind.CUT_AFTER):
            await self._link.pause("being cut off")
            return WeightsUnknown(LOST)
        return await self._verdict(submission)

    async def _unanswered(self, submission: Submission) -> WeightsResult:
        """Nothing comes back, whether it was heard or not."""
        if self._subnet.pick(Kind.SEND_SILENT, 2):
            offer(self._subnet, submission.extrinsic)
        await self._link.be_silent(SILENT_SENDING_S)
        return WeightsUnknown("no answer")

    async def _verdict(self, submission: Submission) -> WeightsResult:
        """What a block says, or the watch on it."""
        fate = await self._link.settled(submission.extrinsic)
        if self._link.is_away():
            return WeightsUnknown(LOST)
        match fate:
            case Landed(block):
                return WeightsAccepted(block, submission.row, submission.terms.limits)
            case Dead(DispatchError() as error):
                return failed_after(of_block(error), submission.terms, included=True)
            case Dead():
                status = STATUSES[self._subnet.pick(Kind.EXTRINSIC_DROPPED, len(STATUSES))]
                return failed_after(of_watch(status), submission.terms, included=False)
            case _:
                return WeightsUnknown(f"in no block after {SUBMIT_TIMEOUT_S:g} s")
