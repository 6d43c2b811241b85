"""The language of scenarios: one command is one event (or a run of them), its outcome the lines that follow.

    validator seed=1 max_forwards=1     settings of the validator, by the names of `NeuronConfig`
    start                               the program starts, or starts again over the state it has
    metagraph 1-27 block=10 5=newcomer  the metagraph is read: these miners, uid 5 with another hotkey
        last-update=7 last-epoch=0 unregistered     (we are always uid 0, unless `unregistered`)
    served                              the axon's address is published
    context "A text."                   a context is drawn; a long one about rivers unless given
    answers silent=3,5 failed=8 9="..."     miners answer: well, unless said otherwise
    verdicts 4=-1.5 masked=3 left-out=nsfw  the scorer's verdicts; raw scores fall with the uid unless given
    play steps=2                        forwards go on well, so many prompt steps, or until none runs
    fail miners "a reason"              the oldest effect of a kind fails; `timeout miners`: it runs out of time
    block 120                           a block is seen
    weights accepted=120                the chain's word on a submission, or refused="..." with passing=yes,
                                        not-registered=yes, not-before=150, or unknown="..."
    last-update 120                     the chain says when our weights were last set
    slept                               a pause is over
    again                               the last completion comes a second time
    stop SIGTERM                        the operator wants an end
    scores                              shows the moving averages, by hotkey

Completions answer the oldest effect of their kind; `forward=2` picks another forward's, `effect=7` an effect by its id, even one
that is over.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from core.config import NeuronConfig
from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.events import (
    AxonServed,
    BlockSeen,
    Completion,
    CompletionsScored,
    ContextDrawn,
    EffectFailed,
    Event,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    Started,
    StopRequested,
    WeightsSubmitted,
)
from core.judging import scored_texts
from core.records import ForwardStarted, StepRecord, StepStarted
from core.state import Scoring, State
from core.step import Step
from core.types import (
    Block,
    Context,
    EffectId,
    Outcome,
    RawMask,
    RawReward,
    Target,
    WeightsAccepted,
    WeightsRefused,
    WeightsResult,
    WeightsUnknown,
)
from tests.core.builders import CONTEXT, answered, completion, config, metagraph, refused, silent
from tests.core.checks import CheckedMachine
from tests.core.world import FUNCTIONS, MASKS, task_type_of
from tests.scenarios.render import follows

KINDS: Mapping[str, type] = {
    "context": DrawContext,
    "miners": QueryMiners,
    "scorer": ScoreCompletions,
    "metagraph": ReadMetagraph,
    "axon": ServeAxon,
    "weights": SetWeights,
    "last-update": ReadLastUpdate,
    "sleep": Sleep,
}
# What a forward does on its way, left out of `play`.
_ON_THE_WAY = (ForwardStarted, StepStarted, QueryMiners, ScoreCompletions)


@attrs.frozen
class Command:
    """One line, taken apart: `verb word word key=value key=value`."""

    verb: str
    words: tuple[str, ...]
    options: Mapping[str, str]

    @classmethod
    def parse(cls, line: str) -> "Command":
        verb, *rest = shlex.split(line)
        pairs = [word.partition("=") for word in rest]
        words = tuple(name for name, equals, _ in pairs if not equals)
        return cls(verb, words, {name: value for name, equals, value in pairs if equals})

    def uids(self, name: str) -> frozenset[int]:
        """The uids of an option: "1-3,7"."""
        return frozenset(uids_of(self.options.get(name, "")))

    def by_uid(self) -> dict[int, str]:
        """The options that are named by a uid."""
        return {int(name): value for name, value in self.options.items() if name.isdecimal()}


def uids_of(text: str) -> Iterator[int]:
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


class Scenario:
    """A validator, and the conversation that a scenario has with it."""

    def __init__(self) -> None:
        self._machine = CheckedMachine(State(config()))
        self._seen: dict[EffectId, Effect] = {}
        self._last: Completion | None = None
        self._at_s = 0.0

    def run(self, line: str) -> list[str]:
        """The lines that follow from a command."""
        command = Command.parse(line)
        self._at_s += 1
        match command.verb:
            case "validator":
                self._machine = CheckedMachine(State(config(_neuron(command.options))))
                return ["ready"]
            case "play":
                return self._play(int(command.options.get("steps", 100)))
            case "scores":
                scores = self._machine.state.scores
                return [f"{hotkey} {scores[hotkey]:.3f}" for hotkey in sorted(scores, key=_by_number)] or [
                    "none"
                ]
            case _:
                return self._take(self._event(command))

    def _take(self, event: Event) -> list[str]:
        before, taken = self._machine.state, self._step(event)
        return follows(before, taken)

    def _step(self, event: Event) -> Step:
        if isinstance(event, Completion):
            self._last = event
        taken = self._machine.step(event)
        self._seen.update({effect.effect_id: effect for effect in taken.effects})
        return taken

    def _play(self, steps: int) -> list[str]:
        lines: list[str] = []
        while steps > 0 and (effect := self._next_of_forward()) is not None:
            before, taken = self._machine.state, self._step(self._complete(_GOES_WELL[type(effect)], effect))
            steps -= sum(isinstance(record, StepRecord) for record in taken.records)
            lines += follows(before, _without_the_way(taken))
        return [line for line in lines if line != "nothing"] or ["nothing"]

    def _next_of_forward(self) -> Effect | None:
        running = self._machine.under_way.values()
        return next((effect for effect in running if type(effect) in _GOES_WELL), None)

    def _event(self, command: Command) -> Event:
        match command.verb:
            case "start":
                return Started(self._at_s)
            case "block":
                return BlockSeen(self._at_s, Block(int(command.words[0])))
            case "stop":
                return StopRequested(self._at_s, command.words[0])
            case "again":
                assert self._last is not None, "nothing was completed so far"
                return self._last
            case "fail" | "timeout":
                effect = self._effect(KINDS[command.words[0]], command)
                reason = command.words[1] if len(command.words) > 1 else "it broke"
                return EffectFailed(self._at_s, effect.effect_id, reason, command.verb == "timeout")
            case verb:
                return self._complete(command, self._effect(_COMPLETES[verb], command))

    def _effect(self, kind: type, command: Command) -> Effect:
        """The effect that a completion is for: by its id, or the oldest of its kind that is under way."""
        if "effect" in command.options:
            return self._seen[EffectId(int(command.options["effect"]))]
        forward = command.options.get("forward")
        return next(
            effect
            for effect in self._machine.under_way.values()
            if isinstance(effect, kind)
            and (forward is None or str(getattr(effect, "forward_id", "")) == forward)
        )

    def _complete(self, command: Command, effect: Effect) -> Completion:
        at_s, effect_id = self._at_s, effect.effect_id
        match effect:
            case DrawContext():
                text = Context(command.words[0], "script") if command.words else CONTEXT
                return ContextDrawn(at_s, effect_id, text)
            case QueryMiners():
                return MinersAnswered(
                    at_s, effect_id, tuple(_outcome(command, effect, t) for t in effect.targets)
                )
            case ScoreCompletions():
                return self._verdicts(command, effect)
            case ReadMetagraph():
                return self._metagraph(command, effect_id)
            case ServeAxon():
                return AxonServed(at_s, effect_id)
            case SetWeights():
                return WeightsSubmitted(at_s, effect_id, _result(command))
            case ReadLastUpdate():
                return LastUpdateRead(at_s, effect_id, Block(int(command.words[0])))
            case Sleep():
                return Slept(at_s, effect_id)

    def _verdicts(self, command: Command, effect: ScoreCompletions) -> CompletionsScored:
        uids = self._scored_uids(effect)
        given, masked = command.by_uid(), command.uids("masked")
        left_out = command.options.get("left-out", "").split(",")
        raws = tuple(float(given.get(uid, -uid / 10)) for uid in uids)
        kept = tuple(int(uid not in masked) for uid in uids)
        return CompletionsScored(
            self._at_s,
            effect.effect_id,
            tuple(RawReward(name, raws, (True,) * len(raws)) for name in FUNCTIONS if name not in left_out),
            tuple(RawMask(name, kept, ("",) * len(kept)) for name in MASKS if name not in left_out),
            tuple((name, "its device is lost") for name in left_out if name),
        )

    def _scored_uids(self, effect: ScoreCompletions) -> list[int]:
        """Whose completions these are; a verdict that comes too late is on nobody's."""
        phase = self._machine.state.forwards.get(effect.forward_id)
        if not isinstance(phase, Scoring):
            return [0] * len(effect.completions)
        plan, outcomes = phase.answered.plan, phase.answered.outcomes
        pairs = zip(plan.targets, scored_texts(plan.task, outcomes), strict=True)
        return [target.uid for target, text in pairs if text is not None]

    def _metagraph(self, command: Command, effect_id: EffectId) -> MetagraphRead:
        graph = metagraph(
            uids_of(command.words[0]),
            block=int(command.options.get("block", self._machine.state.head)),
            hotkeys=command.by_uid(),
            registered="unregistered" not in command.words,
            last_update=int(command.options.get("last-update", 0)),
            last_epoch=int(command.options.get("last-epoch", 0)),
        )
        return MetagraphRead(self._at_s, effect_id, graph)


