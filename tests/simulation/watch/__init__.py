"""What must hold of a simulation, looked at after every event: see `Watch`."""

from tests.simulation.watch.watch import Watch

__all__ = ["Watch"]
