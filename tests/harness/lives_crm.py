"""What people do in the CRMs and the shop: HubSpot tells ids only and is read, Salesforce and Shopify tell the change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hub.delivery import Delivery
from infra.local.standins.hubspot_records import Record
from tests.harness import story
from tests.harness.lives import MAILS, PEOPLE, SHOP, SHOP_DOMAIN, Act, Stage, delivered, moment
from tests.harness.sending import Sending

Teller = Callable[[Stage, Act], Iterator[Delivery]]
TITLES = ("Buyer", "Owner", "Head of purchasing", "")


def _typed(act: Act) -> dict[str, str]:
    """What somebody typed: a phone or none, an e-mail or none, and a title."""
    return {
        "phone": act.phone if act.n % 3 != 1 else "",
        "email": MAILS[act.other % len(MAILS)] if act.n % 3 != 2 else "",
        "title": TITLES[act.n % len(TITLES)],
    }


def _name(act: Act) -> str:
    """Their name, or none was given."""
    return "" if act.n % 5 == 4 else f"C{act.who}"


# HubSpot: the account is changed, the notification holds the id, sync_crm reads.


def _contact(who: int, born: int = 0) -> str:
    return str(51_000_001 + who + born * 100)


def _notice(act: Act, contact: str, kind: str, **more: Any) -> Delivery:
    notice = {
        "eventId": int(act.key) * 10 + len(kind),
        "subscriptionType": f"contact.{kind}",
        "objectId": int(contact),
        "occurredAt": story.at_ms(act.seconds),
        **more,
    }
    return delivered(story.hubspot_batch(notice))


def hubspot_saved(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A contact is made, or edited."""
    records, contact, typed = stage.here.hubspot.records, _contact(act.who), _typed(act)
    theirs = {"phone": typed["phone"], "email": typed["email"], "jobtitle": typed["title"], "lastname": _name(act)}
    if ("hubspot", act.who) in stage.buried:
        return
    known = records.of("contacts").get(contact)
    if known is None:
        known = records.of("contacts")[contact] = Record(contact, moment(act), moment(act))
        records.update(known, {name: value for name, value in theirs.items() if value}, source="CRM_UI", at=moment(act))
        yield _notice(act, contact, "creation")
        return
    changed = [name for name, value in theirs.items() if (known.value(name) or "").lower() != value.lower()]
    records.update(known, theirs, source="CRM_UI", at=moment(act))
    for name in changed:
        yield _notice(act, contact, "propertyChange", propertyName=name, propertyValue=theirs[name])


