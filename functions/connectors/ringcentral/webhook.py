"""One notification of RingCentral's to events, by the path of its event filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from connectors.ringcentral.others import (
    map_insights,
    map_message,
    map_opt_out,
    map_presence,
    map_reminder,
    map_voicemail,
)
from connectors.ringcentral.reading import News
from connectors.ringcentral.sessions import map_session
from hub.calling import Part, gather, key_at, word
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, parse_json, text_at
from hub.times import any_time

READERS: tuple[tuple[re.Pattern[str], Callable[[News], Iterable[Part]]], ...] = (
    (re.compile(r".*/telephony/sessions"), map_session),
    (re.compile(r".*/voicemail"), map_voicemail),
    (re.compile(r".*/message-store/instant"), map_message),
    (re.compile(r".*/a2p-sms/opt-outs"), map_opt_out),
    (re.compile(r".*/presence"), map_presence),
    (re.compile(r"/ai/ringsense/.*/insights"), map_insights),
    (re.compile(r".*/subscription/[^/]+"), map_reminder),
)
_ACCOUNT = re.compile(r"/accounts?/([0-9]+)(?:/|\Z)")
_GENERAL = frozenset({"", "restapi", "v1.0", "account", "extension", "~"})


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one notification; Quarantine where it is none of RingCentral's, or of another account."""
    root = parse_json(delivery.body)
    # Older notifications are wrapped for Apple's push service.
    holder = root if text_at(root, "event") else dict_at(root, "pn_apns")
    event = text_at(holder, "event")
    if event is None:
        raise Quarantine("not a notification of RingCentral")
    path, body = event.partition("?")[0][:500], dict_at(holder, "body")
    _refuse_foreign(path, id_at(body, "accountId"), connection)
    news = News(EventMaker(delivery, connection), path, body, key_at(holder, "uuid"), any_time(holder.get("timestamp")))
    name = _name(path)
    reader = next((read for pattern, read in READERS if pattern.fullmatch(path)), None)
    if reader is None:
        return Mapped(unmapped=(Unmapped(type=name, native=body),))
    mapped = gather(lambda: reader(news), f"unreadable/{name}")
    if mapped.events or mapped.unmapped:
        return mapped
    return Mapped(unmapped=(Unmapped(type=f"unreadable/{name}", native=body),))


def _refuse_foreign(path: str, account: str | None, connection: Connection) -> None:
    match, ours = _ACCOUNT.search(path), connection.settings.get("account_id")
    named = {found for found in (match[1] if match else None, account) if found and found != "~"}
    if ours and named - {str(ours)}:
        raise Quarantine("a notification of another account")


def _name(path: str) -> str:
    """What the path is about, without the ids in it."""
    steps = [step for step in path.split("/") if step not in _GENERAL and not any(map(str.isdigit, step))]
    return word("/".join(steps))
