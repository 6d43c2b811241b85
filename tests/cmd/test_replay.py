"""`python -m cmd.replay`, as an operator uses it: on a recorded run, with nothing at hand but the file."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from adapters.journal.tail import Tail, tail_path, write_tail
from core.events import BlockSeen, CompletionsScored, MetagraphRead, MinersAnswered
from tests.adapters.replay.recording import (
    EPISODES,
    FAILURES,
    cut_short,
    forge,
    out_of_time,
    renamed,
    turned,
)
from tests.cmd.program import ROOT, Ran, environment, python

# What a laptop need not have.
HEAVY = (
    "torch",
    "transformers",
    "bittensor",
    "bittensor_core",
    "websockets",
    "httpx2",
    "uvicorn",
    "httptools",
)
BARE = (
    "import runpy, socket, sys\n"
    f"sys.modules.update(dict.fromkeys({HEAVY!r}))\n"
    "socket.socket.connect = None\n"
    "sys.argv = ['cmd.replay', *sys.argv[1:]]\n"
    "runpy.run_module('cmd.replay', run_name='__main__')\n"
)


def replay(*words: object, home: Path) -> Ran:
    """The command, in a Python that has neither models nor SDK nor network."""
    return python("-c", BARE, *map(str, words), home=home, timeout_s=60)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A copy, in a folder of its own."""
    path = tmp_path / "run" / "journal.sqlite"
    path.parent.mkdir()
    shutil.copy(FAILURES, path)
    return path


def test_verify_finds_every_decision_equal(journal: Path, tmp_path: Path) -> None:
    """And leaves the file, and its folder, as they were."""
    content = journal.read_bytes()
    ran = replay("verify", journal, home=tmp_path)
    assert ran.code == 0, ran
    assert "every decision is equal" in ran.out
    assert "numbers differ by 0 at most" in ran.out
    assert [file.read_bytes() for file in journal.parent.iterdir()] == [content]


def test_a_forged_verdict_is_found_although_the_chain_is_whole(journal: Path, tmp_path: Path) -> None:
    """Whoever changes a score and hashes everything anew is found out by the decision that it led to; exit code 1."""
    forge(journal, CompletionsScored, turned)
    ran = replay("verify", journal, home=tmp_path)
    assert ran.code == 1, ran
    assert "is decided otherwise now:\n  CompletionsScored(" in ran.out
    assert "in this state:" in ran.out
    assert "was recorded, today's is" in ran.out


def test_a_changed_row_is_refused(journal: Path, tmp_path: Path) -> None:
    """One line, exit code 2, and the remedy."""
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("UPDATE entry SET at_s = at_s + 1 WHERE seq = 30")
    ran = replay("verify", journal, home=tmp_path)
    assert (ran.code, ran.out) == (2, ""), ran
    assert "row 30 is not what was written" in ran.err
    assert "--repair" in ran.err
    assert "Traceback" not in ran.err


def test_show_lists_forwards_steps_and_responses(journal: Path, tmp_path: Path) -> None:
    """Forwards with how they ended and how often they were taken up again; steps of one; what one miner got."""
    forwards = replay("show", journal, home=tmp_path)
    assert "complete" in forwards.out
    assert "restart" in forwards.out
    events = exported(journal, tmp_path)
    forward, uid, hotkey = events[0]["forward"], events[0]["uids"][0], events[0]["hotkeys"][0]
    steps = replay("show", journal, "--forward", forward, home=tmp_path)
    assert "summary" in steps.out
    asked = sum(uid in event["uids"] for event in events)
    by_uid = replay("show", journal, "--uid", uid, home=tmp_path)
    by_hotkey = replay("show", journal, "--hotkey", hotkey[:12], home=tmp_path)
    assert len(by_uid.out.splitlines()) == len(by_hotkey.out.splitlines()) == asked + 3
    late = replay("show", journal, "--uid", uid, "--since", events[-1]["at_s"] + 1, home=tmp_path)
    assert len(late.out.splitlines()) <= 3


