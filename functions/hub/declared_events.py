"""The events that a map can declare: for each its fields, how each is read, and how the event is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from hub.declared import as_text, flat
from hub.domain.events import (
    EVENT_TYPES,
    ConsentData,
    Event,
    FormData,
    FormField,
    PrivacyData,
    RecordRef,
    currency,
    money,
)
from hub.mapping import EventMaker
from hub.rows import (
    Change,
    activity,
    business_record,
    changed_record,
    deleted_record,
    order_record,
    person,
)
from hub.times import any_time, day

MAX_ID = 400  # characters
CONTACT = ("name", "first_name", "last_name", "email", "phone", "mobile", "title", "company", "lifecycle")
COMPANY = ("name", "phone", "website")
WHO = ("customer_name", "customer_email", "customer_phone", "contact_id")
BUSINESS = (*WHO, "title", "status", "native_status", "owner", "version", "created_at", "updated_at")
MONEY = frozenset({"amount", "probability", "total", "subtotal", "tax", "shipping", "discount", "refunded"})
TIMES = frozenset({"created_at", "updated_at", "due_at", "started_at", "ended_at", "placed_at", "canceled_at"})
READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(MONEY, money),
    **dict.fromkeys(TIMES, any_time),
    "currency": currency,
    "close_date": day,
    "duration_s": lambda text: int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What one rule found in one document: the record (without an id where none is declared), fields, times."""

    event: str
    record: RecordRef | None
    key: tuple[object, ...]
    at: str | None
    fields: Mapping[str, str | None]
    answers: Any = None


Make = Callable[[EventMaker, Facts], Event]


@dataclass(frozen=True, slots=True)
class Target:
    """An event that can be declared; `objects` are what the record may be called, the first where nothing is said."""

    fields: tuple[str, ...]
    make: Make
    objects: tuple[str, ...] = ()
    needs_id: bool = True
    needs: tuple[str, ...] = ()
    needs_time: bool = False


def choices(event_type: str, name: str) -> tuple[str, ...]:
    """The words of ours that the field may be; none where any text will do."""
    model = EVENT_TYPES[event_type].model_fields.get(name)
    found = (
        [word for part in (model.annotation, *get_args(model.annotation)) for word in get_args(part)] if model else []
    )
    return tuple(word for word in found if isinstance(word, str))


def _said(facts: Facts, *left_out: str) -> dict[str, Any]:
    """The fields as the model takes them; a word that is none of ours is left out, a status beside `native_status`."""
    said: dict[str, Any] = {}
    for name, text in facts.fields.items():
        if text is None or name in left_out or name in WHO:
            continue
        allowed = choices(facts.event, name)
        if allowed and text not in allowed:
            said.update({"native_status": facts.fields.get("native_status") or text} if name == "status" else {})
        elif (value := READ[name](text) if name in READ else text) is not None:
            said[name] = value
    return said


def _concerned(maker: EventMaker, facts: Facts) -> dict[str, Any]:
    fields, contact_id = facts.fields, facts.fields.get("contact_id")
    contact = RecordRef(object="contact", id=contact_id) if contact_id else None
    named = {"phones": [fields.get("customer_phone")], "emails": [fields.get("customer_email")]}
    who = person(maker.connection, contact, **named, name=fields.get("customer_name"))
    return {"customer": who, "contacts": (contact,) if contact else ()}


def _change(facts: Facts) -> Change:
    record = facts.record or RecordRef(object="record", id="")
    said = facts.fields.get("change")
    allowed = choices("contact.changed", "change")
    return Change(
        record,
        said if said in allowed else "changed",  # type: ignore[arg-type]
        facts.at,
        facts.key,
        created_at=any_time(facts.fields.get("created_at")),
    )


def _person_or_company(maker: EventMaker, facts: Facts) -> Event:
    change = _change(facts)
    fields = {name: text for name, text in facts.fields.items() if name not in ("change", "created_at")}
    changed = [name for name, text in fields.items() if text] if change.change == "created" else ()
    return changed_record(maker, change, fields, changed)


def _deleted(maker: EventMaker, facts: Facts) -> Event:
    return deleted_record(maker, _change(facts))


def _business(maker: EventMaker, facts: Facts) -> Event:
    data = _said(facts, "change", "created_at") | _concerned(maker, facts)
    return business_record(maker, _change(facts), data)


def _order(maker: EventMaker, facts: Facts) -> Event:
    return order_record(maker, _change(facts), _said(facts, "change", "created_at") | _concerned(maker, facts))


