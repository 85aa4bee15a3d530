"""Our fields -> what Mailchimp is sent of a member: merge fields, an address as a whole, tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.mailchimp.members import ADDRESS, ADDRESS_PARTS, map_of, own_tags, tags_of
from hub.delivery import Connection
from hub.parsing import dict_at

# Mailchimp takes an address only with these parts filled in.
NEEDED = ("addr1", "city", "state", "zip")
_PREFIX = f"{ADDRESS}."


@dataclass(frozen=True, slots=True)
class Body:
    """`merges` by the audience's own tags, `tags` that the member lacks; `half` are our fields of half an address."""

    merges: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    half: tuple[str, ...] = ()

    @property
    def request(self) -> dict[str, Any]:
        """The part of a request's body."""
        return {"merge_fields": dict(self.merges)} if self.merges else {}


def body_of(fields: Mapping[str, str | None], current: Mapping[str, Any], connection: Connection) -> Body:
    """What the fields come to for a member that is `current` as the API shows it ({} for somebody new)."""
    known = map_of(connection)
    row = known.theirs(fields)
    merges = {tag_of(name, connection): row[name] for name in row if name.isupper()}
    given = {name.removeprefix(_PREFIX): str(row[name]) for name in row if name.startswith(_PREFIX)}
    address = _address(given, current, connection) if given else {}
    if address and not all(address.get(part) for part in NEEDED):
        return Body(half=tuple(sorted(our for our in fields if known.to_theirs.get(our, "").startswith(_PREFIX))))
    merges |= {tag_of(ADDRESS, connection): address or ""} if given else {}
    return Body(merges, tuple(tag for tag in row.get("tags", ()) if tag not in tags_of(current)))


def tag_of(name: str, connection: Connection) -> str:
    """The audience's own merge tag for one that `fields.toml` knows."""
    return next((tag for tag, stands_for in own_tags(connection).items() if stands_for == name), name)


def our_names(names: frozenset[str], connection: Connection) -> tuple[str, ...]:
    """Our fields behind names of Mailchimp's, as far as the map has them."""
    known = own_tags(connection)
    theirs = {known.get(name, name) for name in (one.removeprefix("merge_fields.") for one in names)}
    return tuple(our for our, their in map_of(connection).to_theirs.items() if their.partition(".")[0] in theirs)


def _address(given: Mapping[str, str], current: Mapping[str, Any], connection: Connection) -> dict[str, str]:
    """The address as it will be, for it is replaced as a whole; {} where nothing of it is left but a country."""
    held = dict_at(dict(current), "merge_fields", tag_of(ADDRESS, connection))
    whole = {part: given.get(part, str(held.get(part) or "")) for part in ADDRESS_PARTS}
    filled = {part: value for part, value in whole.items() if value}
    return filled if set(filled) - {"country"} else {}
