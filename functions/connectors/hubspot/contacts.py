"""A contact as HubSpot holds it -> claims, each with the time of its own last change, and identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Claim, Identifier, RecordChangedData, RecordRef, instant, unix_ms
from hub.emails import email_identifier
from hub.fields import FieldMap, load
from hub.parsing import dict_at, id_at, list_at, text_at
from hub.phones import phone_identifier

FIELDS: FieldMap = load(Path(__file__).with_name("fields.toml"))["contacts"]
OTHER_EMAILS = "hs_additional_emails"
Times = Mapping[str, str]


def reference(record_id: str, url: str | None = None) -> RecordRef:
    """The contact in our words."""
    return RecordRef(object="contact", id=record_id, native_object="contacts", url=url)


def gone(record_id: str) -> RecordChangedData:
    """A contact that HubSpot no longer has (deleted, or merged into another)."""
    return RecordChangedData(record=reference(record_id), change="deleted")


def read_contact(shown: Mapping[str, Any], connection: Connection) -> RecordChangedData | None:
    """The contact of an API answer; None where it has no id."""
    record_id = id_at(shown, "id")
    if record_id is None:
        return None
    if shown.get("archived") is True:
        return gone(record_id)
    url = text_at(shown, "url")
    return RecordChangedData(
        record=reference(record_id, url if url and url.startswith("https://") else None),
        claims=_claims(shown),
        identifiers=_identifiers(record_id, dict_at(shown, "properties"), connection),
        created_at=_time(text_at(shown, "createdAt")),
    )


def _claims(shown: Mapping[str, Any]) -> tuple[Claim, ...]:
    """One claim per field that has ever had a value."""
    times = {our: at for our, their in FIELDS.to_theirs.items() if (at := _changed_at(shown, their))}
    parts = [times[part] for part in ("first_name", "last_name") if part in times]
    if parts:
        times["name"] = max(parts)
    row_at = _time(text_at(shown, "updatedAt"))
    values = FIELDS.ours(dict.fromkeys(FIELDS.properties) | dict_at(shown, "properties"))
    claims = [
        Claim(field=our, value=value, at=times.get(our) or row_at, precision="field" if our in times else "row")
        for our, value in values.items()
        if our in times or (value is not None and row_at)
    ]
    return tuple(claims)


def _changed_at(shown: Mapping[str, Any], name: str) -> str | None:
    """When the property got its present value; its history is newest first, which we do not rely on."""
    entries = list_at(shown, "propertiesWithHistory", name)
    times = [time for entry in entries if (time := _time(text_at(entry, "timestamp")))]
    return max(times, default=None)


def _identifiers(record_id: str, properties: Mapping[str, Any], connection: Connection) -> tuple[Identifier, ...]:
    mails = [text_at(properties, "email"), *(text_at(properties, OTHER_EMAILS) or "").split(";")]
    phones = [text_at(properties, "phone"), text_at(properties, "mobilephone")]
    found = [
        reference(record_id).identifier(connection.id),
        *(phone_identifier(phone, connection.default_region) for phone in phones),
        *(email_identifier(mail) for mail in mails),
    ]
    return tuple(dict.fromkeys(one for one in found if one))


def _time(text: str | None) -> str | None:
    try:
        return instant(unix_ms(text)) if text else None
    except (ValueError, OverflowError):
        return None
