"""What a miner tells: once per change, counted where anybody can cause it, and never anybody's raw words."""

import errno
import logging
from io import StringIO

import anyio

from adapters.fakes.clock import LoopClock
from adapters.miner.telling import Answer, Forwarded, Telling
from core.types import Hotkey
from effects.ports import Fault
from tests.adapters.miner.lines import Lines
from tests.core.builders import OWN, metagraph, own_neuron

ANSWER = Answer(OWN, own_neuron(), took_s=0.25, characters=7)


async def test_an_answer_is_a_line() -> None:
    """Who asked, with uid and stake, how long it took and how much was said; not what."""
    lines = Lines()
    lines.telling.answered(ANSWER)
    lines.telling.given_up(Answer(Hotkey("\x1b[2Jnobody at all"), None, 1.0, 0))
    answered, given_up = lines.all()
    assert answered | {"timestamp": ""} == {
        "timestamp": "", "level": "info", "event": "answered", "caller": "own", "uid": 0, "stake_tao": 10_000.0,
        "took_s": 0.25, "characters": 7,
    }  # fmt: skip
    assert given_up["caller"].startswith("\\x1b[2J")
    assert given_up["uid"] is None


async def test_a_chain_that_comes_and_goes_is_told_once_each() -> None:
    """Not at every attempt, whatever the reasons are."""
    lines = Lines()
    for reason in ("refused", "no answer", "refused"):
        lines.telling.lost(reason)
    for block in (1, 2, 3):
        lines.telling.joined("ws://x", metagraph([1], block=block))
    lines.telling.lost("gone\x1b[2J")
    lines.telling.joined("ws://x", metagraph([1], block=3))
    lines.telling.lost("gone")
    assert lines.events() == ["chain lost", "chain found", "chain lost"]
    assert lines.all()[0]["meanwhile"] == "only the allow list is answered"
    assert lines.all()[2]["meanwhile"] == "known callers are answered on"
    assert lines.all()[2]["reason"] == "gone\\x1b[2J"


async def test_an_address_is_told_when_it_changes() -> None:
    """And why it could not be published, once per reason; and that there is none."""
    lines = Lines()
    for _ in range(2):
        lines.telling.unpublished("too soon")
    for address in ("1.2.3.4:5", "1.2.3.4:5", "1.2.3.4:6"):
        lines.telling.published(address)
    lines.telling.unpublished("too soon")
    assert lines.events() == [
        "not published, tried again",
        "published",
        "published",
        "not published, tried again",
    ]
    bare = Lines()
    for _ in range(2):
        bare.telling.published(None)
    assert [event for event in bare.events() if "--axon.external_ip" in event] == bare.events()
    assert len(bare.events()) == 1


async def test_a_minute_is_summed_up() -> None:
    """Answers, failures and reasons of refusals since the last time."""
    lines = Lines()
    lines.telling.answered(ANSWER)
    lines.telling.failed(ANSWER, Fault("no memory\n"))
    for reason in ("a", "b", "a"):
        lines.telling.refused(reason)
    lines.telling.summary("last minute")
    lines.telling.summary("last minute")
    first, second = lines.named("last minute")
    assert (first["answered"], first["failed"], first["given_up"], first["slowest_s"]) == (1, 1, 0, 0.25)
    assert first["refused"] == {"a": 2, "b": 1}
    assert (second["answered"], second["refused"]) == (0, {})
    assert lines.named("failed")[0]["reason"] == "no memory\\n"
    assert len(lines.events()) == 4


class Minutes(LoopClock):
    """Sleeps are over at once, but for the third, which never is."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await (anyio.sleep_forever() if len(self.slept) > 2 else anyio.lowlevel.checkpoint())


async def test_summaries_come_every_minute() -> None:
    """Until cancelled."""
    clock, stream = Minutes(), StringIO()
    async with anyio.create_task_group() as group:
        group.start_soon(Telling(stream, clock, is_terminal=False).summarise)
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    assert clock.slept == [60.0, 60.0, 60.0]
    assert stream.getvalue().count("last minute") == 2


def record(error: Exception, text: str) -> logging.LogRecord:
    return logging.LogRecord("adapters.axon", logging.ERROR, "f", 1, text, (), (type(error), error, None))


async def test_what_parts_log_is_told_escaped() -> None:
    """A bug with its trace on one line; a fault not again, since whoever met it has told it."""
    lines = Lines()
    handler = Forwarded(lines.telling)
    handler.handle(record(ValueError("bad\x1b[2J"), "the forward failed"))
    handler.handle(record(Fault("known"), "the forward failed"))
    (line,) = lines.all()
    assert line["logger"] == "adapters.axon"
    assert "ValueError: bad\\x1b[2J" in line["trace"]


async def test_words_that_do_not_fit_together_harm_nobody() -> None:
    """Of a library that logs wrongly, the caller does not fail."""
    lines = Lines()
    broken = logging.LogRecord("x", logging.ERROR, "f", 1, "%d of %d", ("one",), None)
    Forwarded(lines.telling).handle(broken)
    assert lines.all() == []


class Full(StringIO):
    """A disk without room, until it has some."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(errno.ENOSPC, "no space left on device")
        return super().write(text)


async def test_a_full_disk_holds_nothing_up() -> None:
    """What cannot be written is lost, and what comes when there is room again is there; both forms alike."""
    for is_terminal in (True, False):
        stream = Full()
        telling = Telling(stream, LoopClock(), is_terminal=is_terminal)
        telling.answered(ANSWER)
        telling.failed(ANSWER, Fault("no memory"))
        stream.is_full = False
        telling.stage("room again")
        assert "room again" in stream.getvalue()
        assert len(stream.getvalue().splitlines()) == 1


async def test_on_a_terminal_lines_are_for_people() -> None:
    """No JSON there."""
    stream = StringIO()
    Telling(stream, LoopClock(), is_terminal=True).stage("making ready")
    assert "making ready" in stream.getvalue()
    assert "{" not in stream.getvalue()
