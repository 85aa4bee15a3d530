"""A submission -> `form.submitted`, and `contact.changed` where it gives an e-mail or a phone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from connectors.web_form.declaration import Declaration, declared
from connectors.web_form.token import FIELD
from hub.declared import flat
from hub.declared_events import Facts, form
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, RecordRef, Unmapped
from hub.emails import email_identifier
from hub.errors import Quarantine
from hub.fields import full_name
from hub.mapping import EventMaker
from hub.parsing import BOM, parse_json, parse_pairs
from hub.parsing_multipart import is_multipart, parse_multipart
from hub.phones import phone_identifier
from hub.rows import Change, changed_record
from hub.times import any_time

MAX_ID = 400


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a submission; nothing where a trap was filled in; Quarantine where it holds no field."""
    declaration, wrong = declared(connection.settings)
    if wrong:
        raise Quarantine("the connection's field map is not valid")
    document = _document(delivery.body, declaration.json_field)
    if any(_filled(document.get(name)) for name in declaration.honeypot):
        return Mapped(ignored=1)
    if not any(_filled(value) for _, value in flat(document)):
        raise Quarantine("no field with a value")
    fields = {name: value.text(document) for name, value in declaration.fields.items()}
    if declaration.fields and not any(fields.values()):
        return Mapped(unmapped=(Unmapped(type="none_of_the_declared_fields", native=document),))
    maker = EventMaker(delivery, connection)
    facts = _facts(maker, declaration, document, fields)
    return Mapped(events=(form(maker, facts), *_contact(maker, facts, fields)))


def _document(body: bytes, json_field: str | None) -> dict[str, Any]:
    """The fields by name, whatever the form is sent as; of several values of one name a list."""
    if body.removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return _object(parse_json(body))
    found: dict[str, list[str]] = {}
    for name, value in parse_multipart(body) if is_multipart(body) else parse_pairs(body):
        if name != FIELD:
            found.setdefault(name, []).append(value)
    inside = _object(parse_json(found.pop(json_field)[0].encode())) if json_field in found else {}
    return {name: values[0] if len(values) == 1 else list(values) for name, values in found.items()} | inside


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise Quarantine("not a JSON object")
    return {name: value for name, value in document.items() if name != FIELD}


def _filled(value: Any) -> bool:
    if isinstance(value, list):
        return any(_filled(one) for one in value)
    return bool(value.strip()) if isinstance(value, str) else value not in (None, False, {})


def _facts(
    maker: EventMaker, declaration: Declaration, document: Mapping[str, Any], fields: Mapping[str, str | None]
) -> Facts:
    places = declaration.places
    said = {name: value.text(document) for name, value in places.items() if name not in ("answers", "time")}
    submission = said.pop("submission_id", None) or ""
    known = submission if 0 < len(submission) <= MAX_ID else maker.delivery_id
    answers = places["answers"].found(document) if "answers" in places else _answers(declaration, document)
    who = {
        "customer_name": fields.get("name") or full_name(fields.get("first_name"), fields.get("last_name")),
        "customer_email": fields.get("email"),
        "customer_phone": fields.get("phone") or fields.get("mobile"),
    }
    return Facts(
        event="form.submitted",
        record=RecordRef(object="form", id=known),
        key=(said.get("form_id") or "", known),
        at=any_time(places["time"].found(document)) if "time" in places else None,
        fields={**said, **who},
        answers=answers,
    )


def _answers(declaration: Declaration, document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in declaration.honeypot}


def _contact(maker: EventMaker, facts: Facts, fields: Mapping[str, str | None]) -> list[Event]:
    """The person: known on this connection by a hash of the e-mail, else of the phone."""
    connection = maker.connection
    phones = [fields.get(name) for name in ("phone", "mobile")]
    found = [
        email_identifier(fields.get("email")),
        *(phone_identifier(one, connection.default_region) for one in phones),
    ]
    known = next((one for one in found if one), None)
    if known is None:
        return []
    record_id = hashlib.sha256(f"{connection.id}\n{known.key}".encode()).hexdigest()[:32]
    record = RecordRef(object="contact", id=record_id, native_object="person")
    change = Change(record, "changed", facts.at, facts.key)
    whole = {"name": facts.fields.get("customer_name"), **fields}
    # Without a time of its own a field claims nothing: a delivery mapped again must not look newer than it is.
    claimed = {name: text for name, text in whole.items() if text} if facts.at else {}
    return [changed_record(maker, change, claimed, phones=phones, emails=[fields.get("email")])]
