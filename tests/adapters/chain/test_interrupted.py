"""The node dies in the middle of a call: at each of its frames, in each way of dying; and is back a little later.

Whatever the call then answers is so on chain, or the answer says that it is not known.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from adapters.chain.client import SubtensorChain
from adapters.errors import OperatorError
from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.chain.gate import Snap
from adapters.localnet.chain.rpc import Rpc
from core.types import Block, Uid, WeightsAccepted, WeightsRefused, WeightsUnknown
from effects.ports import Fault
from tests.adapters.chain.mortal import (
    LATE_S,
    SNAPS,
    SOON_S,
    Death,
    MortalGate,
    is_last_update,
    is_metagraph,
    is_there,
    landed,
    mortal,
    weighed,
)
from tests.adapters.chain.world import QUICK, Reach, Way, by_node, chain_of, opened, until
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, VALIDATOR, hotkey, neuron

# asyncio's server forgets a connection that it has accepted as it is closed; nodes are killed here while they are dialled.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <(socket.socket|function _SelectorTransport):pytest.PytestUnraisableExceptionWarning"
)

WEIGHTS = [(Uid(MINER), 0.75), (Uid(OTHER_MINER), 0.25)]
AXON = "127.0.0.1:8091"
PACE = attrs.evolve(QUICK, silence_s=0.3)
# For all that ends by itself.
LONG: dict[str, Any] = {
    "connect_timeout_s": 8.0,
    "read_timeout_s": 8.0,
    "submit_timeout_s": 8.0,
    "pace": PACE,
}
# For silence that lasts: only a deadline ends it.
SHORT: dict[str, Any] = {**LONG, "read_timeout_s": 1.0, "submit_timeout_s": 0.4}
# All deadlines of one call, one after the other; nothing may wait for longer.
LIMIT_S = 30.0
AT_ONCE = 16

Judge = Callable[[object, LocalChain, Block], bool]


@attrs.frozen
class Call:
    """A call of the adapter.

    Attributes:
        does: makes it.
        is_so: whether the answer is right by the chain, at some block since the given one.
        chain: makes the chain that it is asked of.
        changes: of the adapter's settings.
        name: of the key that asks.
    """

    does: Callable[[SubtensorChain], Awaitable[object]]
    is_so: Judge
    chain: Callable[[], LocalChain] = chain_of
    changes: dict[str, Any] = attrs.field(factory=dict)
    name: str = f"n{VALIDATOR}"


async def first_blocks(chain: SubtensorChain) -> list[int]:
    async with aclosing(chain.blocks()) as blocks:
        return [await anext(blocks) for _ in range(3)]


def are_blocks(answer: object, chain: LocalChain, since: Block) -> bool:
    """Ever later ones, and all of them were there."""
    return (
        isinstance(answer, list)
        and sorted(set(answer)) == answer
        and all(since <= block <= chain.head for block in answer)
    )


def is_published(answer: object, chain: LocalChain, _since: Block) -> bool:
    axon = chain.at().get(storage.AXONS, 1, hotkey(VALIDATOR))
    return answer is None and axon is not None and axon.port == 8091


def is_verdict(answer: object, chain: LocalChain, _since: Block) -> bool:
    """Accepted only as the chain has it; of the other answers, `settled` tells whether they were right."""
    if isinstance(answer, WeightsAccepted):
        return is_there(answer, chain)
    return isinstance(answer, WeightsUnknown) or (isinstance(answer, WeightsRefused) and answer.passing)


def set_weights(chain: SubtensorChain) -> Awaitable[object]:
    return chain.set_weights(WEIGHTS, 0)


weighable = partial(chain_of, weights_rate_limit_blocks=0, serving_rate_limit_blocks=0, tempo=5)
COMMIT = {"is_local": True}
CALLS = {
    "metagraph": Call(SubtensorChain.metagraph, is_metagraph, lambda: weighed(weighable())),
    "last_update": Call(SubtensorChain.last_update, is_last_update, lambda: weighed(weighable())),
    "check_registered": Call(SubtensorChain.check_registered, lambda answer, *_: answer is None),
    "check_registered, a stranger": Call(
        SubtensorChain.check_registered,
        lambda answer, *_: isinstance(answer, OperatorError) and "not registered" in str(answer),
        name="stranger",
    ),
    "blocks": Call(first_blocks, are_blocks),
    "serve_axon": Call(SubtensorChain.serve_axon, is_published, weighable, {"axon": AXON}),
    "set_weights": Call(set_weights, is_verdict, weighable),
    "set_weights, zeros": Call(set_weights, is_verdict, partial(weighable, min_allowed_weights=4)),
    "set_weights, committed": Call(set_weights, is_verdict, partial(weighable, commit_reveal=True), COMMIT),
}


@attrs.define
class Tally:
    """What was answered, so that it can be compared with what is on chain in the end."""

    chain: LocalChain
    answers: list[object] = attrs.field(factory=list)

    async def settle(self) -> None:
        """All that can land has landed: each acceptance once, no refusal, and of the unknown ones at most one each."""
        await until(lambda: self.chain.next_nonce(hotkey(VALIDATOR)) == landed(self.chain))
        accepted = sum(isinstance(answer, WeightsAccepted) for answer in self.answers)
        unknown = sum(isinstance(answer, WeightsUnknown) for answer in self.answers)
        assert accepted <= landed(self.chain) <= accepted + unknown


async def asked(call: Call, client: SubtensorChain, chain: LocalChain, since: Block) -> object:
    """The call's answer, which is right or a fault, in time."""
    with anyio.fail_after(LIMIT_S):
        try:
            answer = await call.does(client)
        except (Fault, OperatorError) as error:
            answer = error
    assert isinstance(answer, Fault) or call.is_so(answer, chain, since), answer
    return answer


