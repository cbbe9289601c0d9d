"""The closed list of faults, in the order of the table."""

# Each adds its rows to the list, in this order.
from faults.scenarios import redis, postgres, failover, workers, clients, machine  # noqa: F401, I001
from faults.scenarios.registry import SCENARIOS, Scenario

__all__ = ["SCENARIOS", "Scenario"]