def exported(journal: Path, home: Path, *words: str) -> list[dict[str, Any]]:
    out = home / "out.jsonl"
    ran = replay("export", journal, out, *words, home=home)
    assert ran.code == 0, ran
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_explain_adds_up(journal: Path, tmp_path: Path) -> None:
    """Every reward of the run is the product of its parts as told, and every average follows from the one before."""
    event = next(event for event in exported(journal, tmp_path) if len(event["uids"]) == 3)
    for uid, reward, after in zip(event["uids"], event["rewards"], event["averages"], strict=True):
        where = ("--forward", event["forward"], "--step", event["step"], "--uid", uid)
        ran = replay("explain", journal, *where, "--json", home=tmp_path)
        told = json.loads(ran.out)
        assert (told["reward"], told["after"]) == (reward, after)
        if told["functions"]:
            parts = sum(part["share"] * part["normalised"] for part in told["functions"])
            assert parts * told["masked"] * told["penalty"] == pytest.approx(reward, abs=1e-12)
        assert told["alpha"] * reward + (1 - told["alpha"]) * told["before"] == pytest.approx(
            after, abs=1e-12
        )
        table = replay("explain", journal, *where, home=tmp_path)
        assert f"{after:.6f}" in table.out


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("explain", "--forward", 999, "--step", 0, "--uid", 3), "--forward 999: .*holds forwards 0 to"),
        (("explain", "--forward", 0, "--step", 99, "--uid", 3), "--step 99: .*judged were"),
        (("show", "--forward", 999), "--forward 999"),
        (("show", "--since", "yesterday"), "--since yesterday: give a time"),
        (("whatif",), "--set: give at least one"),
        (("whatif", "--set", "neuron.seed=3"), "--set neuron.seed=3"),
        (("whatif", "--set", "reward.dpo_weight=x"), "--set reward.dpo_weight=x: give a number"),
        (("whatif", "--set", "reward.dpo_weight=0.3"), "reward weights must sum to 1"),
        (("whatif", "--set", "reward.rlhf_weight=1", "--set", "reward.dpo_weight=0", "--set", "reward.reciprocate_weight=0"),
         "scores of rlhf for 0 of"),
        (("step", "--at", 100_000), "--at 100000: .*holds events 1 to"),
        (("export", "out.csv"), "out.csv: give a name that ends in .jsonl or .parquet"),
        (("export", "/nowhere/at/all.jsonl"), "/nowhere/at/all.jsonl cannot be written"),
        (("export", "out.parquet", "--receipts"), "give a name that ends in .jsonl"),
        (("verify", "--fast"), "--fast"),
    ],
)  # fmt: skip
def test_an_error_of_yours_is_one_line(
    journal: Path, tmp_path: Path, words: tuple[object, ...], named: str
) -> None:
    """It names the flag and the remedy; exit code 2, no traceback."""
    ran = replay(words[0], journal, *words[1:], home=tmp_path)
    assert ran.code == 2, ran
    assert len(ran.err.splitlines()) == 1, ran
    assert re.search(named, ran.err), ran


def test_whatif_of_nothing_changed_changes_nothing(journal: Path, tmp_path: Path) -> None:
    """The recorded settings lead to the recorded averages, ranks and weights, to the last bit."""
    ran = replay("whatif", journal, "--set", "reward.dpo_weight=0.6", "--json", home=tmp_path)
    told = json.loads(ran.out)
    assert told["other_best"] == 0
    assert len(told["miners"]) > 20
    assert all(miner["recorded"] == miner["otherwise"] for miner in told["miners"])


def test_whatif_shows_what_a_setting_would_do(journal: Path, tmp_path: Path) -> None:
    """Without penalties nobody falls and somebody rises; the limits are stated."""
    words = [word for name in ("task_validation", "content_match", "keyword_match")
             for word in ("--set", f"reward.{name}_max_penalty=0")]  # fmt: skip
    told = json.loads(replay("whatif", journal, *words, "--json", home=tmp_path).out)
    changes = [miner["otherwise"]["score"] - miner["recorded"]["score"] for miner in told["miners"]]
    assert min(changes) >= -1e-12
    assert max(changes) > 0
    assert sum(miner["otherwise"]["weight"] for miner in told["miners"]) == pytest.approx(1)
    table = replay("whatif", journal, *words, home=tmp_path)
    assert "Limits: prompts and answers are the recorded ones." in table.out


def test_export_to_parquet_holds_the_same_rows(journal: Path, tmp_path: Path) -> None:
    """Row for row what the JSON lines hold."""
    out = tmp_path / "out.parquet"
    assert replay("export", journal, out, home=tmp_path).code == 0
    rows, lines = pq.read_table(out).to_pylist(), exported(journal, tmp_path)
    assert [dict(sorted(row.items())) for row in rows] == [dict(sorted(line.items())) for line in lines]


def test_export_without_a_file_goes_to_standard_output(journal: Path, tmp_path: Path) -> None:
    """One JSON object a line, and nothing else; `--out` names a file as well."""
    ran = replay("export", journal, home=tmp_path)
    assert [json.loads(line) for line in ran.out.splitlines()] == exported(journal, tmp_path)
    assert replay("export", journal, "--out", tmp_path / "x.jsonl", home=tmp_path).code == 0
    assert (tmp_path / "x.jsonl").read_text() == ran.out


def test_receipts_hold_what_a_miner_needs(journal: Path, tmp_path: Path) -> None:
    """The script of the docs recomputes every one of them, and finds the one that was changed."""
    receipts = exported(journal, tmp_path, "--receipts")
    assert len(receipts) == sum(len(event["uids"]) for event in exported(journal, tmp_path))
    path = tmp_path / "receipts.jsonl"
    path.write_text("\n".join(map(json.dumps, receipts)))
    script = ROOT / "docs" / "verify_receipt.py"
    assert len(script.read_text().splitlines()) <= 50
    whole = python(str(script), str(path), home=tmp_path)
    hotkeys = {receipt["hotkey"] for receipt in receipts}
    assert (whole.code, whole.out) == (0, f"receipts of {len(hotkeys)} hotkeys checked, 0 faults\n")
    changed = next(receipt for receipt in receipts if receipt["reward"])
    changed["functions"][0]["raw"] += 0.5
    path.write_text("\n".join(map(json.dumps, receipts)))
    tampered = python(str(script), str(path), changed["hotkey"], home=tmp_path)
    assert tampered.code == 1
    assert (
        f"forward {changed['forward']} step {changed['step']} uid {changed['uid']}: reward is" in tampered.out
    )


