"""Who has a phone or an e-mail: candidates, checked against what the records hold.

https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.api import Api, Row
from connectors.hubspot.records import OBJECTS, OTHER_EMAILS
from hub.delivery import Connection
from hub.emails import email_identifier
from hub.errors import Reject
from hub.parsing import at, id_at, list_at, text_at
from hub.phones import phone_identifier

FINDS = frozenset({"contact", "company"})
MOST_FOUND = 100
# A property that holds a phone -> the one under which HubSpot's index has its digits without the country code.
PHONES: Mapping[str, Mapping[str, str]] = {
    "contact": {
        "phone": "hs_searchable_calculated_phone_number",
        "mobilephone": "hs_searchable_calculated_mobile_number",
    },
    "company": {"phone": "hs_searchable_calculated_phone_number"},
}


@dataclass(frozen=True, slots=True)
class Finder:
    """Searches one account."""

    connection: Connection
    api: Api

    def find(self, kind: str, phone: str | None, email: str | None) -> list[str]:
        """Ids, in the order in which they were made; a company has no e-mail."""
        if kind not in FINDS:
            raise Reject(f"HubSpot's {kind} records are not searched")
        found = [*self._by_email(kind, email), *self._by_phone(kind, phone)]
        return sorted(set(found), key=lambda one: (len(one), one))

    def _by_email(self, kind: str, email: str | None) -> Iterator[str]:
        """By the unique property, which is not the lagging index; further addresses of a contact count too."""
        wanted = email_identifier(email)
        if kind != "contact" or wanted is None:
            return
        for row in self.api.read("contacts", [wanted.value], ("email", OTHER_EMAILS), (), by="email"):
            mails = [text_at(row, "properties", "email"), *_split(text_at(row, "properties", OTHER_EMAILS))]
            if wanted in map(email_identifier, mails):
                yield from _ids([row])

    def _by_phone(self, kind: str, phone: str | None) -> Iterator[str]:
        wanted = phone_identifier(phone, None)
        if wanted is None:
            return
        digits, written = _digits(wanted.value), [wanted.value, wanted.value[1:]]
        filters = [(index, digits) for index in PHONES[kind].values()] + [(name, written) for name in PHONES[kind]]
        body = {
            "filterGroups": [{"filters": [_any_of(name, values)]} for name, values in filters],
            "sorts": ["hs_object_id"],
            "properties": list(PHONES[kind]),
            "limit": MOST_FOUND,
            "after": "0",
        }
        rows = list_at(self.api.search(OBJECTS[kind], body), "results")
        yield from _ids(row for row in rows if wanted in self._phones(kind, row))

    def _phones(self, kind: str, row: Row) -> list[Any]:
        held = [text_at(at(row, "properties"), name) for name in PHONES[kind]]
        return [phone_identifier(one, self.connection.default_region) for one in held]


def _any_of(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"propertyName": name, "operator": "IN", "values": list(values)}


def _digits(phone: str) -> list[str]:
    """The ways in which the index may hold the number: without the country code, with the trunk's 0, whole."""
    import phonenumbers  # heavy: only where a number is searched for

    local = phonenumbers.national_significant_number(phonenumbers.parse(phone))
    return [local, f"0{local}", phone[1:]]


def _ids(rows: Iterable[Row]) -> Iterator[str]:
    return (record_id for row in rows if (record_id := id_at(row, "id")))


def _split(text: str | None) -> list[str]:
    return (text or "").split(";")