def is_done(answer: object) -> bool:
    return not isinstance(answer, Fault | WeightsRefused | WeightsUnknown)


async def disturbed(call: Call, way: Way, chain: LocalChain, cache_dir: Path, snap: Snap, frame: int) -> None:
    """Make the call with an end of the line at that frame; with the line back, the same call succeeds, and all was true."""
    tally, lasts = Tally(chain), snap is Snap.SILENCE and not isinstance(way.gate, MortalGate)
    async with opened(way, cache_dir, call.name, **(SHORT if lasts else LONG), **call.changes) as client:
        since, before = chain.head, way.gate.frames
        way.gate.snare(snap, "", frame)
        async with anyio.create_task_group() as tasks:
            if lasts:
                tasks.start_soon(_heal_later, way)
            tally.answers.append(await asked(call, client, chain, since))
            tasks.cancel_scope.cancel()
        # A call may take a frame less than it did before; then nothing has disturbed it.
        assert lasts or way.gate.frames > before + frame or is_done(tally.answers[0])
        way.gate.heal()
        if call.is_so is is_verdict:
            await tally.settle()
            await _told_of(client, chain)
        with anyio.fail_after(4 * LIMIT_S):
            while not is_done(tally.answers[-1]) or len(tally.answers) == 1:
                tally.answers.append(await asked(call, client, chain, since))
        if call.is_so is is_verdict:
            await tally.settle()
        elif call.is_so is is_published:
            assert 1 <= landed(chain) <= len(tally.answers)


async def _heal_later(way: Way) -> None:
    """A stream has no deadline: it begins anew, as often as it takes."""
    await anyio.sleep(2 * SHORT["read_timeout_s"])
    way.gate.heal()


async def _told_of(client: SubtensorChain, chain: LocalChain) -> None:
    """The last update tells whether weights of ours are there."""
    with anyio.fail_after(LIMIT_S):
        while True:
            try:
                assert (await client.last_update() > 0) == (landed(chain) > 0)
            except Fault:
                continue
            return


async def frames_of(call: Call, reach: Reach, cache_dir: Path) -> int:
    """How many frames the call takes where nothing goes wrong."""
    chain = call.chain()
    async with reach(chain) as way, opened(way, cache_dir, call.name, **call.changes) as client:
        before = way.gate.frames
        assert is_done(await asked(call, client, chain, chain.head))
        return way.gate.frames - before


async def each(ways: Iterable[tuple[Any, ...]], frames: int, run: Callable[..., Awaitable[None]]) -> None:
    """Run it for each way of ending at each frame, some at a time; what fails says for which."""
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def one(*case: object) -> None:
        async with limiter:
            try:
                await run(*case)
            except Exception as error:
                error.add_note(f"{case} of {frames} frames")
                raise

    async with anyio.create_task_group() as tasks:
        for way in ways:
            for frame in range(frames):
                tasks.start_soon(one, *way, frame)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", CALLS)
async def test_a_node_that_dies_at_any_frame_makes_no_answer_wrong(tmp_path: Path, name: str) -> None:
    """Its server is killed in the middle of the call, and started again at the same port with the same chain."""
    call = CALLS[name]

    async def run(death: Death, away_s: float, frame: int) -> None:
        chain = call.chain()
        async with mortal(chain, chain, death, away_s) as lives:
            await disturbed(call, lives.way, chain, tmp_path, SNAPS[death], frame)

    await each(product(Death, (SOON_S, LATE_S)), await frames_of(call, by_node, tmp_path), run)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", CALLS)
async def test_a_line_that_breaks_or_falls_silent_at_any_frame_makes_no_answer_wrong(
    reach: Reach, tmp_path: Path, name: str
) -> None:
    """The node lives on; silence lasts until after the call."""
    call = CALLS[name]

    async def run(snap: Snap, frame: int) -> None:
        chain = call.chain()
        async with reach(chain) as way:
            await disturbed(call, way, chain, tmp_path, snap, frame)

    await each(((snap,) for snap in Snap), await frames_of(call, reach, tmp_path), run)


