"""The kinds of faults: all that goes wrong in a simulated world, each counted when it really happens."""

from enum import StrEnum


class Kind(StrEnum):
    """What goes wrong; the value is the name that people see."""

    # the process
    KILLED = "killed at a boundary"  # just before or just after a port's work, or the disk's
    KILLED_ANYTIME = "killed at any time"
    STOPPED = "stopped by the operator"
    LOOP_BLOCKED = "event loop blocked"
    TELEMETRY_DOWN = "telemetry fails"
    # the disk
    DISK_FULL = "disk full"
    DISK_ERROR = "disk error"  # one write fails
    SYNC_FAILED = "write kept, but said to have failed"
    # the clock
    CLOCK_FORWARD = "clock jumps forward"
    CLOCK_BACK = "clock jumps back"
    SUSPENDED = "machine suspended"  # the world goes on meanwhile
    TIMER_LOST = "a timer never goes off"
    # the chain's connection
    READ_DROPPED = "connection lost during a reading"
    READ_SILENT = "chain does not answer a reading"
    CUT_BEFORE = "connection lost before weights were sent"
    CUT_AFTER = "connection lost after weights were sent"
    SEND_SILENT = "chain does not answer a submission"
    CHAIN_AWAY = "chain away for a while"
    BLOCKS_STUCK = "heads do not arrive"
    BLOCK_AGAIN = "an old head once more"
    SERVE_REFUSED = "axon's address refused"
    # the chain's rules
    POOL_REFUSED = "refused by the pool"
    EXTRINSIC_DROPPED = "extrinsic never included"
    RATE_LIMITED = "rate limit is in the way"
    NO_PERMIT = "permit lost"
    NO_STAKE = "stake below the threshold"
    VERSION_TOO_LOW = "version key raised above ours"
    LIMITS_CHANGED = "hyperparameters change"
    WEIGHTS_ELSEWHERE = "another program sets weights with our key"
    COMMIT_REVEAL = "commit-reveal switched"
    # the chain's blocks
    CHAIN_HALTED = "no blocks for a while"
    REORGANISED = "last blocks given up"
    RUNTIME_UPGRADED = "runtime upgraded"
    # who is there
    REPLACED = "a uid changes hands"
    REPLACED_MID_STEP = "a prompted uid changes hands"
    JOINED = "miners join"
    METAGRAPH_SHRINKS = "uids disappear"
    METAGRAPH_EMPTY = "nobody to prompt"
    DEREGISTERED = "our hotkey deregistered"
    BECAME_VALIDATOR = "a miner becomes a large validator"
    MALFORMED_NEURON = "a neuron that cannot be read"
    AXON_ODD = "an axon that cannot be dialled"
    AXON_OURS = "an axon at our own address"
    ONE_ADDRESS = "many uids at one address"
    # the miners
    MINER_SILENT = "a miner does not answer"
    MINER_REFUSES = "a miner refuses"
    MINER_LATE = "a miner answers at the last moment"
    ALL_SILENT = "no miner answers"
    ALL_REFUSE = "all miners refuse"
    ONE_ANSWER = "one miner answers"
    TEXT_EMPTY = "an answer without a word"
    TEXT_ODD = "an odd text"  # control characters, bidi, towers of marks, very long
    TEXT_INJECTION = "an answer that speaks to the models"
    TEXT_ECHO = "an answer that repeats the prompt"
    TEXT_COPY = "an answer copied from another miner"
    ALL_ALIKE = "all answers alike"
    NO_SOCKETS = "no sockets left"
    NETWORK_HANGS = "our transport hangs"
    # the scorer
    SCORE_NOT_FINITE = "a score that is no number"
    SCORE_HUGE = "a score beyond all bounds"
    SCORE_TINY = "a score of next to nothing"
    SCORE_MISSING = "a score missing"
    SCORE_UNMEASURED = "a score that stands for none"
    SCORE_EQUAL = "all scores equal"
    FUNCTION_LOST = "a reward function fails"
    MASK_LOST = "a mask fails"
    MASK_UNSURE = "a mask cannot judge"
    ALL_MASKED = "all answers masked"
    DEVICE_LOST = "the scorer fails"
    SCORER_SLOW = "scoring takes ten times as long"
    SCORER_HANGS = "scoring never ends"
    # the contexts
    CONTEXT_LOST = "source of contexts fails"
    CONTEXT_EMPTY = "a context without a sentence"
    CONTEXT_POISONED = "a context full of marks and control characters"
    CONTEXT_SLOW = "a context never comes"
