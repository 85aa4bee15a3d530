"""A member of an audience as a flat row, in our words, and by the id that Mailchimp's API and webhooks agree on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Claim, RecordChangedData, RecordRef
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import dict_at, list_at, text_at
from hub.rows import identifiers
from hub.times import from_iso

FIELDS: FieldMap = load(Path(__file__).with_name("fields.toml"))["list_member"]
NATIVE = "list_member"
CONSENT, ADDRESS = "consent", "ADDRESS"
ADDRESS_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")
MAX_VALUE = 2_000
# Addresses are cleaned for bounces and for complaints alike, and the API does not say for which: the stricter counts.
# Who was never asked has said nothing; who has not answered yet has not said yes.
STATES: Mapping[str, str] = {
    "subscribed": "granted",
    "unsubscribed": "denied",
    "cleaned": "denied",
    "pending": "unknown",
}
GONE = "archived"
OWN = ("email_address", "language")
_ID = re.compile(r"\A([A-Za-z0-9]{1,40})/([0-9a-f]{32})\Z", re.ASCII)


def map_of(connection: Connection) -> FieldMap:
    """The field map of members, with the connection's own lines."""
    return effective(connection, FIELDS)


def member_hash(email: str) -> str:
    """Mailchimp's id of an address in every audience: the MD5 of it in lower case."""
    return hashlib.md5(email.strip().lower().encode("utf-8"), usedforsecurity=False).hexdigest()


def record(audience: str, member: str) -> RecordRef:
    """A member in our words: of one audience, so both ids name it."""
    return RecordRef(object="contact", id=f"{audience}/{member}", native_object=NATIVE)


def parts(record_id: str) -> tuple[str, str] | None:
    """The audience and the member's hash; None where the text is no id of a member."""
    found = _ID.match(record_id)
    return (found[1], found[2]) if found else None


def own_tags(connection: Connection) -> dict[str, str]:
    """The merge tags that the setting `merge_fields` names, each with the tag that it stands for here."""
    named = connection.settings.get("merge_fields")
    pairs, theirs = named.items() if isinstance(named, dict) else (), map_of(connection).to_theirs
    return {str(tag): theirs[our] for tag, our in pairs if our in theirs}


def row_of(shown: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """A member as the API shows it, flat: own fields, merge tags, parts of the address, consent."""
    row: dict[str, Any] = {name: shown[name] for name in OWN if name in shown}
    if "status" in shown:
        row[CONSENT] = STATES.get(str(shown["status"]))
    if "tags" in shown:
        row["tags"] = tags_of(shown)
    return row | merge_row(dict_at(shown, "merge_fields"), connection)


def merge_row(merges: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """Merge fields by the tag that `fields.toml` knows; an address that is not filled in is an empty text."""
    renamed = own_tags(connection)
    row: dict[str, Any] = {}
    for tag, value in merges.items():
        name = renamed.get(tag, tag)
        if name == ADDRESS:
            address = value if isinstance(value, dict) else {}
            row |= {f"{ADDRESS}.{part}": address.get(part, "") for part in ADDRESS_PARTS}
        elif isinstance(value, (str, int, float)):
            row[name] = value[:MAX_VALUE] if isinstance(value, str) else value
    return row


def tags_of(shown: Mapping[str, Any]) -> list[str]:
    """The names of a member's tags."""
    return [name for one in list_at(dict(shown), "tags") if (name := text_at(one, "name"))]


def whole_name(merges: Mapping[str, Any], connection: Connection) -> str | None:
    """The name where the setting `merge_fields` says that one tag holds the whole of it."""
    named = connection.settings.get("merge_fields")
    tags = [tag for tag, our in named.items() if our == "name"] if isinstance(named, dict) else []
    return next((value for tag in tags if (value := text_at(dict(merges), tag))), None)


def read_member(shown: Mapping[str, Any], audience: str, connection: Connection) -> RecordChangedData | None:
    """The member of an API answer, claims of the whole row; None where it has no address or no time."""
    email, at = text_at(dict(shown), "email_address"), from_iso(shown.get("last_changed"))
    if email is None or at is None:
        return None
    reference = record(audience, member_hash(email))
    if shown.get("status") == GONE:
        return gone(reference)
    fields = ours_of(shown, connection)
    return RecordChangedData(
        record=reference,
        claims=tuple(Claim(field=our, value=value, at=at, precision="row") for our, value in fields.items()),
        identifiers=identifiers(
            reference, connection, phones=(fields.get("phone"), fields.get("mobile")), emails=(fields.get("email"),)
        ),
        created_at=first_time(shown.get("timestamp_signup"), shown.get("timestamp_opt")),
        version=at,
        native={"list_id": audience, "status": str(shown.get("status"))[:40]},
    )


def ours_of(shown: Mapping[str, Any], connection: Connection) -> dict[str, str | None]:
    """Our fields of a member as the API shows it."""
    fields = map_of(connection).ours(row_of(shown, connection))
    name = whole_name(dict_at(shown, "merge_fields"), connection)
    return fields | ({"name": name} if name else {})


def gone(reference: RecordRef) -> RecordChangedData:
    """A member that is archived or deleted."""
    return RecordChangedData(record=reference, change="deleted")


def first_time(*values: Any) -> str | None:
    """The first of them that is a time."""
    return next((time for value in values if (time := from_iso(value))), None)
