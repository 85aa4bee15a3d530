"""Deals and tickets as HubSpot holds them, stages and pipelines by the names that people see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.hubspot.records import OBJECTS, https, reference, time
from hub.domain.events import DealData, RecordRef, TicketData, currency, money
from hub.parsing import dict_at, id_at, list_at, text_at

DEAL = (
    *("dealname", "amount", "deal_currency_code", "dealstage", "pipeline", "closedate", "closed_lost_reason"),
    *("hs_deal_stage_probability", "hs_is_closed", "hs_is_closed_won", "hubspot_owner_id"),
)
TICKET = (
    *("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "source_type"),
    "hubspot_owner_id",
)
PROPERTIES: Mapping[str, tuple[str, ...]] = {"deal": DEAL, "ticket": TICKET}
Links = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline: both by name, and what HubSpot says of the stage (isClosed, probability, ticketState)."""

    label: str
    pipeline: str
    said: Mapping[str, Any]


UNKNOWN = Stage("", "", {})


def stages(pipelines: Sequence[Mapping[str, Any]]) -> dict[str, Stage]:
    """The stages of all pipelines by id."""
    return dict(_stages(pipelines))


def _stages(pipelines: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Stage]]:
    for pipeline in pipelines:
        label = text_at(pipeline, "label") or ""
        for stage in list_at(pipeline, "stages"):
            if stage_id := id_at(stage, "id"):
                yield stage_id, Stage(text_at(stage, "label") or "", label, dict_at(stage, "metadata"))


def gone(kind: str, record_id: str) -> DealData | TicketData:
    """A deal or ticket that HubSpot no longer has."""
    model = DealData if kind == "deal" else TicketData
    return model(record=reference(kind, record_id), change="deleted")


def shown_business(
    kind: str, shown: Mapping[str, Any], known: Mapping[str, Stage], links: Links, owners: Mapping[str, str]
) -> DealData | TicketData | None:
    """The deal or ticket of an API answer; None where it has no id. `links`: associated ids by object and record."""
    record_id = id_at(shown, "id")
    if record_id is None:
        return None
    if shown.get("archived") is True:
        return gone(kind, record_id)
    row = dict_at(shown, "properties")
    common = _common(kind, record_id, shown, links) | {"owner": _owner(row, owners)}
    if kind == "deal":
        return DealData.model_validate(common | _deal(row, known.get(text_at(row, "dealstage") or "", UNKNOWN)))
    stage = known.get(text_at(row, "hs_pipeline_stage") or "", UNKNOWN)
    return TicketData.model_validate(common | _ticket(row, stage))


def _common(kind: str, record_id: str, shown: Mapping[str, Any], links: Links) -> dict[str, Any]:
    contacts = [
        RecordRef(object="contact", id=one, native_object="contacts") for one in _linked(links, "contact", record_id)
    ]
    companies = [reference("company", one) for one in _linked(links, "company", record_id)]
    return {
        "record": reference(kind, record_id, https(text_at(shown, "url"))),
        "contacts": tuple(contacts),
        "company": companies[0] if companies else None,
        "created_at": time(text_at(shown, "createdAt")),
        "updated_at": time(text_at(shown, "updatedAt")),
        "version": time(text_at(shown, "updatedAt")),
    }


def _linked(links: Links, kind: str, record_id: str) -> Sequence[str]:
    return links.get(OBJECTS[kind], {}).get(record_id, ())


def _deal(row: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    closed = time(text_at(row, "closedate"))
    return {
        "title": text_at(row, "dealname"),
        "status": _deal_status(row, stage),
        "native_status": text_at(row, "dealstage"),
        "stage": stage.label or text_at(row, "dealstage"),
        "pipeline": stage.pipeline or text_at(row, "pipeline"),
        "amount": money(row.get("amount")),
        "currency": currency(row.get("deal_currency_code")),
        "close_date": closed[:10] if closed else None,
        "probability": _percent(row.get("hs_deal_stage_probability") or stage.said.get("probability")),
        "lost_reason": text_at(row, "closed_lost_reason"),
    }


def _deal_status(row: Mapping[str, Any], stage: Stage) -> str:
    closed, won = row.get("hs_is_closed"), row.get("hs_is_closed_won")
    if closed is None:
        closed, won = stage.said.get("isClosed"), _percent(stage.said.get("probability")) == "100"
    if str(closed).lower() != "true":
        return "open" if str(closed).lower() == "false" else "unknown"
    return "won" if str(won).lower() == "true" else "lost"


def _percent(value: Any) -> str | None:
    """HubSpot's share of one, as text, in percent without needless zeros."""
    share = money(value)
    if share is None:
        return None
    return format((Decimal(share) * 100).normalize(), "f")


def _ticket(row: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    states = {"OPEN": "open", "CLOSED": "closed"}
    return {
        "title": text_at(row, "subject"),
        "description": text_at(row, "content"),
        "status": states.get(str(stage.said.get("ticketState")), "unknown"),
        "native_status": stage.label or text_at(row, "hs_pipeline_stage"),
        "priority": (text_at(row, "hs_ticket_priority") or "").lower() or None,
        "channel": (text_at(row, "source_type") or "").lower() or None,
        "queue": stage.pipeline or text_at(row, "hs_pipeline"),
    }


def _owner(row: Mapping[str, Any], owners: Mapping[str, str]) -> str | None:
    owner_id = id_at(row, "hubspot_owner_id")
    return owners.get(owner_id or "", owner_id or "") or None
