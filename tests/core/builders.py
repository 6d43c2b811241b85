"""Small worlds for tests of the core: neurons, metagraphs, contexts, answers. All values follow from their arguments."""

from collections.abc import Iterable, Mapping

from core.config import CoreConfig, NeuronConfig, RewardConfig
from core.types import Block, Context, Hotkey, Metagraph, Neuron, Outcome, TaskType, Uid

OWN = Hotkey("own")
OWN_UID = Uid(0)


def miner(uid: int, hotkey: str = "") -> Neuron:
    """A neuron that serves at a routable address of its own; its hotkey is "hk<uid>" unless another is given."""
    return Neuron(Uid(uid), Hotkey(hotkey or f"hk{uid}"), f"198.51.{uid // 250}.{uid % 250 + 1}:8091")


def own_neuron() -> Neuron:
    return Neuron(OWN_UID, OWN, "198.51.100.200:8091", stake_tao=10_000.0, validator_permit=True)


def metagraph(
    miners: Iterable[int],
    *,
    block: int = 1,
    hotkeys: Mapping[int, str] | None = None,
    registered: bool = True,
    last_epoch: int = 0,
    last_update: int = 0,
    rate_limit: int = 10,
    tempo: int = 20,
) -> Metagraph:
    """The validator at uid 0 and these miners; `hotkeys` names the hotkeys that are not "hk<uid>"."""
    names = hotkeys or {}
    own = (own_neuron(),) if registered else ()
    return Metagraph(
        Block(block),
        (*own, *(miner(uid, names.get(uid, "")) for uid in sorted(miners))),
        last_epoch=Block(last_epoch),
        tempo_blocks=tempo,
        weights_rate_limit_blocks=rate_limit,
        last_update=Block(last_update),
    )


def config(neuron: NeuronConfig | None = None, reward: RewardConfig | None = None) -> CoreConfig:
    return CoreConfig(OWN, neuron or NeuronConfig(), reward or RewardConfig())


CONTEXT = Context(
    " ".join(f"River number {i} carries its water slowly past the old mill town." for i in range(40)),
    "rivers",
)

_SUMMARY = "Rivers carry water slowly past mills, and the town beside them is old."
_QUESTION = "What makes the water of the rivers pass the old mill town so slowly"
_ANSWER = "The rivers are wide and the land around the mill is flat, so the water has little fall."


def completion(task_type: TaskType, uid: int) -> str:
    """A well-meant completion, told apart by the uid that it names."""
    match task_type:
        case TaskType.SUMMARY:
            return f"{_SUMMARY} Mill {uid} stands at the shore."
        case TaskType.QUESTION:
            return f"{_QUESTION} by mill {uid}?"
        case TaskType.ANSWER:
            return f"{_ANSWER} Mill {uid} shows it."


def answered(text: str, seconds: float = 1.0) -> Outcome:
    return Outcome(200, "", text, seconds)


def silent(seconds: float = 10.0) -> Outcome:
    return Outcome(408, "no answer in time", "", seconds)


def refused() -> Outcome:
    return Outcome(500, "the miner failed", "", 0.5)
