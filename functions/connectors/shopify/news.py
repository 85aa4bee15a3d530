"""A delivery of any way, read into one shape: its topic, its body, and what its headers say.

Webhooks: `x-shopify-…` headers and the REST resource. EventBridge: the same headers in `detail.metadata`, the resource in
`detail.payload`. Events: `shopify-…` headers, and a body with `topic`, `action` and `fields_changed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hub.delivery import Connection
from hub.domain.events import RecordRef
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, text_at
from hub.rows import Change, Changed
from hub.times import from_iso

CHANGES: Mapping[str, Changed] = {"create": "created", "delete": "deleted"}
_TOPIC = re.compile(r"\A[a-z_]{1,60}/[a-z_]{1,60}\Z", re.ASCII)
_WORD = re.compile(r"\A[A-Za-z_]{1,60}\Z", re.ASCII)
_ID = re.compile(r"\A(?:gid://shopify/[A-Za-z]{1,60}/)?([0-9a-f]{1,40})\Z", re.ASCII)


def record_id(value: Any, *path: str | int) -> str | None:
    """An id there as text, of 64 bits or a token, also where it is a global one (gid://shopify/Customer/41)."""
    found = _ID.match(id_at(value, *path) or "")
    return found[1] if found else None


class Told(Protocol):
    """A row in the form of webhooks, however it came."""

    @property
    def row(self) -> Mapping[str, Any]:
        """The record."""
        ...

    @property
    def connection(self) -> Connection:
        """Whose it is."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """`topic` is `orders/create` of a webhook, or `events/Customer/update`; `said` what the headers say, by name."""

    maker: EventMaker
    topic: str
    row: Mapping[str, Any]
    said: Mapping[str, str]

    @property
    def connection(self) -> Connection:
        """The delivery's."""
        return self.maker.connection

    @property
    def action(self) -> str:
        """The last word of the topic."""
        return self.topic.rpartition("/")[2]

    @property
    def triggered_at(self) -> str | None:
        """When Shopify made the delivery; further attempts keep it."""
        return from_iso(self.said.get("triggered-at"))

    @property
    def at(self) -> str | None:
        """The record's own time where the body has one, else that of the delivery."""
        times = (self.row.get("updated_at"), self.row.get("processed_at"), self.row.get("created_at"))
        return next((found for one in times if (found := from_iso(one))), None) or self.triggered_at

    def key(self, found: str) -> tuple[object, ...]:
        """What makes two deliveries the same news of that record."""
        ids = (self.said.get("event-id"), self.said.get("webhook-id"), self.at)
        return (self.topic, found, next((one for one in ids if one), self.maker.delivery_id))

    def change(self, our_object: str, found: str, native: str) -> Change:
        """The change of that record."""
        what = CHANGES.get(self.action, "changed")
        return Change(
            record=RecordRef(object=our_object, id=found, native_object=native),
            change=what,
            at=self.triggered_at if what == "deleted" else self.at,
            key=self.key(found),
            created_at=from_iso(self.row.get("created_at")),
            native={"topic": self.topic},
        )


def read_news(maker: EventMaker, body: Any) -> News:
    """The news in a body; Quarantine where nothing says its topic, or where it is of another shop."""
    if not isinstance(body, dict):
        raise Quarantine("not a JSON object")
    over_bus = "detail-type" in body
    headers: Mapping[str, Any] = dict_at(body, "detail", "metadata") if over_bus else maker.delivery.headers
    row = dict_at(body, "detail", "payload") if over_bus else body
    said = {name: value for name, value in _names(headers).items() if isinstance(value, str)}
    _refuse_foreign(maker, said.get("shop-domain") or text_at(row, "shop_domain"))
    topic = said.get("topic")
    if not topic:
        raise Quarantine("no header says the topic")
    if "/" not in topic:
        action = said.get("action") or text_at(row, "action") or ""
        return News(maker, f"events/{_word(topic)}/{_word(action)}", row, said)
    return News(maker, topic if _TOPIC.match(topic) else "unknown", row, said)


def _names(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers without their prefix, in lower case."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {name.removeprefix("x-").removeprefix("shopify-"): value for name, value in lower.items()}


def _refuse_foreign(maker: EventMaker, shop: str | None) -> None:
    expected = maker.connection.settings.get("shop_domain")
    if shop and expected and shop.lower() != str(expected).lower():
        raise Quarantine("the delivery is from another shop")


def _word(text: str) -> str:
    return text if _WORD.match(text) else "unknown"
