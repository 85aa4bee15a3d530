"""Which identifiers a record's fields hold: the claims compared like the identifiers of any delivery."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from hub.directory import Directory
from hub.domain.customers import fold_claims
from hub.domain.events import Claim, Identifier, RecordChangedData
from hub.domain.told import is_ours
from hub.domains import domain_identifier
from hub.emails import email_identifier
from hub.phones import phone_identifier
from hub.ports import Connections

Reader = Callable[[str, str | None], Identifier | None]


def _email(value: str, _region: str | None) -> Identifier | None:
    return email_identifier(value)


def _domain(value: str, _region: str | None) -> Identifier | None:
    return domain_identifier(value)


# Fields of a record that name its identifiers: a person's phones and e-mails, a company's domain.
PERSONS: Mapping[str, Reader] = {"email": _email, "phone": phone_identifier, "mobile": phone_identifier}
COMPANIES: Mapping[str, Reader] = {"domain": _domain, "website": _domain}


def identifying(kind: str) -> Mapping[str, Reader]:
    """The fields that name identifiers of a kind of record."""
    return COMPANIES if kind == "company" else PERSONS


def written_by_us(kind: str, fields: Mapping[str, Any], claims: Iterable[Claim]) -> frozenset[str]:
    """Of a record of that kind, which identifying fields hold, with these claims, what we wrote there; `fields` are a record's registers.

    An echo is no evidence: what we wrote because two records are one person's must not be why they are.
    """
    naming = [claim.model_dump() for claim in claims if claim.field in identifying(kind)]
    if not any("wrote" in fields.get(claim["field"], {}) for claim in naming):
        return frozenset()
    known = {name: fields[name] for name in identifying(kind) if name in fields}
    folded = fold_claims(known, naming)
    return frozenset(claim["field"] for claim in naming if is_ours(folded[claim["field"]], claim))


def became_another(connection_id: str, data: RecordChangedData) -> bool:
    """Whether a deleted record was merged into another one, which it names and which speaks for both."""
    own = data.record.identifier(connection_id)
    return any(one.kind == "record" and one != own for one in data.identifiers)


class Holding:
    """Reads the claims about records with the region of their connection."""

    def __init__(self, directory: Directory, connections: Connections) -> None:
        self._directory = directory
        self._connections = connections

    def keeps(self, connection_id: str) -> bool:
        """Whether what a deleted record of the connection said counts all the same, by its setting `on_delete`."""
        connection = self._connections.get(connection_id)
        return connection is not None and connection.settings.get("on_delete") == "ignore"

    def of(
        self, connection_id: str, kind: str, claims: Iterable[Claim], ours: Collection[str] = ()
    ) -> list[tuple[str, str, str]]:
        """(field, persona, time) of each claim about an identifier; the persona is "" where the field holds none.

        What we wrote into the fields in `ours` is nobody's word there: it counts as none.
        """
        naming = [claim for claim in claims if claim.field in identifying(kind)]
        region = self._region(connection_id) if naming else None
        return [
            (one.field, "" if one.field in ours else self._persona(identifying(kind)[one.field], one, region), one.at)
            for one in naming
        ]

    def without(
        self, connection_id: str, data: RecordChangedData, identifiers: Sequence[Identifier], ours: Collection[str]
    ) -> tuple[Identifier, ...]:
        """The identifiers that somebody there vouches for: not those which only the fields in `ours` hold."""
        fields, region = identifying(data.record.object), self._region(connection_id) if ours else None
        named = [(one.field, one.value) for one in data.claims if one.field in fields and one.value is not None]
        read = [(field, fields[field](value, region)) for field, value in named]
        written = {one for field, one in read if field in ours}
        vouched = {one for field, one in read if field not in ours}
        return tuple(one for one in identifiers if one not in written or one in vouched)

    def _region(self, connection_id: str) -> str | None:
        connection = self._connections.get(connection_id)
        return connection.default_region if connection else None

    def _persona(self, read: Reader, claim: Claim, region: str | None) -> str:
        found = read(claim.value, region) if claim.value else None
        return self._directory.persona_id(found) if found else ""


def domains_of(data: RecordChangedData) -> tuple[Identifier, ...]:
    """The domains that a company's record names."""
    named = [COMPANIES[claim.field](claim.value or "", None) for claim in data.claims if claim.field in COMPANIES]
    return tuple(dict.fromkeys(one for one in named if one))
