"""A user's e-mail addresses and phones: each is an identity, one of each kind the primary one.

An address in a user's update only becomes a further identity; to replace the primary one it is made so here.
https://developer.zendesk.com/api-reference/ticketing/users/user_identities/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.zendesk.api import Api, Refusal
from connectors.zendesk.news import record_id
from hub.emails import email_identifier
from hub.parsing import list_at, text_at
from hub.phones import phone_identifier

MOST_LOOKED_INTO = 10


def make_primary(api: Api, user_id: str, email: str) -> None:
    """Makes the address the user's primary one; the former one stays with the user, nobody is written to."""
    found = next((one for one in _identities(api, user_id, "email") if _same(one, email)), None)
    if found is None:
        identity = {"type": "email", "value": email, "primary": True, "skip_verify_email": True}
        api.add(f"/users/{user_id}/identities", {"identity": identity})
    elif found.get("primary") is not True:
        api.put(f"/users/{user_id}/identities/{record_id(found, 'id')}/make_primary", {})


def find(api: Api, phone: str | None, email: str | None, region: str | None) -> Iterator[str]:
    """Ids of end users with exactly that phone or e-mail among their own, by search, which lags by minutes."""
    queries = ([f'phone:"{phone}"'] if phone else []) + ([f'email:"{email}"'] if email else [])
    for query in queries:
        rows = [row for row in list_at(api.get("/users/search", ("query", query)), "users") if _is_customer(row)]
        yield from (str(row["id"]) for row in rows[:MOST_LOOKED_INTO] if _has(api, row, phone, email, region))


def _is_customer(row: Any) -> bool:
    return record_id(row, "id") is not None and row.get("role") == "end-user" and row.get("active") is not False


def _has(api: Api, row: Any, phone: str | None, email: str | None, region: str | None) -> bool:
    if _holds(row, phone, email, region):
        return True
    kinds = {"phone_number": "phone", "email": "email"}
    identities = _identities(api, str(row["id"]), *kinds)
    return any(_holds({kinds[str(one["type"])]: one.get("value")}, phone, email, region) for one in identities)


def _holds(row: Any, phone: str | None, email: str | None, region: str | None) -> bool:
    mail, number = email_identifier(text_at(row, "email")), phone_identifier(text_at(row, "phone"), region)
    wanted = email_identifier(email)
    return bool(mail and mail == wanted) or bool(number and number.value == phone)


def _identities(api: Api, user_id: str, *kinds: str) -> list[dict[str, Any]]:
    try:
        rows = list(api.all(f"/users/{user_id}/identities", "identities"))
    except Refusal as error:
        if error.status == 404:
            return []
        raise
    return [row for row in rows if row.get("type") in kinds]


def _same(identity: dict[str, Any], email: str) -> bool:
    return (text_at(identity, "value") or "").casefold() == email.casefold()