@pytest.mark.parametrize(
    ("forged", "told"),
    [
        ({"reward": float("nan")}, "reward is nan"),
        ({"average": float("nan")}, "average is nan"),
        ({"alpha": 5.0}, "with alpha 5.0"),
        ({"penalties": [], "reward": 0.0}, "reward is 0.0"),
        ({"counted": False}, "not counted, which is right only if"),
        ({"average_before": 0.9}, "one is missing"),
        ({"forward": "\x1b]0;x"}, "0 faults"),
    ],
)
def test_a_forged_receipt_is_found(journal: Path, tmp_path: Path, forged: dict[str, Any], told: str) -> None:
    """Whoever issues receipts may lie in any of their numbers; and nothing in them moves the cursor."""
    receipts = exported(journal, tmp_path, "--receipts")
    hotkey = max((r["hotkey"] for r in receipts), key=[r["hotkey"] for r in receipts if r["reward"]].count)
    mine = [receipt for receipt in receipts if receipt["hotkey"] == hotkey and receipt["reward"]]
    mine[-1].update(forged)
    path = tmp_path / "receipts.jsonl"
    path.write_text("\n".join(map(json.dumps, mine)))
    ran = python(str(ROOT / "docs" / "verify_receipt.py"), str(path), home=tmp_path)
    assert told in ran.out
    assert "\x1b" not in ran.out


def test_step_walks_forward_and_back(journal: Path, tmp_path: Path) -> None:
    """By count, or by commands; each event with what it changed."""
    ran = replay("step", journal, "--at", 20, "--count", 3, home=tmp_path)
    assert [line.split()[2] for line in ran.out.splitlines() if line.startswith("──")] == ["20", "21", "22"]
    assert "   ~ " in ran.out
    assert "   > " in ran.out


@pytest.mark.parametrize("path", sorted(EPISODES.glob("*.sqlite")), ids=lambda path: path.stem)
def test_every_recorded_episode_can_be_shown(path: Path, tmp_path: Path) -> None:
    """Whatever version wrote it."""
    assert replay("show", path, home=tmp_path).code == 0


def test_the_folder_will_do_and_the_journal_may_be_named_first(journal: Path, tmp_path: Path) -> None:
    """`python -m cmd.replay runs/… verify` is understood as well."""
    ran = replay(journal.parent, "verify", home=tmp_path)
    assert ran.code == 0, ran
    assert "every decision is equal" in ran.out


def test_a_torn_end_is_said(journal: Path, tmp_path: Path) -> None:
    """What is left verifies, and that something is missing stands on standard error."""
    write_tail(tail_path(journal), Tail(100, bytes(32)))
    ran = replay("verify", journal, home=tmp_path)
    assert ran.code == 0, ran
    assert "was written up to event 100 and ends at event 91: 9 torn off" in ran.err


COMMANDS = (
    ("verify",), ("show",), ("show", "--uid", 3), ("explain", "--forward", 0, "--step", 0, "--uid", 3),
    ("whatif", "--set", "neuron.moving_average_alpha=0.1"), ("export",), ("export", "--receipts"), ("step", "--count", 95),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(map(str, words)))
@pytest.mark.parametrize(
    ("kind", "change"),
    [(MinersAnswered, cut_short), (MetagraphRead, renamed), (BlockSeen, out_of_time)],
    ids=["cut short", "renamed", "out of time"],
)
def test_a_hostile_journal_does_no_harm(
    journal: Path, tmp_path: Path, words: tuple[object, ...], kind: Any, change: Any
) -> None:
    """Its chain is whole and its events cannot have been: no traceback, and nothing that moves the cursor."""
    forge(journal, kind, change)
    ran = replay(words[0], journal, *words[1:], home=tmp_path)
    assert ran.code in {0, 1, 2}
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_an_export_that_fails_leaves_what_was_there(journal: Path, tmp_path: Path) -> None:
    """Neither the last export nor the journal itself is written over by one that cannot be finished."""
    out = tmp_path / "steps.jsonl"
    out.write_text("of before")
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("UPDATE entry SET at_s = at_s + 1 WHERE seq = 60")
    assert replay("export", journal, out, home=tmp_path).code == 2
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [out.name]
    assert out.read_text() == "of before"
    itself = journal.with_suffix(".jsonl")
    journal.rename(itself)
    size = itself.stat().st_size
    ran = replay("export", itself, itself, home=tmp_path)
    assert (ran.code, itself.stat().st_size) == (2, size)
    assert "is the journal itself" in ran.err


def test_a_reader_that_goes_away_is_no_error_of_ours(journal: Path, tmp_path: Path) -> None:
    """`| head` ends it quietly."""
    command = [sys.executable, "-m", "cmd.replay", "export", str(journal)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() == 141
