"""An event of either version, read into one shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.domain.events import RecordRef
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, bool_at, dict_at, id_at, text_at
from hub.rows import Change, Changed
from hub.times import any_time

_WORD = re.compile(r"\A[a-z0-9_]{1,60}(?:[.\[\]]{1,2}[a-z0-9_]{1,60}){0,8}\Z", re.ASCII)
_ID = re.compile(r"\A[A-Za-z0-9_]{1,100}\Z", re.ASCII)


def record_id(value: Any, *path: str | int) -> str | None:
    """An id there, also where the object itself stands in its place."""
    found = id_at(value, *path) or id_at(value, *path, "id")
    return found if found and _ID.match(found) else None


@dataclass(frozen=True, slots=True)
class News:
    """What one event says: `row` is the object after it (nothing of a thin event), `before` what changed of it."""

    maker: EventMaker
    word: str
    row: Mapping[str, Any]
    before: Mapping[str, Any]
    related: Mapping[str, Any]
    at: str | None
    key: tuple[object, ...]
    native: Mapping[str, Any]

    def change(self, our_object: str, found: str, native_object: str, what: Changed) -> Change:
        """The change of that record."""
        return Change(
            record=RecordRef(object=our_object, id=found, native_object=native_object),
            change=what,
            at=self.at,
            key=self.key,
            created_at=any_time(self.row.get("created")),
            native=self.native,
        )


def read_news(maker: EventMaker, body: Any) -> News:
    """The event in a body; Quarantine where it is none, or of another account."""
    word = text_at(body, "type")
    thin = text_at(body, "object") == "v2.core.event" or "related_object" in (body if isinstance(body, dict) else ())
    if word is None or not (thin or isinstance(at(body, "data", "object"), dict)):
        raise Quarantine("not an event: no type, or no object")
    _refuse_foreign(maker, text_at(body, "account") or text_at(body, "context"))
    row = {} if thin else dict_at(body, "data", "object")
    return News(
        maker=maker,
        word=word if _WORD.match(word) else "unknown",
        row=row,
        before=dict_at(body, "data", "previous_attributes"),
        related=dict_at(body, "related_object"),
        at=any_time(body.get("created")),
        key=(word, record_id(body.get("id")) or maker.delivery_id),
        native=_native(body, word),
    )


def _native(body: Mapping[str, Any], word: str) -> dict[str, Any]:
    """Stripe's own facts of the event: the request that made it is the hint to our own writes."""
    live = bool_at(body, "livemode")
    request = record_id(body.get("request")) or record_id(body, "reason", "request")
    found = {"event": word[:200], "livemode": live, "request": request}
    return {name: value for name, value in found.items() if value is not None}


def _refuse_foreign(maker: EventMaker, account: str | None) -> None:
    """A platform's endpoint hears of all connected accounts; a context is a path of accounts, the last one being meant."""
    expected = maker.connection.settings.get("account_id")
    if account and expected and account.rpartition("/")[2] != str(expected):
        raise Quarantine("the event is of another account")
