"""A course of forwards: the real core and the real scorer with its embedded models, players called directly, no network.

Each forward has a summary, a question and an answer, and prompts every player once: so all have equally many observations, a third of
them of each type of task. But for that, and for weights and axon, which nobody looks at here, all settings are the defaults.
"""

from collections.abc import Mapping, Sequence

import attrs

from adapters.contexts.corpus import Corpus
from adapters.scoring.scorer import LocalScorer, open_scorer
from core.config import CoreConfig, NeuronConfig
from core.effects import DrawContext, Effect, QueryMiners, ReadMetagraph, ScoreCompletions, Sleep
from core.events import (
    Completion,
    CompletionsScored,
    ContextDrawn,
    MetagraphRead,
    MinersAnswered,
    Slept,
    Started,
)
from core.records import StepRecord
from core.state import State, Stopped
from core.types import OK, Hotkey, Outcome, Uid
from tests.core.builders import OWN, metagraph
from tests.core.checks import CheckedMachine
from tests.incentive.cast import Player, answers

ROUNDS = 1


@attrs.frozen
class Played:
    """What a course came to.

    Attributes:
        scores: final averages by hotkey.
        records: of all steps, in order.
    """

    players: tuple[Player, ...]
    scores: Mapping[Hotkey, float]
    records: tuple[StepRecord, ...]


async def play(players: Sequence[Player], *, seed: int, forwards: int) -> Played:
    """Let the validator run until it has done so many forwards; its scorer begins without any memory."""
    neuron = NeuronConfig(
        seed=seed,
        max_forwards=forwards,
        num_followup_steps=ROUNDS,
        disable_set_weights=True,
        axon_off=True,
    )
    config = CoreConfig(OWN, neuron)
    counting = [name for name, weight in config.reward.weights.items() if weight > 0]
    async with open_scorer(rewards=counting, masks=neuron.masks) as scorer:
        return await _Course(tuple(players), scorer).run(State(config))


class _Course:
    def __init__(self, players: tuple[Player, ...], scorer: LocalScorer) -> None:
        self._players = {player.uid: player for player in players}
        self._scorer, self._corpus = scorer, Corpus()
        self._earlier: dict[Uid, str] = {}

    async def run(self, state: State) -> Played:
        """One effect after the other, since one forward runs at once."""
        machine, records = CheckedMachine(state), list[StepRecord]()
        machine.step(Started(0.0))
        while not isinstance(machine.state.lifecycle, Stopped):
            (effect,) = machine.under_way.values()
            taken = machine.step(await self._done(effect))
            records += [record for record in taken.records if isinstance(record, StepRecord)]
        return Played(tuple(self._players.values()), machine.state.scores, tuple(records))

    async def _done(self, effect: Effect) -> Completion:
        match effect:
            case ReadMetagraph(effect_id=effect_id):
                return MetagraphRead(0.0, effect_id, metagraph(self._players))
            case DrawContext(effect_id=effect_id, key=key):
                return ContextDrawn(0.0, effect_id, await self._corpus.draw(key))
            case QueryMiners():
                return self._asked(effect)
            case ScoreCompletions():
                return await self._scored(effect)
            case Sleep(effect_id=effect_id):
                return Slept(0.0, effect_id)
            case _:
                raise AssertionError(effect)

    def _asked(self, effect: QueryMiners) -> MinersAnswered:
        players = [self._players[target.uid] for target in effect.targets]
        said = answers(players, effect.synapse.messages[0], self._earlier)
        self._earlier.update({player.uid: said[player.uid] for player in players if player.is_honest})
        outcomes = tuple(Outcome(OK, "", said[player.uid], 1.0) for player in players)
        return MinersAnswered(0.0, effect.effect_id, outcomes)

    async def _scored(self, effect: ScoreCompletions) -> CompletionsScored:
        verdict = await self._scorer.score(
            task_type=effect.task_type,
            prompt=effect.prompt,
            base_text=effect.base_text,
            completions=effect.completions,
        )
        return CompletionsScored(0.0, effect.effect_id, verdict.rewards, verdict.masks, verdict.unscored)
