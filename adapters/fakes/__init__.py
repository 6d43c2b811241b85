"""Stand-ins for the world, on any clock: for unit tests, simulation and whoever writes an adapter.

Each behaves by a script given to it, keeps no secrets (`.asked`, `.sent`, ... are for looking at), and takes its time from the clock
of the event loop, so that a virtual clock runs hours of it at once.
"""

from adapters.fakes.chain import FakeChain
from adapters.fakes.clock import LoopClock
from adapters.fakes.contexts import FakeContexts
from adapters.fakes.dendrite import FakeDendrite
from adapters.fakes.journal import MemoryJournal
from adapters.fakes.reporter import RecordingReporter
from adapters.fakes.scorer import FakeScorer

__all__ = [
    "FakeChain",
    "FakeContexts",
    "FakeDendrite",
    "FakeScorer",
    "LoopClock",
    "MemoryJournal",
    "RecordingReporter",
]
