"""Yuma Consensus: who earns what from the weights that validators have set.

Exact integers throughout (`fixed`), so the results equal the chain's to the last rao. Rules as the chain's production path
has them (subtensor spec 425, `epoch_mechanism`): classic and Yuma3 bonds, liquid alpha, the privileges of a subnet owner's
uid, and the columns that commit-reveal removes. A subnet has one mechanism here.

Vectors are indexed by uid. A matrix is a row per validator, a row maps uid to value. An entry of 0 is not the same as none:
under liquid alpha a bond outlives the first and vanishes with the second.
"""

from adapters.localnet.chain.yuma.median import consensus, weighted_median
from adapters.localnet.chain.yuma.running import run_epoch
from adapters.localnet.chain.yuma.stakes import stake_shares, validator_permits, with_owner
from adapters.localnet.chain.yuma.terms import Row, YumaInput, YumaOutcome, YumaParams

__all__ = (
    "Row",
    "YumaInput",
    "YumaOutcome",
    "YumaParams",
    "consensus",
    "run_epoch",
    "stake_shares",
    "validator_permits",
    "weighted_median",
    "with_owner",
)
