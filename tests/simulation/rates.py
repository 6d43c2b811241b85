"""How often each kind of fault strikes, as a share of its opportunities.

What an opportunity is differs: a block, a call, a miner's answer, a boundary. The rates are such that a run of 200 forwards meets
most kinds a few times, and still gets somewhere.
"""

from collections.abc import Mapping, Sequence

from tests.simulation.kinds import Kind

RATES: Mapping[Kind, float] = {
    # the process
    Kind.KILLED: 0.001,
    Kind.KILLED_ANYTIME: 0.003,
    Kind.STOPPED: 0.01,
    Kind.LOOP_BLOCKED: 0.001,
    Kind.TELEMETRY_DOWN: 0.02,
    # the disk
    Kind.DISK_FULL: 0.0005,
    Kind.DISK_ERROR: 0.001,
    Kind.SYNC_FAILED: 0.001,
    # the clock
    Kind.CLOCK_FORWARD: 0.01,
    Kind.CLOCK_BACK: 0.01,
    Kind.SUSPENDED: 0.002,
    Kind.TIMER_LOST: 0.02,
    # the chain's connection
    Kind.READ_DROPPED: 0.05,
    Kind.READ_SILENT: 0.02,
    Kind.CUT_BEFORE: 0.1,
    Kind.CUT_AFTER: 0.2,
    Kind.SEND_SILENT: 0.05,
    Kind.CHAIN_AWAY: 0.002,
    Kind.BLOCKS_STUCK: 0.003,
    Kind.BLOCK_AGAIN: 0.02,
    Kind.SERVE_REFUSED: 0.3,
    # the chain's rules
    Kind.POOL_REFUSED: 0.15,
    Kind.EXTRINSIC_DROPPED: 0.1,
    Kind.RATE_LIMITED: 0.01,
    Kind.NO_PERMIT: 0.003,
    Kind.NO_STAKE: 0.002,
    Kind.VERSION_TOO_LOW: 0.002,
    Kind.LIMITS_CHANGED: 0.03,
    Kind.WEIGHTS_ELSEWHERE: 0.005,
    Kind.COMMIT_REVEAL: 0.003,
    # the chain's blocks
    Kind.CHAIN_HALTED: 0.002,
    Kind.REORGANISED: 0.02,
    Kind.RUNTIME_UPGRADED: 0.003,
    # who is there
    Kind.REPLACED: 0.02,
    Kind.REPLACED_MID_STEP: 0.03,
    Kind.JOINED: 0.01,
    Kind.METAGRAPH_SHRINKS: 0.005,
    Kind.METAGRAPH_EMPTY: 0.002,
    Kind.DEREGISTERED: 0.002,
    Kind.BECAME_VALIDATOR: 0.003,
    Kind.MALFORMED_NEURON: 0.005,
    Kind.AXON_ODD: 0.01,
    Kind.AXON_OURS: 0.003,
    Kind.ONE_ADDRESS: 0.002,
    # the miners
    Kind.MINER_SILENT: 0.05,
    Kind.MINER_REFUSES: 0.05,
    Kind.MINER_LATE: 0.02,
    Kind.ALL_SILENT: 0.01,
    Kind.ALL_REFUSE: 0.005,
    Kind.ONE_ANSWER: 0.02,
    Kind.TEXT_EMPTY: 0.02,
    Kind.TEXT_ODD: 0.03,
    Kind.TEXT_INJECTION: 0.02,
    Kind.TEXT_ECHO: 0.02,
    Kind.TEXT_COPY: 0.03,
    Kind.ALL_ALIKE: 0.02,
    Kind.NO_SOCKETS: 0.003,
    Kind.NETWORK_HANGS: 0.002,
    # the scorer
    Kind.SCORE_NOT_FINITE: 0.02,
    Kind.SCORE_HUGE: 0.02,
    Kind.SCORE_MISSING: 0.02,
    Kind.SCORE_TINY: 0.02,
    Kind.SCORE_UNMEASURED: 0.05,
    Kind.SCORE_EQUAL: 0.02,
    Kind.FUNCTION_LOST: 0.02,
    Kind.MASK_LOST: 0.005,
    Kind.MASK_UNSURE: 0.01,
    Kind.ALL_MASKED: 0.01,
    Kind.DEVICE_LOST: 0.003,
    Kind.SCORER_SLOW: 0.02,
    Kind.SCORER_HANGS: 0.001,
    # the contexts
    Kind.CONTEXT_LOST: 0.01,
    Kind.CONTEXT_EMPTY: 0.01,
    Kind.CONTEXT_POISONED: 0.05,
    Kind.CONTEXT_SLOW: 0.002,
}

# What goes together, often in one run: a chain that comes and goes while submissions get lost; a process that dies again and again
# while its weights are on their way; a subnet that never stands still, in its members or in its rules;
# a chain that takes blocks back while it can hardly be read; miners that say all sorts of things; models that cannot tell one text from another.
THEMES: Sequence[Mapping[Kind, float]] = (
    {Kind.CHAIN_AWAY: 0.05, Kind.BLOCKS_STUCK: 0.05, Kind.CUT_AFTER: 0.6, Kind.EXTRINSIC_DROPPED: 0.5},
    {Kind.KILLED: 0.01, Kind.CUT_AFTER: 0.5, Kind.SYNC_FAILED: 0.05},
    {
        Kind.REPLACED: 0.6,
        Kind.REPLACED_MID_STEP: 0.5,
        Kind.JOINED: 0.1,
        Kind.REORGANISED: 0.3,
        Kind.CUT_BEFORE: 0.5,
        Kind.DEREGISTERED: 0.02,
    },
    {
        Kind.RATE_LIMITED: 0.1,
        Kind.NO_PERMIT: 0.05,
        Kind.LIMITS_CHANGED: 0.4,
        Kind.COMMIT_REVEAL: 0.05,
        Kind.POOL_REFUSED: 0.6,
    },
    {Kind.REORGANISED: 0.7, Kind.READ_DROPPED: 0.6, Kind.CUT_BEFORE: 0.6, Kind.CUT_AFTER: 0.3},
    {Kind.TEXT_ODD: 0.5, Kind.TEXT_INJECTION: 0.5, Kind.TEXT_ECHO: 0.1, Kind.TEXT_COPY: 0.1},
    {Kind.SCORE_EQUAL: 1.0},
)
