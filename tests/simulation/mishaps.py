"""What happens to the machine that the validator runs on, whatever it is doing: its clock is wrong, it sleeps."""

import anyio

from tests.simulation.kinds import Kind
from tests.simulation.world import World

EVERY_S = 60.0
WRONG_S = (1.0, 3600.0)
FOR_S = (30.0, 1800.0)
SUSPENDED_BLOCKS = (5.0, 400.0)
# The clock may be so wrong without the chain seeming to stand still.
HARMLESS_S = 300.0


async def happen(world: World) -> None:
    """Go on for ever."""
    right_again_s = 0.0
    while True:
        await anyio.sleep(EVERY_S)
        now_s = anyio.current_time()
        if world.clock.wrong_s and now_s >= right_again_s:
            world.clock.wrong_s = 0.0
        if not world.clock.wrong_s:
            world.clock.wrong_s = _wrong_s(world)
            right_again_s = now_s + world.dice.between("clock", *FOR_S)
        if world.dice.strikes_now(Kind.SUSPENDED):
            world.clock.suspend(world.block_time_s * world.dice.between("suspended", *SUSPENDED_BLOCKS))
            world.watch.troubled()
        if abs(world.clock.wrong_s) > HARMLESS_S:
            world.watch.troubled()


def _wrong_s(world: World) -> float:
    if world.dice.strikes_now(Kind.CLOCK_FORWARD):
        return world.dice.between("clock", *WRONG_S)
    if world.dice.strikes_now(Kind.CLOCK_BACK):
        return -world.dice.between("clock", *WRONG_S)
    return 0.0
