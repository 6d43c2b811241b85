"""How well the embedded models tell good completions from bad ones: `python -m tests.adapters.scoring.measuring` prints it.

Everything is measured on articles that no model was trained on, with the rewards, masks and penalties of the core.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import anyio
import attrs

from adapters.localnet.behaviours import Behaviour, say
from adapters.scoring.embedded.examples import GRADES, Completion, Example, examples
from adapters.scoring.scorer import LocalScorer, open_scorer
from core.completions import scored_text
from core.config import NeuronConfig, RewardConfig
from core.normalise import Normaliser
from core.penalties import penalties
from core.rewards import combine

SEED = 99
WHOLE = "reward"
MINERS = (
    Behaviour.ECHO,
    Behaviour.REFUSING,
    Behaviour.STUFFING,
    Behaviour.LEAKING,
    Behaviour.GARBAGE,
    Behaviour.WRONG_TASK,
)


@attrs.frozen
class Measured:
    """One completion with what it got: raw scores and mask values by name, and the reward of the whole."""

    completion: Completion
    step: int
    values: Mapping[str, float]
    reasons: str


def with_miners(example: Example, key: int) -> Example:
    """The example with what the bad miners of the local network answer, too."""
    task = example.task
    said = [(f"miner:{kind}", say(kind, task.prompt(), key)) for kind in MINERS]
    more = (Completion(text, scored_text(task.type, text), kind, 0) for kind, text in said)
    return attrs.evolve(example, completions=(*example.completions, *(c for c in more if c.text)))


async def measure(count: int, seed: int = SEED) -> list[Measured]:
    """Score the completions of `count` held-out examples, a step each."""
    config = RewardConfig()
    weighted = [name for name, weight in config.weights.items() if weight > 0]
    normalisers: Mapping[str, Normaliser] = {}
    measured: list[Measured] = []
    drawn = [with_miners(example, i) for i, example in enumerate(examples(seed, count, held_out=True))]
    async with open_scorer(rewards=weighted, masks=NeuronConfig().masks) as scorer:
        for i, example in enumerate(drawn):
            normalisers, step = await _step(scorer, example, i, config, normalisers)
            measured += step
    return measured


async def _step(
    scorer: LocalScorer,
    example: Example,
    step: int,
    config: RewardConfig,
    normalisers: Mapping[str, Normaliser],
) -> tuple[Mapping[str, Normaliser], list[Measured]]:
    task, completions = example.task, example.completions
    verdict = await scorer.score(
        task_type=task.type,
        prompt=task.prompt(),
        base_text=task.base_text,
        completions=[completion.text for completion in completions],
    )
    assert verdict.unscored == ()
    charged = [penalties(task, completion.received, config) for completion in completions]
    rewarding = combine(
        verdict.rewards, verdict.masks, charged, normalisers, config.weights, NeuronConfig().masks
    )
    rows = []
    for i, completion in enumerate(completions):
        values = {raw.name: float(raw.values[i] or 0) for raw in verdict.rewards}
        values |= {raw.name: float(raw.values[i] or 0) for raw in verdict.masks}
        reasons = "; ".join(f"{mask.name}: {mask.reasons[i]}" for mask in verdict.masks if mask.reasons[i])
        rows.append(Measured(completion, step, {**values, WHOLE: rewarding.rewards[i] or 0.0}, reasons))
    return rewarding.normalisers, rows


def auc(better: Sequence[float], worse: Sequence[float]) -> float:
    """Chance that one of the better is above one of the worse; a tie counts half."""
    won = sum((a > b) + (a == b) / 2 for a in better for b in worse)
    return won / (len(better) * len(worse))


def by_kind(measured: Iterable[Measured], name: str) -> dict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in measured:
        found[row.completion.kind].append(row.values[name])
    return dict(found)


def table(measured: Sequence[Measured]) -> str:
    """Per kind: AUC of good completions against it by each function and the whole, share masked, mean reward."""
    names = ("dpo", "reciprocate", WHOLE)
    found = {name: by_kind(measured, name) for name in (*names, *NeuronConfig().masks)}
    lines = [
        f"{'kind':18}{'n':>5}"
        + "".join(f"{name:>13}" for name in names)
        + "   masked by            mean reward"
    ]
    for kind, rewards in found[WHOLE].items():
        aucs = "".join(f"{auc(found[name]['good'], found[name][kind]):13.3f}" for name in names)
        masked = " ".join(
            f"{name[:3]} {1 - sum(found[name][kind]) / len(rewards):.2f}" for name in NeuronConfig().masks
        )
        lines.append(f"{kind:18}{len(rewards):5}{aucs}   {masked}   {sum(rewards) / len(rewards):.3f}")
    return "\n".join(lines)


def honest_and_bad(measured: Sequence[Measured]) -> tuple[dict[str, float], dict[str, float]]:
    """Mean rewards of the honest qualities and of the bad kinds."""
    means = {kind: sum(x) / len(x) for kind, x in by_kind(measured, WHOLE).items()}
    return {k: v for k, v in means.items() if k in GRADES}, {
        k: v for k, v in means.items() if k not in GRADES
    }


if __name__ == "__main__":
    sys.stdout.write(table(anyio.run(measure, int(sys.argv[1]))) + "\n")
