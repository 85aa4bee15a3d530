"""Which identifiers a record's fields hold: the claims compared like the identifiers of any delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hub.directory import Directory
from hub.domain.events import Claim, Identifier
from hub.emails import email_identifier
from hub.phones import phone_identifier
from hub.ports import Connections

Reader = Callable[[str, str | None], Identifier | None]


def _email(value: str, _region: str | None) -> Identifier | None:
    return email_identifier(value)


# Fields of a record that name the person's identifiers.
IDENTIFYING: Mapping[str, Reader] = {"email": _email, "phone": phone_identifier, "mobile": phone_identifier}


class Holding:
    """Reads claims with the region of their connection."""

    def __init__(self, directory: Directory, connections: Connections) -> None:
        self._directory = directory
        self._connections = connections

    def of(self, connection_id: str, claims: Iterable[Claim]) -> list[tuple[str, str, str]]:
        """(field, persona, time) of each claim about an identifier; the persona is "" where the field holds none."""
        naming = [claim for claim in claims if claim.field in IDENTIFYING]
        connection = self._connections.get(connection_id) if naming else None
        region = connection.default_region if connection else None
        return [(claim.field, self._persona(claim, region), claim.at) for claim in naming]

    def _persona(self, claim: Claim, region: str | None) -> str:
        found = IDENTIFYING[claim.field](claim.value, region) if claim.value else None
        return self._directory.persona_id(found) if found else ""
