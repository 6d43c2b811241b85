"""The chain's composed answers, one function per runtime API: pure, from the state at one block and the arguments.

What the local chain does not have (pools, a root network, delegates, locks, identities) is answered as empty.
"""

from collections.abc import Callable
from typing import Any

from adapters.localnet.chain.views import absent, neurons, prices, stakes, subnet

VIEWS: dict[str, Callable[..., Any]] = {
    "SubnetInfoRuntimeApi_get_metagraph": subnet.metagraph,
    "SubnetInfoRuntimeApi_get_next_epoch_start_block": subnet.next_epoch_start,
    "SubnetInfoRuntimeApi_get_subnet_hyperparams_v3": subnet.hyperparameters,
    "NeuronInfoRuntimeApi_get_neurons": neurons.neurons,
    "NeuronInfoRuntimeApi_get_neurons_lite": neurons.neurons_lite,
    "StakeInfoRuntimeApi_get_stake_info_for_coldkey": stakes.of_coldkey,
    "StakeInfoRuntimeApi_get_stake_info_for_coldkeys": stakes.of_coldkeys,
    "StakeInfoRuntimeApi_get_stake_info_for_hotkey_coldkey_netuid": stakes.position,
    "StakeInfoRuntimeApi_get_stake_availability_for_coldkeys": stakes.availability,
    "StakeInfoRuntimeApi_get_coldkey_lock": absent.nothing,
    "DelegateInfoRuntimeApi_get_delegates": absent.none_of_them,
    "DelegateInfoRuntimeApi_get_delegate": absent.nothing,
    "DelegateInfoRuntimeApi_get_delegated": absent.none_of_them,
    "BetaBasketRuntimeApi_get_root_basket_owed": absent.zero,
    "BetaBasketRuntimeApi_get_root_basket_positions": absent.none_of_them,
    "SwapRuntimeApi_current_alpha_price": prices.of_subnet,
    "SwapRuntimeApi_current_alpha_price_all": prices.of_all,
    "TransactionPaymentApi_query_info": prices.fee,
}
"""By `Api_method`: what answers it, given the state and the decoded arguments."""
