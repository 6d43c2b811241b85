"""The axon: the HTTP server of miner and validator. `Axon` takes signed `Prompting` requests and hands them to a forward."""

from adapters.axon.axon import Axon
from adapters.axon.door import Blacklist
from adapters.axon.forwarding import Forward
from adapters.axon.limits import AxonLimits
from adapters.axon.queue import Priority

__all__ = ["Axon", "AxonLimits", "Blacklist", "Forward", "Priority"]
