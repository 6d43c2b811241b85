"""A journal that was cut short or changed on disk: what is gone is said, or the start is refused; never a wrong state, never a traceback."""

import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from adapters.errors import OperatorError
from adapters.journal.opening import writing
from adapters.journal.reader import JournalReader
from adapters.journal.recovery import recovered
from adapters.journal.replacing import SIDE_FILES
from adapters.journal.schema import FROZEN, READ, connect, mode_without_rights
from adapters.journal.settings import Retention
from tests.adapters.journal.builders import Recorded, record

PAGE_BYTES = 4096
FRAME_BYTES = PAGE_BYTES + 24
REMEDIES = ("--repair", "move the file away", "--wallet.hotkey and --netuid")


@attrs.frozen
class Files:
    """A journal's files as they were at one moment, by suffix, and what they were made of."""

    known: Recorded
    contents: dict[str, bytes]

    def lay(self, path: Path, changed: dict[str, bytes]) -> None:
        """Write them all, some of them changed."""
        for suffix in ("", *SIDE_FILES):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        for suffix, content in {**self.contents, **changed}.items():
            path.with_name(path.name + suffix).write_bytes(content)


def contents(path: Path) -> dict[str, bytes]:
    found = {suffix: path.with_name(path.name + suffix) for suffix in ("", *SIDE_FILES) if suffix != "-shm"}
    return {suffix: file.read_bytes() for suffix, file in found.items() if file.exists()}


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Of a journal that was closed in good order: all is in the one file."""
    path = tmp_path_factory.mktemp("closed") / "journal.db"
    known = record(path, events=60)
    return Files(known, contents(path))


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Of a journal whose writer was killed: all is in the write-ahead file."""
    path = tmp_path_factory.mktemp("killed") / "journal.db"
    copied: dict[str, bytes] = {}
    known = record(path, events=60, before_close=lambda: copied.update(contents(path)))
    return Files(known, copied)


def start(path: Path, known: Recorded) -> str:
    """How a start over these files goes: "whole", "lost" or "refused"; the state must be the one that belongs to what is left."""
    told: list[str] = []
    try:
        with writing(path, known.header, Retention(), repairs=False, tell=told.append) as journal:
            state = recovered(journal, known.header.config)
            seq = journal.last_seq
    except OperatorError as error:
        return "refused" if any(remedy in str(error) for remedy in REMEDIES) else f"no remedy in: {error}"
    assert state == known.states[seq]
    if seq == len(known.states) - 1:
        return "whole"
    assert any("torn off" in line for line in told)
    return "lost"


def test_files_as_they_were_are_gone_on_with(path: Path, closed: Files, killed: Files) -> None:
    """Neither a clean end nor a kill loses anything."""
    path.parent.mkdir()
    for files in (closed, killed):
        files.lay(path, {})
        assert start(path, files.known) == "whole"


@pytest.mark.timeout(180)
def test_a_journal_cut_at_every_byte_of_its_last_page(path: Path, closed: Files) -> None:
    """A closed file that ends too early is refused, wherever it ends, unless what is cut off was unused."""
    path.parent.mkdir()
    whole = closed.contents[""]
    seen: Counter[str] = Counter()
    for size in range(len(whole) - PAGE_BYTES, len(whole)):
        closed.lay(path, {"": whole[:size]})
        seen[start(path, closed.known)] += 1
    assert seen.keys() <= {"refused", "whole"}
    assert seen["refused"] > PAGE_BYTES / 4


@pytest.mark.timeout(180)
def test_a_write_ahead_file_cut_at_every_byte_of_its_last_page(path: Path, killed: Files) -> None:
    """The torn commit is dropped, and it is said that it was."""
    path.parent.mkdir()
    whole = killed.contents["-wal"]
    for size in range(len(whole) - FRAME_BYTES, len(whole)):
        killed.lay(path, {"-wal": whole[:size]})
        assert start(path, killed.known) == "lost"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("which", ["closed", "killed"])
def test_one_flipped_bit_anywhere(path: Path, which: str, request: pytest.FixtureRequest) -> None:
    """Each of 200 places: the start is refused, or says what it dropped, or has lost nothing."""
    path.parent.mkdir()
    files: Files = request.getfixturevalue(which)
    rng, seen = random.Random(11), set()
    for _ in range(200):
        suffix = rng.choices(list(files.contents), [len(content) for content in files.contents.values()])[0]
        changed = bytearray(files.contents[suffix])
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        files.lay(path, {suffix: bytes(changed)})
        seen.add(start(path, files.known))
    assert seen <= {"refused", "lost", "whole"}
    assert seen >= ({"refused", "whole"} if which == "closed" else {"lost", "whole"})


def test_an_empty_file_begins_anew_and_says_what_is_missing(path: Path, closed: Files) -> None:
    """A file of no bytes holds nothing; that there was something once is told."""
    path.parent.mkdir()
    closed.lay(path, {"": b""})
    assert start(path, closed.known) == "lost"


@pytest.mark.parametrize("tail", [b"", b"x" * 95, b"\xff" * 95])
def test_a_bad_tail_line_says_nothing(path: Path, closed: Files, tail: bytes) -> None:
    """The line beside the journal is a witness, no part of it."""
    path.parent.mkdir()
    closed.lay(path, {"-tail": tail})
    assert start(path, closed.known) == "whole"


@pytest.mark.parametrize(("which", "mode"), [("closed", FROZEN), ("killed", READ)])
def test_somebody_who_may_not_write_sees_all_of_it(
    path: Path, which: str, mode: str, request: pytest.FixtureRequest
) -> None:
    """What is not folded into the file yet, too; and the file stays as it is."""
    path.parent.mkdir()
    files: Files = request.getfixturevalue(which)
    files.lay(path, {})
    assert mode_without_rights(path) == mode
    with closing(JournalReader(path, connect(path, mode))) as journal:
        assert recovered(journal, files.known.header.config) == files.known.states[-1]
        assert journal.lost == ""
    assert path.read_bytes() == files.contents[""]
