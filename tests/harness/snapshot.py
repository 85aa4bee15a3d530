"""What is left of a world at rest, as people and platforms see it: the same for any order, copies and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from hub.directory import Directory
from hub.domain.events import unix_ms
from hub.ports import Item
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.salesforce import Salesforce
from tests.harness.accounts import Accounts
from tests.harness.seen import ABOUT_DECISIONS, people
from tests.harness.world import World

VOLATILE = frozenset({"CreatedDate", "LastModifiedDate", "SystemModstamp"})


def snapshot(world: World, accounts: Accounts) -> dict[str, Any]:
    """Customers with their timelines, what is set aside, what waits, dead letters, and the CRMs' records."""
    items = world.store.everything()
    ours = _written_here(items)
    return {
        "customers": _without(ours, _customers(world, items)),
        "nobody's entries": sum(1 for item in items if item.sk == "ENTRY" and item.body["persona"] is None),
        "set aside": _set_aside(items),
        "decided": _decided(items),
        "told": sorted(_told(item) for item in items if item.sk == "ENTRY" and item.body["kind"] in ABOUT_DECISIONS),
        "matched": [(item.pk, item.sk, _undated(item.body)) for item in items if item.pk.startswith(("S#", "N#"))],
        "refused to people": [status for _path, status, _body in world.people.refused],
        "waiting": sum(item.sk.startswith("PENDING#") for item in items),
        # A dead letter may be there twice: putting it back twice changes nothing.
        "dead": {queue: sorted({(one.body, one.reason) for one in letters}) for queue, letters in world.dead().items()},
        "stream failures": len(world.stream_failures),
        "hubspot": _without(ours, _hubspot(accounts.hubspot)),
        "salesforce": _without(ours, _salesforce(accounts.salesforce)),
    }


def _written_here(items: list[Item]) -> list[str]:
    """Ids and times of what was written from here, as they show: they differ where it had to be asked again."""
    found = []
    for item in items:
        if item.sk.startswith("CHOICE#"):
            found += [text for one in item.body["history"] for text in (one["id"], one["at"])]
        if item.sk == "ENTRY" and item.body["kind"] == "sync":
            found += [item.pk.removeprefix("E#"), *(fact["at"] for fact in item.body["facts"].values())]
        if item.sk == "ENTRY" and item.body["kind"] == "activity" and item.body["connection"] == "renkei":
            (fact,) = item.body["facts"].values()
            at_ms = unix_ms(fact["at"])
            forms = (fact["at"], str(at_ms), fact["at"][:19].replace("T", " "), fact["at"][:16].replace("T", " "))
            found += [item.pk.removeprefix("E#"), fact["data"]["activity_id"], *forms]
    return found


def _without(texts: list[str], value: Any) -> Any:
    """The value, in which these texts are all one."""
    if isinstance(value, dict):
        return {_without(texts, name): _without(texts, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without(texts, one) for one in value]
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, "~")
    return value


def _customers(world: World, items: list[Item]) -> list[dict[str, Any]]:
    found = people(Directory(world.store, world.plain_hub.secrets.hash_key()), items)
    return [_timeless(customer) for customer in found]


def _timeless(customer: dict[str, Any]) -> dict[str, Any]:
    """Without the times that are our own clock's: when we made a contact, when somebody got through to the API."""
    reasons = [{**link, "reasons": [one["reason"] for one in link["reasons"]]} for link in customer["links"]]
    fields = {
        name: field | ({"at": ""} if field["policy"] == "pinned" else {}) for name, field in customer["fields"].items()
    }
    told = [_to_the_second(entry) for entry in customer["timeline"]]
    return {**customer, "links": reasons, "fields": fields, "timeline": told, "history": _history(customer)}


def _history(customer: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Without what rows say that nobody said: that a field is empty from the start, and when what we wrote was written."""
    entries = [entry["shown"]["written"] for entry in customer["timeline"] if entry["kind"] == "sync"]
    written = {(one["field"], one["value"]) for several in entries for one in several}

    def shown(name: str, claim: dict[str, Any]) -> dict[str, Any]:
        ours = claim["precision"] == "row" and (name, claim["value"]) in written
        return claim | {"at": ""} if ours else claim

    said = {name: _said(claims) for name, claims in customer["history"].items()}
    return {name: [shown(name, one) for one in claims] for name, claims in said.items() if claims}


def _said(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row that is empty from the start is no claim (hub.domain.told)."""
    filled, told = set[str](), list[dict[str, Any]]()
    for one in claims:
        source = one["source"]["connection"]
        filled |= {source} if one["value"] else set()
        told += [one] if one["value"] or one["precision"] == "field" or source in filled else []
    return told


def _to_the_second(entry: dict[str, Any]) -> dict[str, Any]:
    """A writing says when its value was said: by the change, or by the row read first, which tells its second alone."""
    if entry["kind"] != "sync":
        return entry
    written = [one | {"said_at": one["said_at"][:19]} for one in entry["shown"]["written"]]
    return {**entry, "shown": {**entry["shown"], "written": written}}


def _decided(items: list[Item]) -> list[tuple[str, str, list[str]]]:
    """What people decided, in order; when, and under which id, differs where they had to ask again."""
    histories = ((item, item.body.get("decisions") or item.body.get("history")) for item in items)
    kinds = ("PAIR#", "MARK", "PIN#", "CHOICE#")
    return [
        (item.pk, item.sk, [str(_undated(one)) for one in history])
        for item, history in histories
        if history and item.sk.startswith(kinds)
    ]


def _told(item: Item) -> str:
    """What the timeline says of a decision."""
    (fact,) = item.body["facts"].values()
    return str((item.body["persona"], _undated(fact["data"])))


def _undated(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sorted(said.items()) if name not in ("at", "id", "decision")}


def _set_aside(items: list[Item]) -> list[tuple[str, str]]:
    aside = [item for item in items if item.pk.startswith("ASIDE#") and item.pk != "ASIDE#counts"]
    return sorted((item.sk, str(item.body.get("reason") or item.body.get("type"))) for item in aside)


def _hubspot(hubspot: HubSpot) -> dict[str, Any]:
    """Each record by its values, with how often it is there; its own id may differ from run to run."""
    return {kind: _counted(_hubspot_row(hubspot, kind, one) for one in hubspot.records.of(kind)) for kind in KINDS}


KINDS = ("contacts", "calls", "communications", "notes", "tasks")


def _hubspot_row(hubspot: HubSpot, kind: str, record_id: str) -> str:
    record = hubspot.records.of(kind)[record_id]
    values = {name: record.value(name) for name in sorted(record.history)}
    return str((values, [(one["object"], one["id"]) for one in hubspot.records.associated(kind, record_id)]))


def _salesforce(salesforce: Salesforce) -> dict[str, Any]:
    return {
        kind: _counted(
            str({name: value for name, value in sorted(row.items()) if name not in VOLATILE | {"Id"}})
            for row in rows.values()
        )
        for kind, rows in salesforce.rows.by_object.items()
        if rows
    }


def _counted(rows: Any) -> dict[str, int]:
    return dict(sorted(Counter(rows).items()))


def differences(expected: Any, actual: Any, path: str = "") -> Iterator[str]:
    """Where two snapshots differ, and how, one text per place."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in sorted({*expected, *actual}):
            yield from differences(expected.get(name), actual.get(name), f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for number, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif expected != actual:
        yield f"{path} is {str(actual)[:300]} instead of {str(expected)[:300]}"
