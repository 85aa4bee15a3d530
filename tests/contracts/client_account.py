"""What the client contract suite needs of a platform: an account on its stand-in, and what to put there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.delivery import Connection
from infra.local.standins.misbehaving import CrmStandin

Sample = Callable[[str, int], Mapping[str, Any]]


@dataclass(frozen=True)
class ClientAccount:
    """One account. `kinds` maps our kinds to the platform's objects.

    `sample(our kind, n)` gives native values for `crm.enter`, of another person for each n. `written` gives for each of
    our kinds fields that survive a round trip, each with a first and a second value.
    """

    connector: str
    connection: Connection
    secrets: Mapping[str, Any]
    host: str
    crm: CrmStandin
    kinds: Mapping[str, str]
    sample: Sample
    written: Mapping[str, Mapping[str, tuple[str, str]]]
