"""What every CRM stand-in has beside the platform's API: people at its screen, webhooks to send, ways to misbehave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from infra.local.standins.server import Standin

Values = Mapping[str, Any]
# (object, id, what was written just now) -> what the customer's own automation writes upon it, {} for nothing.
Automation = Callable[[str, str, Values], Values]


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that the platform would send, unsigned; `envelope` in its place where it comes by an event bus."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    envelope: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Misbehaviour:
    """How the account departs from the quiet case; losing, doubling and reordering hooks is done by who sends them.

    `echo_as`: whether a change that we wrote is announced as made by our app or by a user. `automations` run after
    every write that is not their own, up to `most_automated` times per write. `search_lag_s` is how long a search does
    not see a change.
    """

    echo_as: Literal["app", "user"] = "app"
    automations: list[Automation] = field(default_factory=list)
    most_automated: int = 1
    search_lag_s: float = 0.0


class CrmStandin(Protocol):
    """A stand-in for a CRM. Objects and fields are the platform's own words; `hooks` grows with every change."""

    hooks: list[Hook]
    misbehaviour: Misbehaviour
    now: Callable[[], float]

    def standin(self) -> Standin:
        """The platform's API."""
        ...

    def enter(self, kind: str, values: Values) -> str:
        """A person creates a record; its id."""
        ...

    def edit(self, kind: str, record_id: str, values: Values) -> None:
        """A person changes a record."""
        ...

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record."""
        ...

    def held(self, kind: str, record_id: str) -> Values | None:
        """The record as it is now, None where there is none."""
        ...
