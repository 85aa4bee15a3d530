"""Who has a phone or an e-mail: candidates, each compared with what is asked for.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_sosl_find.htm (read
November 2026)
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.salesforce.api import Api
from connectors.salesforce.business import NATIVE, PEOPLE
from connectors.salesforce.ids import canonical
from connectors.salesforce.soql import select, text
from hub.delivery import Connection
from hub.errors import Reject
from hub.parsing import text_at
from hub.phones import phone_identifier

MOST = 200
PHONES = {"Contact": ("Phone", "MobilePhone"), "Lead": ("Phone", "MobilePhone"), "Account": ("Phone",)}


@dataclass(frozen=True, slots=True)
class Finding:
    """Searches one organization."""

    api: Api
    connection: Connection

    def find(self, kind: str, phone: str | None, email: str | None) -> list[str]:
        """Ids of those with exactly that phone or e-mail; a phone changed within the last minutes may be missed."""
        if kind not in {*PEOPLE, "company"}:
            raise Reject(f"a {kind} of Salesforce is not found by phone or e-mail")
        found = self._by_email(NATIVE[kind], email) if email and kind in PEOPLE else []
        found += self._by_phone(NATIVE[kind], phone) if phone else []
        return list(dict.fromkeys(found))

    def _by_email(self, entity: str, email: str) -> list[str]:
        rows = self.api.query(select(("Id",), entity, f"Email = {text(email)}", limit=MOST)).rows
        return [one for row in rows if (one := canonical(text_at(row, "Id")))]

    def _by_phone(self, entity: str, phone: str) -> list[str]:
        terms = _as_typed(phone)
        names = PHONES[entity]
        returning = f"{entity}(Id, {', '.join(names)} LIMIT {MOST})"
        rows = self.api.search(f"FIND {{{' OR '.join(terms)}}} IN PHONE FIELDS RETURNING {returning}") if terms else []
        return [one for row in rows if self._has(row, names, phone) and (one := canonical(text_at(row, "Id")))]

    def _has(self, row: dict[str, object], names: tuple[str, ...], phone: str) -> bool:
        held = (phone_identifier(text_at(row, name), self.connection.default_region) for name in names)
        return any(one is not None and one.value == phone for one in held)


def _as_typed(phone: str) -> list[str]:
    """The digits of a number as people type it: from abroad, at home, and without the 0 in front."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return []
    significant = phonenumbers.national_significant_number(number)
    at_home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(sign for sign in at_home if sign.isdigit())
    return list(dict.fromkeys([phone.removeprefix("+"), digits, significant]))
