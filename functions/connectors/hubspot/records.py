"""Contacts and companies as HubSpot holds them -> claims, each with the time of its own last change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Claim, Identifier, RecordChangedData, RecordRef, instant, unix_ms
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import dict_at, id_at, int_at, list_at, text_at
from hub.rows import identifiers

# The platform's object for each kind of ours.
OBJECTS = {"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
OTHER_EMAILS = "hs_additional_emails"
APP = "INTEGRATION"


def maps_of(connection: Connection) -> dict[str, FieldMap]:
    """The field maps of a connection, its own lines included, by our word for the object."""
    return {one.our_object: effective(connection, one) for one in FIELDS.values()}


def wanted(fields: FieldMap) -> tuple[str, ...]:
    """The properties that are read."""
    return (*fields.properties, *((OTHER_EMAILS,) if fields.our_object == "contact" else ()))


def reference(kind: str, record_id: str, url: str | None = None) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=record_id, native_object=OBJECTS[kind], url=url)


def gone(kind: str, record_id: str) -> RecordChangedData:
    """A record that HubSpot no longer has (deleted, or merged into another)."""
    return RecordChangedData(record=reference(kind, record_id), change="deleted")


def shown_record(
    fields: FieldMap, shown: Mapping[str, Any], connection: Connection, owners: Mapping[str, str]
) -> RecordChangedData | None:
    """The record of an API answer; None where it has no id. `owners`: e-mail addresses by id."""
    kind, record_id = fields.our_object, id_at(shown, "id")
    if record_id is None:
        return None
    if shown.get("archived") is True:
        return gone(kind, record_id)
    record = reference(kind, record_id, https(text_at(shown, "url")))
    author = _newest(entry for name in fields.properties for entry in _history(shown, name))
    return RecordChangedData(
        record=record,
        claims=_claims(fields, shown, owners),
        identifiers=_identifiers(record, dict_at(shown, "properties"), connection),
        created_at=time(text_at(shown, "createdAt")),
        version=version(fields, shown),
        actor=_actor(author),
        ours=_is_ours(author, connection),
    )


def version(fields: FieldMap, shown: Mapping[str, Any]) -> str | None:
    """Of the properties that we map: when the newest was set, and how many settings are known.

    Not the record's own time, which HubSpot moves for what nobody sees, such as a logged call.
    """
    entries = [entry for name in fields.properties for entry in _history(shown, name)]
    times = [at for entry in entries if (at := time(text_at(entry, "timestamp")))]
    return f"{max(times)}/{len(entries)}" if times else time(text_at(shown, "updatedAt"))


def https(url: str | None) -> str | None:
    """A link that may be shown."""
    return url if url and url.startswith("https://") else None


def time(text: str | None) -> str | None:
    """HubSpot's time as ours, None where it cannot be read."""
    try:
        return instant(unix_ms(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _claims(fields: FieldMap, shown: Mapping[str, Any], owners: Mapping[str, str]) -> tuple[Claim, ...]:
    """One claim per field that has ever had a value."""
    times = {our: at for our, their in fields.to_theirs.items() if (at := _changed_at(shown, their))}
    parts = [times[part] for part in ("first_name", "last_name") if part in times]
    if parts:
        times["name"] = max(parts)
    row_at = time(text_at(shown, "updatedAt"))
    values = fields.ours(dict.fromkeys(fields.properties) | dict_at(shown, "properties"), owners=owners)
    return tuple(
        Claim(field=our, value=value, at=times.get(our) or row_at or "", precision="field" if our in times else "row")
        for our, value in values.items()
        if our in times or (value is not None and row_at)
    )


def _changed_at(shown: Mapping[str, Any], name: str) -> str | None:
    """When the property got its present value; its history is newest first, which we do not rely on."""
    return max((at for entry in _history(shown, name) if (at := time(text_at(entry, "timestamp")))), default=None)


def _history(shown: Mapping[str, Any], name: str) -> list[Any]:
    return list_at(shown, "propertiesWithHistory", name)


def _newest(entries: Iterable[Any]) -> Any:
    """The entry that was made last; of several at the same time the one that HubSpot names first."""
    timed = [(at, entry) for entry in entries if (at := time(text_at(entry, "timestamp")))]
    return max(timed, key=lambda pair: pair[0], default=("", None))[1]


def _is_ours(entry: Any, connection: Connection) -> bool | None:
    app_id = str(connection.settings.get("app_id") or "")
    if not app_id or not text_at(entry, "sourceType"):
        return None
    return text_at(entry, "sourceType") == APP and id_at(entry, "sourceId") == app_id


def _actor(entry: Any) -> str | None:
    """`user:<id>` of a person, `app:<id>` of an app, else HubSpot's word for what it was."""
    source, user = id_at(entry, "sourceId") or "", int_at(entry, "updatedByUserId")
    if source.startswith("userId:") and source[7:].isdigit():
        return f"user:{source[7:]}"
    if user is not None:
        return f"user:{user}"
    kind = text_at(entry, "sourceType")
    return f"app:{source}" if kind == APP and source.isdigit() else (kind or "").lower()[:40] or None


def _identifiers(record: RecordRef, row: Mapping[str, Any], connection: Connection) -> tuple[Identifier, ...]:
    mails = [text_at(row, "email"), *(text_at(row, OTHER_EMAILS) or "").split(";")]
    phones = [text_at(row, "phone"), text_at(row, "mobilephone")]
    return identifiers(record, connection, phones=phones, emails=mails)
