"""Everybody who acts in a run by himself, put to work: sybils, honest validators, copiers, colluders."""

import math
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from adapters.localnet.admission import EpochListener
from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.cast import Cast, Part, ValidatorKind
from adapters.localnet.incentives.colluder import collude
from adapters.localnet.incentives.copier import copy_weights
from adapters.localnet.incentives.course import Course
from adapters.localnet.incentives.sybil import Sybil
from adapters.localnet.incentives.validators import ValidatorPlace, validate
from adapters.localnet.subnet import OpenSubnet
from adapters.validator.session import settle_memory
from core.types import Metagraph


@asynccontextmanager
async def sybils_of(course: Course, subnet: OpenSubnet, group: TaskGroup) -> AsyncIterator[EpochListener]:
    """The sybils, serving; what tells each of an epoch that counts."""
    async with AsyncExitStack() as stack:
        ears: list[MemoryObjectSendStream[Metagraph]] = []
        for index, member in enumerate(course.scene.sybils):
            send, receive = anyio.create_memory_object_stream[Metagraph](math.inf)
            ears.append(await stack.enter_async_context(send))
            sybil = Sybil(subnet, index, member.miner, await subnet.join(member))
            course.sybils.append(sybil)
            group.start_soon(_listen, sybil, receive)

        def tell(metagraph: Metagraph) -> None:
            for ear in ears if course.seen else ():
                ear.send_nowait(metagraph)

        yield tell


async def _listen(sybil: Sybil, epochs: MemoryObjectReceiveStream[Metagraph]) -> None:
    async with epochs:
        async for metagraph in epochs:
            await sybil.on_epoch(metagraph)


async def start_validators(
    config: SubnetConfig, cast: Cast, subnet: OpenSubnet, group: TaskGroup, on_stage: Callable[[str], None]
) -> None:
    """The honest ones at work, one after the other, since each loads models; then the copiers."""
    for validator in cast.of(ValidatorKind.HONEST):
        on_stage(f"loading the models of {validator.name}")
        place = ValidatorPlace(validator, subnet.endpoint, config.folder / validator.name)
        await group.start(validate, config, place)
    for validator in cast.of(ValidatorKind.COPIER):
        group.start_soon(copy_weights, subnet.connection, validator)
    settle_memory()


def start_colluders(cast: Cast, subnet: OpenSubnet, group: TaskGroup) -> None:
    """After the warm-up: what an accomplice gets then would be what all validators agree on."""
    pairs = zip(cast.of(ValidatorKind.COLLUDER), cast.playing(Part.ACCOMPLICE), strict=True)
    for validator, accomplice in pairs:
        group.start_soon(collude, subnet.connection, validator, accomplice.keys.hotkey_ss58)
