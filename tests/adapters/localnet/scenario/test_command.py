"""`python -m cmd.localnet yuma`: tables and JSON, as docs/yuma.md shows them."""

import json
import os
import re
import shlex
import subprocess
import sys
from cmd.localnet import localnet
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from adapters.errors import OperatorError
from adapters.localnet.scenario.form import Params, Scenario
from adapters.localnet.scenario.reading import parsed, read
from adapters.localnet.scenario.running import run
from adapters.localnet.scenario.showing import MOST_ROWS, show, tao
from tests.adapters.localnet.scenario.world import RAO, U16_MAX, content, outcomes, scenario

ROOT = Path(__file__).parents[4]
DOCUMENT = (ROOT / "docs" / "yuma.md").read_text()
EXAMPLES = re.findall(r"```sh\n\.venv/bin/python ([^\n]*)\n```\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)


def written(tmp_path: Path, document: object) -> str:
    path = tmp_path / "scenario.json"
    path.write_bytes(content(document))
    return str(path)


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("command", "told"), EXAMPLES)
def test_the_document_shows_what_its_commands_print(command: str, told: str) -> None:
    """Each example runs as it stands there, and prints what stands below it."""
    done = program(*shlex.split(command))

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.rstrip() for line in done.stdout.splitlines()] == [*told.splitlines(), ""]


def test_the_document_has_two_examples_and_one_file() -> None:
    """Both worked scenarios are shown, and the file that explains the form can be run."""
    assert len(EXAMPLES) == 2
    (form,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert len(list(run(parsed(form.encode())))) == 2


@pytest.mark.parametrize("name", [*Params.__struct_fields__, *Scenario.__struct_fields__, "commit_blocks"])
def test_the_document_tells_every_name(name: str) -> None:
    """What a file may hold stands in the tables."""
    assert f"`{name}`" in DOCUMENT


def test_the_numbers_in_the_text_are_those_of_the_run() -> None:
    """The bonds that the second example names are those that come out."""
    epoch = list(run(read(ROOT / "docs" / "scenarios" / "moves-first.json")))[2]

    held = [row.get(4, 0) for row in epoch.outcome.bonds[:3]]
    assert held == [6_640, 24_229, 0]
    assert "uid 1 holds 24229 of 65535 in miner 4, uid 0 holds 6640" in DOCUMENT


def test_json_has_every_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file holds what the epochs left, rows in the form in which weights are told; tables are printed all the same."""
    document = scenario(
        {"stakes": [6, 4, 0], "weights": {"0": {"2": U16_MAX}, "1": {"2": U16_MAX}}}, {"block": 9}
    )
    out = tmp_path / "out.json"

    assert localnet(["yuma", written(tmp_path, document), "--json", str(out)]) == 0

    found: dict[str, Any] = json.loads(out.read_text())
    first, second = outcomes(document)
    assert [epoch["block"] for epoch in found["epochs"]] == [1, 9]
    for told, outcome in zip(found["epochs"], (first, second), strict=True):
        assert set(told) == {
            *(
                "block",
                "consensus",
                "incentive",
                "dividends",
                "validator_trust",
                "emission",
                "bonds",
                "permits",
            )
        }
        assert told["emission"] == list(outcome.emission_rao)
        for name in ("consensus", "incentive", "dividends", "validator_trust", "permits"):
            assert told[name] == list(getattr(outcome, name))
        rows = [{str(uid): value for uid, value in row.items()} for row in outcome.bonds]
        assert told["bonds"] == rows
        parsed(content(scenario({"stakes": [6, 4, 0], "weights": told["bonds"]})))
    assert "epoch 1 at block 9" in capsys.readouterr().out


@pytest.mark.parametrize("flags", [["--json", "-"], ["--json=-"]])
def test_json_alone_goes_to_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], flags: list[str]
) -> None:
    """With `-` nothing but JSON is printed, for the next program to read."""
    path = written(tmp_path, scenario({"stakes": [1, 1]}))

    assert localnet(["yuma", path, *flags]) == 0

    sys.stdout.flush()
    found = json.loads(capfdbinary.readouterr().out)
    assert found["epochs"][0]["emission"] == [RAO // 2, RAO // 2]


def test_tables_alone_are_the_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json a table for each epoch, and no file."""
    path = written(tmp_path, scenario({"stakes": [1, 1]}, {}))

    assert localnet(["yuma", path]) == 0

    told = capsys.readouterr().out
    assert [line.rstrip() for line in told.splitlines() if line.startswith("epoch")] == [
        "epoch 0 at block 1",
        "epoch 1 at block 2",
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["scenario.json"]


def test_an_error_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    """The operator is told the file, the place and the remedy, and sees no traceback; what the file says cannot move the cursor."""
    bad = written(tmp_path, {"emission": 1, "epochs": [], "\x1b[31mkappa": 1})

    done = program("-m", "cmd.localnet", "yuma", bad)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {bad}: unknown name ")
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_json_that_cannot_be_written_names_the_flag(tmp_path: Path) -> None:
    """The message names flag and file."""
    out = str(tmp_path / "absent" / "out.json")

    with pytest.raises(
        OperatorError, match=r"--json .*out\.json cannot be written \(No such file or directory\)"
    ):
        localnet(["yuma", written(tmp_path, scenario({"stakes": [1]})), "--json", out])


def test_flags_are_named_where_they_are_wrong() -> None:
    """Unknown flags and a missing file point to the help of the subcommand."""
    with pytest.raises(OperatorError, match=r"SCENARIO requires an argument.*cmd\.localnet yuma --help"):
        localnet(["yuma"])
    with pytest.raises(OperatorError, match=r"cmd\.localnet yuma --help"):
        localnet(["yuma", "x.json", "--jsno", "y"])


def test_a_large_subnet_shows_who_is_paid_most() -> None:
    """Of 256 uids the table has so many, with validators and the best miners among them, and says what the others got."""
    row = {str(uid): uid for uid in range(1, 256)}
    (epoch,) = run(parsed(content(scenario({"stakes": [5] + [0] * 255, "weights": {"0": row}}))))
    console = Console(record=True, width=160, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115 - written to nowhere

    show(console, 0, epoch)

    console.file.close()
    text = console.export_text()
    shown = [int(found) for found in re.findall(r"^ +(\d+) ", text, re.MULTILINE)]
    assert shown == [0, *range(256 - MOST_ROWS + 1, 256)]
    paid = epoch.outcome.emission_rao
    rest = sum(paid) - sum(paid[uid] for uid in shown)
    assert f"left out: {256 - MOST_ROWS} uids that were paid less, {tao(rest)} TAO together" in text


@pytest.mark.parametrize(
    ("rao", "told"), [(0, "0"), (1, "0.000000001"), (RAO, "1"), (1_500_000_000, "1.5"), (10 * RAO, "10")]
)
def test_tao_is_exact(rao: int, told: str) -> None:
    """No rao is lost to rounding."""
    assert tao(rao) == told
