"""Finding people by phone or e-mail in Zoho's index, and what was logged by our reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.zoho.api import Api, Refusal, Result, only
from connectors.zoho.logs import carries
from connectors.zoho.records import MODULES, OTHER_EMAILS, PHONES
from hub.delivery import Connection
from hub.emails import email_identifier
from hub.errors import Reject
from hub.parsing import at, id_at, list_at, text_at
from hub.phones import phone_identifier

# Each kind's fields with e-mail addresses, and with phones.
EMAILS = {"contact": ("Email", *OTHER_EMAILS), "lead": ("Email", *OTHER_EMAILS), "company": ()}
NUMBERS = {"contact": ("Phone", "Mobile", *PHONES), "lead": ("Phone", "Mobile"), "company": ("Phone",)}
MOST_FOUND = 200
MOST_PAGES = 10  # of one contact's notes


def records(api: Api, kind: str, connection: Connection, phone: str | None, email: str | None) -> list[str]:
    """Ids of records with exactly that phone or e-mail in any of their fields; the index may lag."""
    found = [*_with_email(api, kind, email), *_with_phone(api, kind, phone, connection.default_region)]
    return list(dict.fromkeys(found))


def _with_email(api: Api, kind: str, email: str | None) -> Iterator[str]:
    wanted = email_identifier(email)
    for row in _search(api, kind, "email", email) if wanted else ():
        if wanted in (email_identifier(text_at(row, name)) for name in EMAILS[kind]):
            yield str(row["id"])


def _with_phone(api: Api, kind: str, phone: str | None, region: str | None) -> Iterator[str]:
    wanted = phone_identifier(phone, region)
    for written in _ways(phone, region) if wanted else ():
        for row in _search(api, kind, "phone", written):
            if wanted in (phone_identifier(text_at(row, name), region) for name in NUMBERS[kind]):
                yield str(row["id"])


def _ways(phone: str | None, region: str | None) -> list[str]:
    """The number as E.164 and, at home, as the digits that are dialled."""
    import phonenumbers

    number = phonenumbers.parse(phone or "", region)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(letter for letter in national if letter.isdigit())
    return [phone or "", digits] if region and phonenumbers.region_code_for_number(number) == region else [phone or ""]


def _search(api: Api, kind: str, by: str, term: str | None) -> Iterator[Any]:
    names = ",".join(("id", *EMAILS[kind], *NUMBERS[kind]))
    query: dict[str, str | int | None] = {"fields": names, "per_page": MOST_FOUND, by: term}
    answer = api.get(f"/{MODULES[kind]}/search", since=None, **query)
    return (row for row in list_at(answer, "data") if id_at(row, "id"))


def log_unique(api: Api, module: str, row: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    """Inserts a call or task; the one with the same unique reference is changed instead. Safe to repeat: class A."""
    made = only(api.write("POST", f"/{module}", {"data": [row], **more}))
    if made.code == "DUPLICATE_DATA" and made.other:
        made = only(api.write("PUT", f"/{module}/{int(made.other)}", {"data": [row], **more}))
    return _logged(made)


def log_note(api: Api, reference: str, contact_id: str, row: Mapping[str, Any]) -> str:
    """Creates a note, or changes the one of this contact that carries the reference. Class B."""
    there = _note(api, reference, contact_id)
    if there is None:
        return _logged(only(api.add("/Notes", {"data": [row]})))
    return _logged(only(api.write("PUT", f"/Notes/{there}", {"data": [row]})))


def _note(api: Api, reference: str, contact_id: str) -> str | None:
    names = "id,Note_Content"
    for number in range(1, MOST_PAGES + 1):
        answer = api.get(f"/Contacts/{int(contact_id)}/Notes", fields=names, page=number, per_page=MOST_FOUND)
        rows = (row for row in list_at(answer, "data") if carries(at(row, "Note_Content"), reference))
        found = next((id_at(row, "id") for row in rows), None)
        if found or at(answer, "info", "more_records") is not True:
            return found
    return None


def _logged(result: Result) -> str:
    if result.code == "SUCCESS" and result.id:
        return result.id
    if result.code == "INVALID_DATA" and result.name in ("Who_Id", "Parent_Id"):
        raise Reject("Zoho has no such contact any more")
    raise Refusal(202, result.code, result.name)
