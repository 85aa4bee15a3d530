"""Whose writes to the state table are held to some partition keys: their beginnings, with `*` for the rest.

In a module of its own, without CDK, so that tests hold functions to it wherever they run (tests/unit/api_client.py).
"""

from __future__ import annotations

from collections.abc import Mapping

OWN_KEYS: Mapping[str, tuple[str, ...]] = {
    "map": ("ASIDE#*",),
    # What was set aside; decisions, pins and conversations under a persona; the entries that tell of decisions; the
    # answers to requests that may be repeated; jobs, files to be imported, how far connections were compared; pauses.
    "api": ("ASIDE#*", "P#*", "E#*", "IDEM#*", "JOB#*", "CSV#*", "RECONCILE#*", "SYNC#*"),
    # The index of names; suggestions, conflicts and what is filed.
    "match_customers": ("N#*", "S#*"),
    # How far they have come, and who owns records; what they read, and who is due, is told on the bus.
    "import_records": ("JOB#*", "RECONCILE#*", "OWNERS#*", "CSV#*"),
    "reconcile_records": ("JOB#*", "RECONCILE#*", "DUE#*"),
}

# What everybody who asks platforms writes into the connections table: the use of limits, and who fetches tokens.
SHARED_KEYS = ("LIMIT#*", "AUTH#*")


def may_write(function: str, pk: str) -> bool:
    """Whether the function may write items of the partition; one that is not listed may write all."""
    listed = OWN_KEYS.get("map" if function.startswith("map_") else function)
    return listed is None or pk.startswith(tuple(key.removesuffix("*") for key in listed))
