"""`whatif`: averages, ranks and weights as they would be under other settings, beside the recorded ones."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from adapters.errors import OperatorError
from adapters.journal.opening import reading
from adapters.replay.progress import followed
from adapters.replay.table import console, number, table
from adapters.reporting.text import visible
from core.config import ConfigError, CoreConfig
from effects.whatif import WhatIf, whatif

CHANGEABLE = (
    *(f"reward.{name}_weight" for name in ("dpo", "rlhf", "reciprocate", "dahoas", "prompt_based")),
    *(f"reward.{name}_max_penalty" for name in ("task_validation", "content_match", "keyword_match")),
    *(f"neuron.{name}_off" for name in ("blacklist", "nsfw", "relevance", "diversity")),
    "neuron.moving_average_alpha",
)
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
Values = Mapping[str, float | bool]


def compare(path: Path, *, settings: Sequence[str], as_json: bool) -> int:
    """Print what `settings` ("reward.dpo_weight=0.3", ...) would have changed.

    Raises:
        OperatorError: a setting that cannot be changed after the fact, or that the journal holds no verdicts for.
    """
    values = parsed(settings)
    with reading(path) as journal:
        start = journal.beginning()
        change = _change(values)
        change(journal.headers()[-1][1].config)
        folded = followed(journal.fold(start), "re-scoring", journal.last_seq - start.seq)
        found = whatif(folded, start.state, change)
    _require_verdicts(values, found)
    if as_json:
        print(json.dumps(attrs.asdict(found), indent=2))  # noqa: T201 - what was asked for
    else:
        _print(values, found, is_cut=start.seq > 0)
    return 0


def parsed(settings: Sequence[str]) -> Values:
    """The settings by name.

    Raises:
        OperatorError: one is unknown, decides who is prompted, or has no value that can be.
    """
    if not settings:
        raise OperatorError("--set: give at least one, e.g. --set reward.dpo_weight=0.3")
    return dict(_parsed(setting) for setting in settings)


def _parsed(setting: str) -> tuple[str, float | bool]:
    name, _, text = setting.partition("=")
    if name not in CHANGEABLE:
        raise OperatorError(
            f"--set {setting}: what this decides is not decided after the answers, or is unknown; what can be set: {', '.join(CHANGEABLE)}"
        )
    try:
        return name, BOOLEANS[text.lower()] if name.endswith("_off") else float(text)
    except (KeyError, ValueError):
        wanted = "true or false" if name.endswith("_off") else "a number"
        raise OperatorError(f"--set {setting}: give {wanted}") from None


def _change(values: Values) -> Callable[[CoreConfig], CoreConfig]:
    reward, neuron = _of("reward.", values), _of("neuron.", values)

    def change(config: CoreConfig) -> CoreConfig:
        try:
            return attrs.evolve(
                config,
                reward=attrs.evolve(config.reward, **reward),
                neuron=attrs.evolve(config.neuron, **neuron),
            )
        except ConfigError as error:
            raise OperatorError(f"--set: {error}") from None

    return change


def _of(prefix: str, values: Values) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _require_verdicts(values: Values, found: WhatIf) -> None:
    for name, value in values.items():
        part = name.partition(".")[2].removesuffix("_weight").removesuffix("_off")
        told = f"--set {name}={value}: the journal holds"
        if name.endswith("_weight") and value > 0 and (held := found.functions.get(part, 0)) < found.answered:
            known = ", ".join(sorted(found.functions)) or "none"
            raise OperatorError(
                f"{told} scores of {part} for {held} of {found.answered} steps with answers; it has some of {known}"
            )
        if name.endswith("_off") and not value and (held := found.masks.get(part, 0)) < found.answered:
            raise OperatorError(
                f"{told} verdicts of {part} for {held} of {found.answered} steps with answers: it was off, or failed, in the others"
            )


def _print(values: Values, found: WhatIf, *, is_cut: bool) -> None:
    out = console()
    told = ", ".join(f"{name}={value}" for name, value in values.items())
    made = table(
        f"under {told}", "uid", "hotkey", "score", "would be", "rank", "would be", "weight", "would be",
        text=("hotkey",),
    )  # fmt: skip
    for miner in found.miners:
        was, now = miner.recorded, miner.otherwise
        made.add_row(
            str(miner.uid),
            visible(miner.hotkey, 60),
            number(was.score),
            number(now.score),
            str(was.rank),
            f"{now.rank} {_arrow(was.rank, now.rank)}",
            number(was.weight),
            number(now.weight),
        )
    out.print(made)
    out.print(f"{found.steps} steps judged anew; in {found.other_best} another completion is the best.")
    out.print(
        "Limits: prompts and answers are the recorded ones. After another best completion miners would have been asked something "
        "else and answered otherwise; n-grams and histories that masks keep are as they were."
    )
    if is_cut:
        out.print("The beginning was cut off: averages and statistics start from the recorded ones.")


def _arrow(was: int, now: int) -> str:
    return "=" if was == now else ("↑" if now < was else "↓")
