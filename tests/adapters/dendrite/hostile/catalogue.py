"""All hostile behaviours by name."""

from tests.adapters.dendrite.hostile.bare_streams import BARE_STREAMS
from tests.adapters.dendrite.hostile.behaviour import Behaviour
from tests.adapters.dendrite.hostile.bodies import BODIES
from tests.adapters.dendrite.hostile.bombs import BOMBS
from tests.adapters.dendrite.hostile.forged import FORGED
from tests.adapters.dendrite.hostile.framing import FRAMING
from tests.adapters.dendrite.hostile.statuses import STATUSES, redirects
from tests.adapters.dendrite.hostile.streams import STREAMS
from tests.adapters.dendrite.hostile.volume import VOLUME
from tests.adapters.dendrite.hostile.waiting import WAITING

NOWHERE = "127.0.0.1:1"


def whole(trap: str = NOWHERE) -> dict[str, Behaviour]:
    """Those that answer a whole request; `trap` is where some of them lead."""
    return {
        **WAITING,
        **VOLUME,
        **BOMBS,
        **FRAMING,
        **STATUSES,
        **redirects(trap),
        **BODIES,
        **FORGED,
    }


def everybody(trap: str) -> dict[str, Behaviour]:
    """Those that stream as well."""
    return {**whole(trap), **STREAMS, **BARE_STREAMS}
