"""The `Chain` port of a simulation, and what watchers may ask of it.

Rules:
- What the chain does, it does by the world's time, whether anybody looks or not.
- What was sent stays sent: a call that is cancelled takes nothing back.
"""

from collections.abc import AsyncGenerator, Sequence

from adapters.chain.blocks import REFILL_BLOCKS
from adapters.chain.convert import axon_address
from adapters.chain.errors import reason_of
from adapters.localnet.chain import storage
from adapters.localnet.chain.pool import Extrinsic
from core.types import Block, Hotkey, Metagraph, Row, Target, Uid, WeightsRefused, WeightsResult
from effects.ports import Fault
from tests.simulation.chain.composing import Request
from tests.simulation.chain.ledger import Dead, Fate, Landed, Submission
from tests.simulation.chain.link import LOST, Link
from tests.simulation.chain.membership import MEMBERSHIP, replace_one_of
from tests.simulation.chain.people import OWN_AXON, own_axon_address
from tests.simulation.chain.reading import last_update, standing
from tests.simulation.chain.rules import RULES
from tests.simulation.chain.sending import offer
from tests.simulation.chain.submitting import Submitting
from tests.simulation.chain.subnet import Subnet
from tests.simulation.chain.weather import WEATHER
from tests.simulation.clock import SimulatedClock
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.swarm import Swarm

OLD_HEADS = 3


class SimulatedChain:
    """One subnet seen by one hotkey. All but the port's five methods is for watchers and for the world."""

    def __init__(self, swarm: Swarm, dice: Dice, clock: SimulatedClock) -> None:
        """Raises ValueError where our hotkey is no ss58 address: commitments name it by its public key."""
        self._dice = dice
        self._subnet = Subnet(swarm, dice, (*WEATHER, *RULES, *MEMBERSHIP))
        self._link = Link(self._subnet, dice, clock)
        self._submitting = Submitting(self._link, self._subnet, dice, clock)

    async def run(self) -> None:
        """Blocks as they are due, for ever."""
        await self._link.run()

    # --- the port ---
    async def metagraph(self) -> Metagraph:
        await self._link.reach("reading the metagraph")
        return self._subnet.reader.metagraph(self._link.state)

    async def last_update(self) -> Block:
        await self._link.reach("reading the last update")
        return last_update(self._link.state, self._subnet.own)

    async def set_weights(
        self, weights: Sequence[tuple[Uid, float]], version_key: int, owners: Sequence[Hotkey] = ()
    ) -> WeightsResult:
        prepared = await self._submitting.prepare(Request(tuple(weights), tuple(owners), version_key))
        return prepared if isinstance(prepared, WeightsRefused) else await self._submitting.send(prepared)

    async def serve_axon(self) -> None:
        await self._link.reach("reading the axon")
        own = self._link.state.get(storage.AXONS, self._link.state.netuid, self._subnet.own)
        if own is not None and axon_address({"ip": own.ip, "ip_type": 4, "port": own.port}) == OWN_AXON:
            return
        if self._dice.strikes_now(Kind.SERVE_REFUSED):
            raise Fault(f"publishing the axon {OWN_AXON}: ServingRateLimitExceeded: too soon")
        await self._publish(self._subnet.composer.axon(*own_axon_address()))

    async def blocks(self) -> AsyncGenerator[Block, None]:
        last = Block(0)
        while True:
            turn = self._link.turn
            await self._link.pause("heads")
            news = self._news(last)
            for block in news:
                yield block
                last = block
            if news and self._dice.strikes_now(Kind.BLOCK_AGAIN, possible=last > OLD_HEADS):
                yield Block(last - self._subnet.pick(Kind.BLOCK_AGAIN, OLD_HEADS))
            await turn.wait()

    # --- for watchers ---
    @property
    def head(self) -> Block:
        return self._subnet.chain.head

    @property
    def submissions(self) -> list[Submission]:
        """Of our program, in order of sending."""
        return self._subnet.ledger.submissions

    @property
    def doubled(self) -> list[Submission]:
        """Those that were sent while another one could still land."""
        return self._subnet.ledger.doubled

    @property
    def landed(self) -> dict[Block, Row]:
        """By block the rows of our program in the chain as it stands now, committed ones by the block of the commitment."""
        return self._subnet.ledger.landed

    @property
    def elsewhere(self) -> dict[Block, Row]:
        """By block the rows that another program has set with our key."""
        return self._subnet.ledger.elsewhere

    @property
    def trouble_until(self) -> Block:
        """Up to which block the chain, its connection or the subnet's demands are known to be against our weights."""
        return self._subnet.trouble_until

    def fate(self, submission: Submission) -> Fate:
        return self._subnet.ledger.fate(submission.extrinsic)

    def in_flight(self) -> int:
        """Submissions of our program that could still land."""
        return self._subnet.ledger.in_flight()

    def may_set(self, at: Block) -> bool:
        """Whether the block after this one, which is in the history, takes weights of ours by the chain's own rules."""
        return standing(self._subnet.chain.at(at), self._subnet.own).may_set

    def owner_of(self, uid: Uid) -> Hotkey | None:
        return self._link.state.present(storage.KEYS, self._link.state.netuid, uid)

    def registered(self, hotkey: Hotkey) -> bool:
        return self._link.state.uid_of(hotkey) is not None

    # --- for the world ---
    def queried(self, targets: Sequence[Target]) -> None:
        """These are being prompted from now on."""
        replace_one_of(self._subnet, targets)

    def register_again(self) -> None:
        """The operator registers our hotkey with the next block, unless it is registered."""
        self._link.advance()
        self._subnet.register_again()

    # --- inside ---
    async def _publish(self, extrinsic: Extrinsic) -> None:
        """Raises Fault where the axon's address does not get into a block."""
        what = f"publishing the axon {OWN_AXON}"
        refusal = offer(self._subnet, extrinsic)
        if refusal is not None:
            raise Fault(f"{what}: {reason_of(refusal)}")
        match await self._link.settled(extrinsic):
            case Landed():
                return
            case Dead(error) if error is not None:
                raise Fault(f"{what}: {error}")
            case _:
                raise Fault(f"{what}: {LOST}")

    def _news(self, last: Block) -> list[Block]:
        """Heads after the last one that was given; none while none arrive, and not more than a client asks for again."""
        head = self.head
        if self._link.is_stuck():
            return []
        first = max(1, head) if last == 0 else max(last + 1, head - REFILL_BLOCKS + 1)
        return [Block(block) for block in range(first, head + 1)]