def _activity(maker: EventMaker, facts: Facts) -> Event:
    return activity(maker, _change(facts), {"kind": "other"} | _said(facts, "change") | _concerned(maker, facts))


def form(maker: EventMaker, facts: Facts) -> Event:
    """`form.submitted`; without a submission's id of its own the delivery's is taken."""
    submission = facts.record.id if facts.record else maker.delivery_id
    data = FormData(
        submission_id=submission,
        form_id=facts.fields.get("form_id") or maker.connection.id,
        **{name: facts.fields.get(name) for name in ("form_name", "page_url")},
        **_concerned(maker, facts),
        answers=tuple(answers(facts.answers)),
    )
    return maker.event("form.submitted", data, subject=f"form:{data.form_id}", time=facts.at, key=facts.key)


def answers(found: Any) -> list[FormField]:
    """The fields of a form: an object of names and values, or a list of objects with name (key, id), label and value."""
    if isinstance(found, list):
        return [one for item in found if isinstance(item, dict) and (one := _listed(item))]
    return [FormField(name=name, value=_joined(value)) for name, value in flat(found) if name]


def _listed(item: Mapping[str, Any]) -> FormField | None:
    name, label, value = (
        next((item[key] for key in keys if item.get(key) is not None), None)
        for keys in (("key", "name", "id", "label"), ("label", "title", "question"), ("value", "answer"))
    )
    named = as_text(name)
    return FormField(name=named, label=as_text(label), value=_joined(value)) if named else None


def _joined(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := as_text(one))) or None
    return as_text(value)


def _consent(maker: EventMaker, facts: Facts) -> Event:
    data = ConsentData.model_validate({**_said(facts), **_concerned(maker, facts)})
    subject = data.purpose or data.channel
    return maker.event("consent.changed", data, subject=subject, time=facts.at, key=facts.key)


def _privacy(maker: EventMaker, facts: Facts) -> Event:
    data = PrivacyData.model_validate(
        {"record": facts.record, "request_id": facts.fields.get("request_id"), **_concerned(maker, facts)}
    )
    subject = f"{facts.record.object}:{facts.record.id}" if facts.record else facts.event
    return maker.event(facts.event, data, subject=subject, time=facts.at, key=facts.key)


_PRIVACY = Target((*WHO, "request_id"), _privacy, ("contact", "lead"), needs_id=False)
TARGETS: Mapping[str, Target] = {
    "contact.changed": Target(
        (*CONTACT, "change", "created_at"), _person_or_company, ("contact", "lead"), needs_time=True
    ),
    "contact.deleted": Target((), _deleted, ("contact", "lead")),
    "company.changed": Target((*COMPANY, "change", "created_at"), _person_or_company, ("company",), needs_time=True),
    "company.deleted": Target((), _deleted, ("company",)),
    "deal.changed": Target(
        (
            *(*BUSINESS, "change", "stage", "pipeline", "amount", "currency", "close_date", "probability"),
            "lost_reason",
        ),
        _business,
        ("deal",),
    ),
    "deal.deleted": Target((), _deleted, ("deal",)),
    "ticket.changed": Target(
        (*BUSINESS, "change", "priority", "channel", "queue", "description", "rating"), _business, ("ticket",)
    ),
    "ticket.deleted": Target((), _deleted, ("ticket",)),
    "order.changed": Target(
        (
            *(*BUSINESS, "change", "number", "financial_status", "fulfillment_status", "currency", "total"),
            *("subtotal", "tax", "shipping", "discount", "refunded", "placed_at", "canceled_at"),
        ),
        _order,
        ("order", "invoice", "payment", "subscription", "refund", "checkout"),
    ),
    "activity.logged": Target(
        (
            *(*WHO, "change", "kind", "action", "direction", "title", "text", "status", "native_status", "due_at"),
            *("started_at", "ended_at", "duration_s", "url", "campaign", "owner"),
        ),
        _activity,
        ("activity",),
    ),
    "form.submitted": Target(
        (*WHO, "form_id", "form_name", "page_url", "answers"), form, ("form",), needs_id=False, needs=("form_id",)
    ),
    "consent.changed": Target(
        (*WHO, "channel", "purpose", "state", "status", "source", "text"), _consent, needs_id=False
    ),
    "privacy.deletion_requested": _PRIVACY,
    "privacy.data_requested": _PRIVACY,
}


def make(maker: EventMaker, facts: Facts) -> Event:
    """The event that the facts are of; raises pydantic.ValidationError where they do not make one."""
    return TARGETS[facts.event].make(maker, facts)