_COMPLETES: Mapping[str, type] = {
    "context": DrawContext,
    "answers": QueryMiners,
    "verdicts": ScoreCompletions,
    "metagraph": ReadMetagraph,
    "served": ServeAxon,
    "weights": SetWeights,
    "last-update": ReadLastUpdate,
    "slept": Sleep,
}
_GOES_WELL: Mapping[type, Command] = {
    kind: Command(verb, (), {})
    for verb, kind in _COMPLETES.items()
    if kind in {DrawContext, QueryMiners, ScoreCompletions}
}


def _neuron(options: Mapping[str, str]) -> NeuronConfig:
    """Settings by name; each is read as what its default is."""
    defaults = NeuronConfig()
    read: Mapping[type, Callable[[str], object]] = {bool: "yes".__eq__, int: int, float: float}
    values: dict[str, Any] = {
        name: read[type(getattr(defaults, name))](value) for name, value in options.items()
    }
    return attrs.evolve(defaults, **values)


def _outcome(command: Command, effect: QueryMiners, target: Target) -> Outcome:
    if target.uid in command.uids("silent") or "silent" in command.words:
        return silent()
    if target.uid in command.uids("failed") or "failed" in command.words:
        return refused()
    well = completion(task_type_of(effect.synapse.messages[0]), target.uid)
    return answered(command.by_uid().get(target.uid, well))


def _result(command: Command) -> WeightsResult:
    options = command.options
    if "accepted" in options:
        return WeightsAccepted(Block(int(options["accepted"])))
    if "unknown" in options:
        return WeightsUnknown(options["unknown"])
    return WeightsRefused(
        options["refused"],
        options.get("passing") == "yes",
        options.get("not-registered") == "yes",
        Block(int(options.get("not-before", "0"))),
    )


def _without_the_way(taken: Step) -> Step:
    return attrs.evolve(
        taken,
        records=tuple(record for record in taken.records if not isinstance(record, _ON_THE_WAY)),
        effects=tuple(effect for effect in taken.effects if not isinstance(effect, _ON_THE_WAY)),
    )


def _by_number(hotkey: str) -> tuple[int, str]:
    return len(hotkey), hotkey
