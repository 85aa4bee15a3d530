"""What the platforms send about the town: each in its own shape, ready for its connector."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from hub.delivery import Connection, Delivery
from hub.domain.events import instant
from tests.harness import story
from tests.harness.town_chats import Account, Call, Guest, Move
from tests.harness.town_records import Record, Version

SHOP = "town.myshopify.com"
SHOPIFY = "shopify".ljust(26, "0")
CONNECTIONS: Mapping[str, Connection] = {
    **{one.platform: one for one in story.CONNECTIONS},
    "shopify": Connection(SHOPIFY, "shopify", settings={"shop_domain": SHOP, "default_region": "JP"}),
}
HUBSPOT_NAMES = {
    "first_name": "firstname",
    "last_name": "lastname",
    "email": "email",
    "phone": "phone",
    "mobile": "mobilephone",
}
SALESFORCE_NAMES = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "Email",
    "phone": "Phone",
    "mobile": "MobilePhone",
}


def _delivery(
    platform: str, kind: str, at: int, body: Mapping[str, Any] | list[Any] | bytes, headers: Mapping[str, str]
) -> Delivery:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(CONNECTIONS[platform].id, platform, kind, instant(at + 1_500), sent, headers=headers)


def of_record(record: Record) -> Iterator[Delivery]:
    """All that the record's platform ever sends about it."""
    yield from {"hubspot": _hubspot, "salesforce": _salesforce, "shopify": _shopify}[record.platform](record)


def changes(record: Record) -> Iterator[tuple[Version, tuple[str, ...]]]:
    """Each version after the first, with the fields that are new in it."""
    for before, after in zip(record.versions, record.versions[1:], strict=False):
        yield after, tuple(name for name, text in after.fields.items() if before.fields.get(name) != text)


def _hubspot(record: Record) -> Iterator[Delivery]:
    yield _touch(record, "creation", record.versions[0].at, 0, changeFlag="CREATED")
    for version, names in changes(record):
        for number, name in enumerate(names, 1):
            their = HUBSPOT_NAMES[name]
            said = {"propertyName": their, "propertyValue": version.fields[name]}
            yield _touch(record, "propertyChange", version.at, number, **said)
    if record.deleted_at:
        yield _touch(record, "deletion", record.deleted_at, 5, changeFlag="DELETED")
    if record.restored_at:
        yield _touch(record, "restore", record.restored_at, 6)
    if record.merged and record.merged_at:
        ids = {"primaryObjectId": int(record.merged.id), "mergedObjectIds": [int(record.id)]}
        yield _touch(record.merged, "merge", record.merged_at, 7, **ids, numberOfPropertiesMoved=2)


def _touch(record: Record, word: str, at: int, number: int, **said: Any) -> Delivery:
    event = {
        "eventId": int(record.id) * 10 + number,
        "subscriptionId": 11,
        "portalId": story.PORTAL,
        "appId": 9001,
        "subscriptionType": f"contact.{word}",
        "objectId": int(record.id),
        "occurredAt": at,
        "attemptNumber": 0,
        "changeSource": "CRM_UI",
        **said,
    }
    return _delivery("hubspot", "crm", at, [event], {})


def _salesforce(record: Record) -> Iterator[Delivery]:
    first = record.versions[0]
    yield _change(record, "CREATE", first.at, first.fields, ())
    for version, names in changes(record):
        yield _change(record, "UPDATE", version.at, {name: version.fields[name] for name in names}, names)
    if record.deleted_at:
        yield _change(record, "DELETE", record.deleted_at, {}, ())
    if record.restored_at:
        yield _change(record, "UNDELETE", record.restored_at, record.versions[-1].fields, ())


def _change(record: Record, kind: str, at: int, fields: Mapping[str, str], changed: tuple[str, ...]) -> Delivery:
    entity = record.object.capitalize()
    theirs = {SALESFORCE_NAMES[name]: text for name, text in fields.items() if text}
    parts = {name: theirs.pop(name) for name in ("FirstName", "LastName") if name in theirs}
    named = [SALESFORCE_NAMES[name] for name in changed]
    header = {
        "entityName": entity,
        "recordIds": [record.id],
        "changeType": kind,
        "changeOrigin": "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/",
        "transactionKey": f"{record.id}-{kind}-{at}",
        "sequenceNumber": 1,
        "commitTimestamp": at,
        "commitNumber": at,
        "commitUser": "005A0000000HubUIAW",
        "changedFields": [f"Name.{name}" if name in parts else name for name in named],
        "nulledFields": [],
        "diffFields": [],
    }
    payload = {"ChangeEventHeader": header, **({"Name": parts} if parts else {}), **theirs}
    return _delivery("salesforce", "crm", at, _relayed(entity, at, payload), {})


def _relayed(entity: str, at: int, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "5e0c8b0a-0000-4000-8000-000000000001",
        "detail-type": f"{entity}ChangeEvent",
        "source": story.EVENT_SOURCE,
        "account": "123456789012",
        "time": instant(at),
        "region": "us-east-1",
        "resources": [],
        "detail": {"payload": payload},
    }


