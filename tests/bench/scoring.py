"""`python -m tests.bench.scoring`: the batched reward stack beside the plain loop over its references."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from tests.bench import masks, others, rewards
from tests.bench.kits import FolderKit, Kit, MemoryKit
from tests.bench.machine import device, header
from tests.bench.measuring import Figures, Row, measured
from tests.bench.report import as_json, line, show
from tests.bench.scales import CPU, CUDA, QUICK, Scale

ROWS: Mapping[str, Callable[[Kit], Row]] = {
    "dpo": rewards.dpo,
    "dpo short": rewards.dpo_short,
    "dpo half identical": rewards.dpo_half_identical,
    "rlhf": rewards.rlhf,
    "reciprocate": rewards.reciprocate,
    "dahoas": rewards.dahoas,
    "prompt_based": rewards.prompt_based,
    "relevance with diversity": masks.relevance_with_diversity,
    "nsfw": masks.nsfw,
    "diversity history": others.history_of_diversity,
    "n-gram check early": others.ngram_check_early,
    "n-gram check": others.ngram_check,
    "penalties": others.penalties_of_a_step,
}


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    torch.set_num_threads(options.threads)
    set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    disable_progress_bar()  # type: ignore[no-untyped-call]  # likewise
    scale = _scale(options)
    told = header() | scale.told()
    figures = [_measured(name, scale, options) for name in options.only or ROWS]
    show(told, figures)
    if options.json:
        options.json.write_text(json.dumps(as_json(told, figures), indent=2) + "\n", encoding="utf-8")


def _measured(name: str, scale: Scale, options: argparse.Namespace) -> Figures:
    """Each row's models are gone before the next row's come."""
    with TemporaryDirectory() as folder:
        kit = FolderKit(scale, Path(folder)) if device() == "cpu" else MemoryKit(scale)
        figures = measured(name, ROWS[name](kit), options.runs)
    sys.stderr.write(line(figures) + "\n")
    return figures


def _scale(options: argparse.Namespace) -> Scale:
    if options.quick:
        return QUICK
    return CPU if device() == "cpu" else CUDA


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench.scoring", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--quick", action="store_true", help="tiny models and texts: does it run at all?")
    parser.add_argument("--only", action="append", choices=ROWS, help="this row; may be given again")
    parser.add_argument("--runs", type=int, default=7, help="runs of which the median is told")
    threads = os.cpu_count() or 1
    parser.add_argument("--threads", type=int, default=threads, help="of torch")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
