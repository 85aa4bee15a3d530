"""Finding by our reference, and people by an exact phone or e-mail; the index lags and a search costs 20 tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.pipedrive.api import MOST_LISTED, MOST_NOTES, Api
from connectors.pipedrive.logs import PLACES, carries
from connectors.pipedrive.records import NATIVE, PATHS, custom_field
from hub.delivery import Connection
from hub.emails import email_identifier
from hub.parsing import at, dict_at, id_at, list_at, text_at, texts
from hub.phones import phone_identifier

Query = dict[str, str | int | None]
MOST_PAGES = 4  # of one person's activities or notes, the newest first


def carriers(api: Api, kind: str, code: str, reference: str) -> list[str]:
    """Ids of the records with our reference: among the newest, which are listed at once, else by the index."""
    newest = api.get(PATHS[kind], sort_by="add_time", sort_direction="desc", limit=MOST_LISTED, custom_fields=code)
    rows = (row for row in list_at(newest, "data") if custom_field(row, code) == reference)
    fresh = [found for row in rows if (found := id_at(row, "id"))]
    if fresh or text_at(newest, "additional_data", "next_cursor") is None:
        return fresh
    query = {"term": reference, "entity_type": NATIVE[kind], "field": code, "match": "exact"}
    answer = api.get("/api/v2/itemSearch/field", **query)
    return [found for row in list_at(answer, "data") if (found := id_at(row, "id"))]


def people(api: Api, connection: Connection, phone: str | None, email: str | None) -> list[str]:
    """Persons with exactly that phone or e-mail. A phone is searched as E.164 and as dialled at home, without dashes."""
    found = [*_with_email(api, email), *_with_phone(api, phone, connection.default_region)]
    return list(dict.fromkeys(found))


def _with_email(api: Api, email: str | None) -> Iterator[str]:
    wanted = email_identifier(email)
    for item in _search(api, email, "email") if wanted else ():
        if wanted in map(email_identifier, texts(list_at(item, "emails"))):
            yield str(item["id"])


def _with_phone(api: Api, phone: str | None, region: str | None) -> Iterator[str]:
    wanted = phone_identifier(phone, region)
    for written in _ways(phone, region) if wanted else ():
        for item in _search(api, written, "phone"):
            if wanted in (phone_identifier(one, region) for one in texts(list_at(item, "phones"))):
                yield str(item["id"])


def _ways(phone: str | None, region: str | None) -> list[str]:
    import phonenumbers

    number = phonenumbers.parse(phone or "", region)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(letter for letter in national if letter.isdigit())
    return [phone or "", digits] if region and phonenumbers.region_code_for_number(number) == region else [phone or ""]


def _search(api: Api, term: str | None, name: str) -> Iterator[dict[str, Any]]:
    answer = api.get("/api/v2/persons/search", term=term, fields=name, exact_match=True, limit=MOST_LISTED)
    items = (dict_at(one, "item") for one in list_at(answer, "data", "items"))
    return (item for item in items if id_at(item, "id"))


def log(api: Api, what: str, reference: str, contact_id: str, body: Mapping[str, Any]) -> str:
    """Creates what is logged, or changes the one of this person that carries the reference; its id."""
    path = PLACES[what]
    there = _note(api, reference, contact_id) if path == "/v1/notes" else _activity(api, reference, contact_id)
    if there is not None:
        api.change(f"{path}/{there}", body, "PUT" if path == "/v1/notes" else "PATCH")
        return there
    return str(at(api.add(path, body), "data", "id"))


def _activity(api: Api, reference: str, contact_id: str) -> str | None:
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        newest: Query = {"sort_by": "add_time", "sort_direction": "desc", "limit": MOST_LISTED, "cursor": cursor}
        answer = api.get(PLACES["call"], person_id=int(contact_id), **newest)
        found = _carrying(list_at(answer, "data"), "note", reference)
        cursor = text_at(answer, "additional_data", "next_cursor")
        if found or cursor is None:
            return found
    return None


def _note(api: Api, reference: str, contact_id: str) -> str | None:
    for start in range(0, MOST_PAGES * MOST_NOTES, MOST_NOTES):
        newest: Query = {"sort": "id DESC", "start": start, "limit": MOST_NOTES}
        answer = api.get(PLACES["note"], person_id=int(contact_id), **newest)
        found = _carrying(list_at(answer, "data"), "content", reference)
        more = at(answer, "additional_data", "pagination", "more_items_in_collection") is True
        if found or not more:
            return found
    return None


def _carrying(rows: list[Any], name: str, reference: str) -> str | None:
    return next((id_at(row, "id") for row in rows if carries(at(row, name), reference)), None)