def _shopify(record: Record) -> Iterator[Delivery]:
    for number, version in enumerate(record.versions):
        yield _news("customers/update" if number else "customers/create", version.at, _customer(record, version))
    if record.deleted_at:
        yield _news("customers/delete", record.deleted_at, {"id": int(record.id)})
    if record.restored_at:
        # A shop cannot undelete: what the hub hears of next is the customer being there.
        yield _news("customers/update", record.restored_at, _customer(record, record.versions[-1], record.restored_at))
    if record.merged and record.merged_at:
        kept, gone = (f"gid://shopify/Customer/{one.id}" for one in (record.merged, record))
        ids = {"admin_graphql_api_customer_kept_id": kept, "admin_graphql_api_customer_deleted_id": gone}
        yield _news("customers/merge", record.merged_at, {**ids, "status": "completed", "errors": []})


def _customer(record: Record, version: Version, at: int = 0) -> dict[str, Any]:
    texts = {name: version.fields.get(name) or None for name in ("first_name", "last_name", "email", "phone")}
    times = {"created_at": instant(record.versions[0].at), "updated_at": instant(at or version.at)}
    return {"id": int(record.id), **texts, **times, "state": "enabled", "currency": "JPY", "tags": "", "addresses": []}


def of_guest(order: Guest) -> Delivery:
    """An order without an account."""
    number = order.at // 1000 * 100_000 + order.person
    body = {
        "id": number,
        "name": f"#{order.person}",
        "created_at": instant(order.at),
        "updated_at": instant(order.at),
        "email": order.mail,
        "phone": order.phone,
        "customer": None,
        "currency": "JPY",
        "total_price": "2980",
        "financial_status": "paid",
        "line_items": [],
    }
    return _news("orders/create", order.at, body)


def _news(topic: str, at: int, body: Mapping[str, Any]) -> Delivery:
    headers = {
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": SHOP,
        "x-shopify-event-id": f"{topic}-{body.get('id', 0)}-{at}",
        "x-shopify-triggered-at": instant(at + 500),
    }
    return _delivery("shopify", "crm", at, body, headers)


def of_account(account: Account) -> Iterator[Delivery]:
    """The account's messages and announced changes."""
    for number, chat in enumerate(account.chats):
        shown = {"from": chat.phone[1:]} if chat.phone else {}
        profile = {"name": account.profile, **({} if chat.phone else {"username": account.username})}
        contact = {"profile": profile, "user_id": chat.user, **({"wa_id": chat.phone[1:]} if chat.phone else {})}
        who = {**shown, "from_user_id": chat.user}
        message = _message(f"wamid.{chat.user}.{number}", chat.at, "text", {"body": "こんにちは"}, who)
        yield _value(chat.at, {"contacts": [contact], "messages": [message]})
    for move in account.moves:
        yield from _moved(move)


def _moved(move: Move) -> Iterator[Delivery]:
    said = {"type": "user_changed_number", "wa_id": move.new_phone[1:], "user_id": move.new_user}
    who = {"from": move.old_phone[1:]}
    yield _value(move.at, {"messages": [_message(f"wamid.{move.old_user}.N", move.at, "system", said, who)]})
    ids = {"type": "user_changed_user_id", "previous_user_id": move.old_user, "user_id": move.new_user}
    yield _value(move.at, {"messages": [_message(f"wamid.{move.old_user}.U", move.at, "system", ids, {})]})


def _message(name: str, at: int, kind: str, content: Mapping[str, Any], who: Mapping[str, str]) -> dict[str, Any]:
    return {"id": name, "timestamp": str(at // 1000), "type": kind, kind: dict(content), **who}


def _value(at: int, value: Mapping[str, Any]) -> Delivery:
    metadata = {"display_phone_number": "15550100001", "phone_number_id": story.BUSINESS_NUMBER_ID}
    full = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": story.WABA_ID, "changes": [{"field": "messages", "value": full}]}
    return _delivery("whatsapp_cloud", "whatsapp", at, {"object": "whatsapp_business_account", "entry": [entry]}, {})


def of_call(call: Call, number: int, own: str) -> Delivery:
    """The end of a phone call with one of our numbers."""
    here, there = (own, call.number) if not call.inbound else (call.number, own)
    form = {
        "AccountSid": story.ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{number:032x}",
        "From": here,
        "To": there,
        "Direction": "inbound" if call.inbound else "outbound-api",
        "CallStatus": "completed",
        "CallDuration": "62",
        "SequenceNumber": "3",
        "Timestamp": format_datetime(datetime.fromtimestamp(call.at // 1000, UTC)),
        "CallbackSource": "call-progress-events",
    }
    return _delivery("twilio", "telephony", call.at, urlencode(form).encode(), story.TWILIO_FORM)
