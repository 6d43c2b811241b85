"""When epochs happen, and what they pay.

An epoch fires at block b when b - LastEpochBlock >= tempo (chain: `run_coinbase`). It has the emission of the
blocks since the last one to give away. Simpler than the public chain: nobody triggers an epoch early, emission
per block is constant, and there is no owner cut, no root share and no validator's take; the whole of a
uid's emission becomes stake of its hotkey.
"""

from adapters.localnet.chain import storage, yuma
from adapters.localnet.chain.state import State, StateView
from adapters.localnet.chain.storage import Item
from core.types import Block


def next_epoch_start(state: StateView) -> Block:
    """The first block at which an epoch can fire."""
    return Block(state.hyper(storage.LAST_EPOCH_BLOCK) + state.hyper(storage.TEMPO))


def activity_cutoff_blocks(state: StateView) -> int:
    """How long a validator may stay silent and still count."""
    factor = state.hyper(storage.ACTIVITY_CUTOFF_FACTOR_MILLI)
    return max(1, factor * state.hyper(storage.TEMPO) // 1_000)


def step(state: State, emission_per_block_rao: int) -> None:
    """What a block does before its extrinsics: count itself, and run the epoch if one is due."""
    blocks = state.hyper(storage.BLOCKS_SINCE_LAST_STEP) + 1
    if state.block < next_epoch_start(state):
        state.set_hyper(storage.BLOCKS_SINCE_LAST_STEP, blocks)
        return
    _run(state, blocks * emission_per_block_rao)
    state.set_hyper(storage.BLOCKS_SINCE_LAST_STEP, 0)
    state.set_hyper(storage.LAST_EPOCH_BLOCK, int(state.block))
    state.set_hyper(storage.LAST_STEP_BLOCK, int(state.block))
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
    )


def _rows(state: StateView, item: Item[tuple[tuple[int, int], ...]]) -> tuple[yuma.Row, ...]:
    rows = [state.get(item, state.netuid, uid) for uid in range(state.hyper(storage.SUBNETWORK_N))]
    return tuple(dict(row) for row in rows)


def _params(state: StateView) -> yuma.YumaParams:
    return yuma.YumaParams(
        kappa=state.hyper(storage.KAPPA),
        bonds_moving_average=state.hyper(storage.BONDS_MOVING_AVERAGE),
        bonds_penalty=state.hyper(storage.BONDS_PENALTY),
        max_validators=state.hyper(storage.MAX_ALLOWED_VALIDATORS),
        stake_threshold_rao=state.get(storage.STAKE_THRESHOLD),
        activity_cutoff_blocks=activity_cutoff_blocks(state),
        tempo_blocks=state.hyper(storage.TEMPO),
    )