def hubspot_deleted(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A contact goes into the recycle bin, or comes out of it."""
    contacts, key = stage.here.hubspot.records.of("contacts"), ("hubspot", act.who)
    contact = _contact(act.who)
    if contact in contacts:
        stage.buried[key] = contacts.pop(contact)
        yield _notice(act, contact, "deletion")
    elif stage.buried.get(key):
        contacts[contact] = stage.buried.pop(key)
        yield _notice(act, contact, "restore")


def hubspot_merged(stage: Stage, act: Act) -> Iterator[Delivery]:
    """Two contacts become one, which may have an id of its own."""
    contacts, loser = stage.here.hubspot.records.of("contacts"), (act.who + 1 + act.other % (PEOPLE - 1)) % PEOPLE
    kept, gone = contacts.get(_contact(act.who)), contacts.get(_contact(loser))
    if kept is None or gone is None:
        return
    contacts.pop(gone.id)
    stage.buried["hubspot", loser] = None
    for name in gone.history:
        if not kept.value(name) and gone.value(name):
            stage.here.hubspot.records.update(kept, {name: str(gone.value(name))}, source="MERGE", at=moment(act))
    survivor = kept.id
    if act.chosen(2):
        survivor = _contact(act.who, born=1 + act.at)
        contacts[survivor] = contacts.pop(kept.id)
        contacts[survivor].id = survivor
        stage.buried["hubspot", act.who] = None
    named: dict[str, Any] = {"primaryObjectId": int(kept.id) if survivor == kept.id else int(_contact(act.who))}
    named |= {"mergedObjectIds": [int(gone.id)], "newObjectId": int(survivor), "numberOfPropertiesMoved": 1}
    yield _notice(act, survivor, "merge", **named)


# Salesforce: change events hold the change; a read follows where the contact was new to us.


def _row_id(who: int) -> str:
    return ("003A000001HubCoIAK", "003A000001HubCpIAK", "003A000001HubCqIAK", "003A000001HubCrIAK")[who]


def _change(act: Act, kind: str, changed: list[str], values: Mapping[str, Any]) -> Delivery:
    header = {
        "entityName": "Contact",
        "recordIds": [_row_id(act.who)],
        "changeType": kind,
        "changeOrigin": "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/",
        "transactionKey": f"{act.key}-0000-1111-2222-333344445555",
        "sequenceNumber": 1,
        "commitTimestamp": story.at_ms(act.seconds),
        "commitNumber": 12_345_678_900_000 + int(act.key),
        "commitUser": "005A0000000HubUIAW",
        "changedFields": [*changed, "LastModifiedDate"] if kind == "UPDATE" else [],
        "nulledFields": [],
        "diffFields": [],
    }
    envelope = {
        "version": "0",
        "id": f"5e0c8b0a-0000-4000-8000-{int(act.key):012d}",
        "detail-type": "ContactChangeEvent",
        "source": story.EVENT_SOURCE,
        "account": "123456789012",
        "time": datetime.fromtimestamp(story.at_ms(act.seconds) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": {"payload": {"ChangeEventHeader": header, **values}},
    }
    return Delivery(story.SALESFORCE, "salesforce", "crm", "", json.dumps(envelope).encode())


def salesforce_saved(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A contact is made, or edited."""
    rows, typed, key = stage.here.salesforce.rows.of("Contact"), _typed(act), ("salesforce", act.who)
    theirs = {"Phone": typed["phone"], "Email": typed["email"], "Title": typed["title"], "LastName": f"S{act.who}"}
    values: dict[str, Any] = {name: value or None for name, value in theirs.items()}
    if key in stage.buried:
        return
    before = rows.get(_row_id(act.who))
    stamped = {"LastModifiedDate": moment(act), "SystemModstamp": moment(act)}
    rows[_row_id(act.who)] = {"CreatedDate": moment(act), **(before or {}), "Id": _row_id(act.who), **values, **stamped}
    if before is None:
        yield _change(act, "CREATE", [], {name: value for name, value in values.items() if value})
        return
    changed = [name for name, value in values.items() if before.get(name) != value]
    yield _change(act, "UPDATE", changed, {name: values[name] for name in changed})


def salesforce_deleted(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A contact goes into the recycle bin, or comes out of it, whole."""
    rows, key = stage.here.salesforce.rows.of("Contact"), ("salesforce", act.who)
    if _row_id(act.who) in rows:
        stage.buried[key] = rows.pop(_row_id(act.who))
        yield _change(act, "DELETE", [], {})
    elif key in stage.buried:
        row = rows[_row_id(act.who)] = stage.buried.pop(key)
        row |= {"LastModifiedDate": moment(act), "SystemModstamp": moment(act)}
        names = ("Phone", "Email", "Title", "LastName")
        yield _change(act, "UNDELETE", [], {name: row[name] for name in names if row.get(name)})


# Shopify: whole rows; of a merge the ids.


def _shop(act: Act, topic: str, row: Mapping[str, Any]) -> Delivery:
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": SHOP_DOMAIN,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": f"b54557e4-0000-4000-8000-{int(act.key):012d}",
        "x-shopify-event-id": f"98880550-0000-4000-8000-{int(act.key):012d}",
        "x-shopify-triggered-at": moment(act),
    }
    return delivered(Sending(topic, "crm", SHOP, json.dumps(row).encode(), headers))


def _shopper(who: int) -> int:
    return 6_972_943_892_001 + who


def _row(act: Act, known: Mapping[str, Any]) -> dict[str, Any]:
    typed = _typed(act)
    row = {"id": _shopper(act.who), "created_at": moment(act), **known, "updated_at": moment(act)}
    return row | {"phone": typed["phone"] or None, "email": typed["email"] or None, "last_name": f"P{act.who}"}


def shop_saved(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A shop's customer registers, or changes something."""
    key = ("shop", act.who)
    known = stage.fields.get(key)
    if key in stage.buried:
        return
    stage.fields[key] = _row(act, known or {})
    yield _shop(act, "customers/update" if known else "customers/create", stage.fields[key])


def shop_deleted(stage: Stage, act: Act) -> Iterator[Delivery]:
    """A shop's customer is deleted for good, or becomes one with another."""
    gone, kept = ("shop", act.who), ("shop", (act.who + 1 + act.other % (PEOPLE - 1)) % PEOPLE)
    if gone not in stage.fields or gone in stage.buried:
        return
    if not act.chosen(0):
        stage.buried[gone] = None
        yield _shop(act, "customers/delete", {"id": _shopper(gone[1]), "phone": None})
    elif kept in stage.fields and kept not in stage.buried:
        stage.buried[gone] = None
        ids = {"admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{_shopper(kept[1])}"}
        ids |= {"admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{_shopper(gone[1])}"}
        yield _shop(act, "customers/merge", ids)


def ordered(stage: Stage, act: Act) -> Iterator[Delivery]:
    """An order of a shop's customer, or of somebody who did not register."""
    customer = stage.fields.get(("shop", act.who))
    row = {"id": 9_007_199_254_740_993 + int(act.key), "name": f"#{act.key}", "currency": "JPY", "total_price": "3778"}
    row |= {"created_at": moment(act), "updated_at": moment(act), "financial_status": "pending", "line_items": []}
    guest = {"email": MAILS[act.other % len(MAILS)], "phone": None}
    yield _shop(act, "orders/create", row | ({"customer": customer} if customer else guest))


CRM_TELLERS: Mapping[str, Teller] = {
    "HubSpot saved": hubspot_saved,
    "HubSpot deleted": hubspot_deleted,
    "HubSpot merged": hubspot_merged,
    "Salesforce saved": salesforce_saved,
    "Salesforce deleted": salesforce_deleted,
    "shop saved": shop_saved,
    "shop deleted": shop_deleted,
    "ordered": ordered,
}
