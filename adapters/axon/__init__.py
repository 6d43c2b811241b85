"""The axon: the HTTP server of miner and validator. `Axon` takes signed `Prompting` requests and hands them to a forward."""

from adapters.axon.axon import Axon
from adapters.axon.limits import AxonLimits

__all__ = ["Axon", "AxonLimits"]