@pytest.mark.timeout(120)
async def test_a_node_that_dies_while_it_is_dialled_is_dialled_again(tmp_path: Path) -> None:
    """Opening succeeds or says that there is no chain; the next time it succeeds."""

    async def run(death: Death, away_s: float, frame: int) -> None:
        chain = chain_of()
        async with mortal(chain, chain, death, away_s) as lives:
            lives.way.gate.snare(SNAPS[death], "", frame)
            assert await open_at(lives.way, chain, tmp_path) or lives.way.gate.frames > frame
            with anyio.fail_after(LIMIT_S):
                while not await open_at(lives.way, chain, tmp_path):
                    pass

    await each(product(Death, (SOON_S, LATE_S)), await frames_of_opening(by_node, tmp_path), run)


@pytest.mark.timeout(120)
async def test_a_line_that_breaks_or_falls_silent_while_it_is_dialled_is_dialled_again(
    reach: Reach, tmp_path: Path
) -> None:
    """Opening succeeds or says that there is no chain; the next time it succeeds."""

    async def run(snap: Snap, frame: int) -> None:
        chain = chain_of()
        async with reach(chain) as way:
            way.gate.snare(snap, "", frame)
            await open_at(way, chain, tmp_path)
            way.gate.heal()
            with anyio.fail_after(LIMIT_S):
                while not await open_at(way, chain, tmp_path):
                    way.gate.heal()

    await each(((snap,) for snap in Snap), await frames_of_opening(reach, tmp_path), run)


async def frames_of_opening(reach: Reach, cache_dir: Path) -> int:
    chain = chain_of()
    async with reach(chain) as way:
        assert await open_at(way, chain, cache_dir, LONG["connect_timeout_s"])
        return way.gate.frames


async def open_at(way: Way, chain: LocalChain, cache_dir: Path, connect_timeout_s: float = 1.0) -> bool:
    """Whether the chain could be opened, in time; if so it is this one and can be read."""
    with anyio.fail_after(LIMIT_S):
        try:
            async with opened(way, cache_dir, **{**SHORT, "connect_timeout_s": connect_timeout_s}) as client:
                assert client.genesis == genesis_of(chain)
                with suppress(Fault):
                    assert is_metagraph(await client.metagraph(), chain, Block(0))
                return True
        except OperatorError as error:
            if "no chain: " not in str(error):
                raise
            return False


def genesis_of(chain: LocalChain) -> str:
    return str(Rpc(chain).answer("chain_getBlockHash", [0]))


def strangers() -> LocalChain:
    """Another chain: our hotkey is not on it, and its head is far ahead."""
    other = chain_of(neurons=tuple(neuron(f"other{place}") for place in range(5)), tempo=33)
    for _ in range(200):
        other.produce_block()
    return other


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", CALLS)
async def test_another_chain_that_comes_up_at_the_same_address_is_never_taken_for_ours(
    tmp_path: Path, name: str
) -> None:
    """What is answered is so on our chain; nothing is sent to the other, and the next call names it."""
    call = CALLS[name]

    async def run(death: Death, frame: int) -> None:
        chain, other = call.chain(), strangers()
        async with (
            mortal(chain, other, death, SOON_S) as lives,
            opened(lives.way, tmp_path, call.name, **LONG, **call.changes) as client,
        ):
            since = chain.head
            lives.way.gate.snare(SNAPS[death], "", frame)
            with anyio.move_on_after(1.0 if call.does is first_blocks else LIMIT_S):
                await asked(call, client, chain, since)
            await lives.succeeded.wait()
            await _is_named(client, other)
        assert landed(other) == 0
        assert not any("author_submit" in frame for frame in lives.later.heard)

    await each(((death,) for death in Death), await frames_of(call, by_node, tmp_path), run)


async def _is_named(client: SubtensorChain, other: LocalChain) -> None:
    """Whatever is asked next says that another chain is there."""
    with pytest.raises(Fault, match=f"serves another chain .*{genesis_of(other)}"):
        await client.last_update()
    refused = await client.set_weights(WEIGHTS, 0)
    assert isinstance(refused, WeightsRefused)
    assert (refused.passing, refused.not_registered) == (True, False)
    assert "serves another chain" in refused.reason


@pytest.mark.timeout(120)
async def test_another_chain_that_comes_up_while_ours_is_dialled_is_not_opened(tmp_path: Path) -> None:
    """Where the genesis is known beforehand, only what it names is opened."""

    async def run(death: Death, frame: int) -> None:
        chain, other = chain_of(), strangers()
        async with mortal(chain, other, death, SOON_S) as lives:
            lives.way.gate.snare(SNAPS[death], "", frame)
            with suppress(OperatorError), anyio.fail_after(LIMIT_S):
                async with opened(lives.way, tmp_path, **LONG, genesis=genesis_of(chain)) as client:
                    assert client.genesis == genesis_of(chain)
            await lives.succeeded.wait()
            with pytest.raises(OperatorError, match="serves another chain"):
                async with opened(lives.way, tmp_path, **LONG, genesis=genesis_of(chain)):
                    pass

    await each(((death,) for death in Death), await frames_of_opening(by_node, tmp_path) - 1, run)
