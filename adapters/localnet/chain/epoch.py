"""When epochs happen, and what they pay.

An epoch fires at block b when b - LastEpochBlock >= tempo, when one was triggered for b, or when none has been for
very long (chain: `should_run_epoch`). It has the emission of the blocks since the last one to give away. Simpler than
the public chain: emission per block is constant, and there is no owner cut, no root share and no validator's take;
the whole of a uid's emission becomes stake of its hotkey.
"""

from adapters.localnet.chain import storage, yuma
from adapters.localnet.chain.state import State, StateView
from adapters.localnet.chain.storage import Item
from core.types import Block, Hotkey

LONGEST_TEMPO = 50_400


def next_epoch_start(state: StateView) -> Block:
    """The first block at which an epoch can fire."""
    by_tempo = state.hyper(storage.LAST_EPOCH_BLOCK) + state.hyper(storage.TEMPO)
    return Block(min(by_tempo, state.hyper(storage.PENDING_EPOCH_AT) or by_tempo))


def is_due(state: StateView) -> bool:
    """Whether an epoch fires at this block, unless it has done so already. A tempo of 0 stops them all."""
    overdue = state.hyper(storage.BLOCKS_SINCE_LAST_STEP) > LONGEST_TEMPO
    return state.hyper(storage.TEMPO) > 0 and (overdue or state.block >= next_epoch_start(state))


def current_epoch(state: StateView) -> int:
    """The epoch that a commit at this block belongs to: one that is about to fire has begun."""
    return state.hyper(storage.SUBNET_EPOCH_INDEX) + is_due(state)


def activity_cutoff_blocks(state: StateView) -> int:
    """How long a validator may stay silent and still count."""
    factor = state.hyper(storage.ACTIVITY_CUTOFF_FACTOR_MILLI)
    return max(1, factor * state.hyper(storage.TEMPO) // 1_000)


def step(state: State, emission_per_block_rao: int) -> None:
    """What a block does before its extrinsics: count itself, and run the epoch if one is due."""
    blocks = state.hyper(storage.BLOCKS_SINCE_LAST_STEP) + 1
    if not is_due(state):
        state.set_hyper(storage.BLOCKS_SINCE_LAST_STEP, blocks)
        return
    _run(state, blocks * emission_per_block_rao)
    state.set_hyper(storage.BLOCKS_SINCE_LAST_STEP, 0)
    state.set_hyper(storage.LAST_EPOCH_BLOCK, int(state.block))
    state.set_hyper(storage.LAST_STEP_BLOCK, int(state.block))
    state.set_hyper(storage.PENDING_EPOCH_AT, 0)
    state.set_hyper(storage.SUBNET_EPOCH_INDEX, state.hyper(storage.SUBNET_EPOCH_INDEX) + 1)


def _run(state: State, emission_rao: int) -> None:
    outcome = yuma.run_epoch(_input(state, emission_rao), _params(state))
    state.set_hyper(storage.ACTIVE, outcome.active)
    state.set_hyper(storage.VALIDATOR_PERMIT, outcome.permits)
    state.set_hyper(storage.CONSENSUS, outcome.consensus)
    state.set_hyper(storage.VALIDATOR_TRUST, outcome.validator_trust)
    state.set_hyper(storage.INCENTIVE, outcome.incentive)
    state.set_hyper(storage.DIVIDENDS, outcome.dividends)
    state.set_hyper(storage.EMISSION, outcome.emission_rao)
    for uid, hotkey in enumerate(state.hotkeys()):
        _put_bonds(state, uid, tuple(outcome.bonds[uid].items()))
        state.add_stake(hotkey, outcome.server_rao[uid] + outcome.validator_rao[uid])


def _put_bonds(state: State, uid: int, row: tuple[tuple[int, int], ...]) -> None:
    """Only who has bonds, or had some, has an entry."""
    if row or state.get(storage.BONDS, state.netuid, uid):
        state.put(storage.BONDS, row, state.netuid, uid)


def _input(state: StateView, emission_rao: int) -> yuma.YumaInput:
    netuid, hotkeys = state.netuid, state.hotkeys()
    uids = range(len(hotkeys))
    return yuma.YumaInput(
        block=state.block,
        emission_rao=emission_rao,
        stake_rao=tuple(state.stake_rao(hotkey) for hotkey in hotkeys),
        weights=_rows(state, storage.WEIGHTS),
        bonds=_rows(state, storage.BONDS),
        permits=state.hyper(storage.VALIDATOR_PERMIT),
        last_update=state.hyper(storage.LAST_UPDATE),
        registered=tuple(state.get(storage.BLOCK_AT_REGISTRATION, netuid, uid) for uid in uids),
        last_step_block=state.hyper(storage.LAST_STEP_BLOCK),
        commit_blocks=_commit_blocks(state),
        owner_uid=state.owner_uid(),
    )


def _commit_blocks(state: StateView) -> tuple[int | None, ...]:
    """By uid the block of the earliest commit that still waits in time; nothing where commit-reveal is off."""
    if not state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED):
        return ()
    oldest = current_epoch(state) - state.hyper(storage.REVEAL_PERIOD_EPOCHS)
    earliest: dict[Hotkey, int] = {}
    for epoch in state.commit_epochs():
        if epoch >= oldest:
            for hotkey, block, *_ in state.get(storage.TIMELOCKED_WEIGHT_COMMITS, state.netuid, epoch):
                earliest[hotkey] = min(block, earliest.get(hotkey, block))
    return tuple(earliest.get(hotkey) for hotkey in state.hotkeys())


def _rows(state: StateView, item: Item[tuple[tuple[int, int], ...]]) -> tuple[yuma.Row, ...]:
    rows = [state.get(item, state.netuid, uid) for uid in range(state.hyper(storage.SUBNETWORK_N))]
    return tuple(dict(row) for row in rows)


def _params(state: StateView) -> yuma.YumaParams:
    alpha_low, alpha_high = state.hyper(storage.ALPHA_VALUES)
    return yuma.YumaParams(
        kappa=state.hyper(storage.KAPPA),
        bonds_moving_average=state.hyper(storage.BONDS_MOVING_AVERAGE),
        bonds_penalty=state.hyper(storage.BONDS_PENALTY),
        max_validators=state.hyper(storage.MAX_ALLOWED_VALIDATORS),
        stake_threshold_rao=state.get(storage.STAKE_THRESHOLD),
        activity_cutoff_blocks=activity_cutoff_blocks(state),
        tempo_blocks=state.hyper(storage.TEMPO),
        yuma3=state.hyper(storage.YUMA3_ON),
        liquid_alpha=state.hyper(storage.LIQUID_ALPHA_ON),
        alpha_low=alpha_low,
        alpha_high=alpha_high,
        alpha_sigmoid_steepness=state.hyper(storage.ALPHA_SIGMOID_STEEPNESS),
    )
