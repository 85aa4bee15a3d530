"""One delivery of Aircall's to events, by resource and event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from connectors.aircall.calls import map_call
from connectors.aircall.insights import (
    CUSTOM,
    FINAL,
    LIVE,
    VOICE_AGENT,
    map_evaluation,
    map_insight,
    map_voice_agent,
)
from connectors.aircall.others import map_contact, map_message, map_notice, map_user
from connectors.aircall.reading import News
from hub.calling import Part, gather, word
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, parse_json, text_at
from hub.times import from_unix

Reader = Callable[[News], Iterable[Part]]
RESOURCES: Mapping[str, Reader] = {
    "call": map_call,
    "user": map_user,
    "contact": map_contact,
    "message": map_message,
    "group_message": map_message,
}
NOTICES = (
    *("number.created", "number.deleted", "number.opened", "number.closed"),
    *("team.created", "team.destroyed", "analytics.report_created", "analytics.report_failed", "integration.deleted"),
)
EVENTS: Mapping[str, Reader] = {
    **dict.fromkeys((*FINAL, *CUSTOM, *LIVE), map_insight),
    **dict.fromkeys(VOICE_AGENT, map_voice_agent),
    **dict.fromkeys(
        ("playbook_result.created", "playbook_result.updated", "call_evaluation.created", "call_evaluation.updated"),
        map_evaluation,
    ),
    **dict.fromkeys(NOTICES, map_notice),
}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where it is none of Aircall's, or of another company."""
    body = parse_json(delivery.body)
    event = text_at(body, "event")
    if event is None:
        raise Quarantine("not an event of Aircall")
    data = dict_at(body, "data")
    company, ours = id_at(data, "company_id"), connection.settings.get("company_id")
    if company and ours and company != str(ours):
        raise Quarantine("an event of another company")
    news = News(EventMaker(delivery, connection), event, data, from_unix(body.get("timestamp")))
    reader = EVENTS.get(event) or RESOURCES.get(event.partition(".")[0])
    mapped = gather(lambda: reader(news), f"unreadable/{word(event)}") if reader else Mapped()
    if mapped.events or mapped.unmapped:
        return mapped
    kind = f"unreadable/{word(event)}" if reader else word(event)
    return Mapped(unmapped=(Unmapped(type=kind, native=data),))
