"""What the platforms send in the story, byte by byte, in the shapes that they document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from infra.local.standins.accounts import Accounts
from infra.local.story.person import Person

JSON = {"content-type": "application/json"}
XML = {"content-type": "text/xml; charset=utf-8"}
FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
CALL_S = 95
RECORDED_S = 88
SALESFORCE_BUS = "salesforce-events"  # a bus of our own cannot have a partner's name


def hubspot_batch(known: Accounts, person: Person, contact_id: str, attempt: int = 0) -> bytes:
    """The creation of the contact and the change of two properties, which HubSpot sends together, ids only."""
    common = _of_hubspot(known, contact_id) | {"attemptNumber": attempt}
    created = {"subscriptionType": "contact.creation", "subscriptionId": 3_100_001, "changeFlag": "CREATED"}
    parts: list[dict[str, Any]] = [created]
    for number, (name, value) in enumerate((("phone", person.phone_as_typed), ("lastname", person.family)), 2):
        change = {"subscriptionType": "contact.propertyChange", "propertyName": name, "propertyValue": value}
        parts.append(change | {"subscriptionId": 3_100_000 + number})
    first_id = int(person.token("event")[:8], 16)
    times = [{"eventId": first_id + number, "occurredAt": person.at_ms(0) + number} for number in range(len(parts))]
    return _json([part | common | time for part, time in zip(parts, times, strict=True)])


def hubspot_created(known: Accounts, contacts: Mapping[str, Person]) -> bytes:
    """The creations of several contacts, by their ids."""
    kind = {"subscriptionType": "contact.creation", "subscriptionId": 3_100_001, "changeFlag": "CREATED"}
    return _json([_hubspot_event(known, one, person, kind, 0) for one, person in contacts.items()])


def hubspot_changed(known: Accounts, person: Person, contact_id: str, name: str, value: str, minute: float) -> bytes:
    """The change of one property in that minute."""
    change = {"subscriptionType": "contact.propertyChange", "propertyName": name, "propertyValue": value}
    return _json([_hubspot_event(known, contact_id, person, change | {"subscriptionId": 3_100_004}, minute)])


def _of_hubspot(known: Accounts, contact_id: str) -> dict[str, Any]:
    return {
        "appId": known.hubspot_app_id,
        "portalId": known.hubspot_portal_id,
        "objectId": int(contact_id),
        "changeSource": "CRM_UI",
        "sourceId": "userId:70017",
        "attemptNumber": 0,
    }


def _hubspot_event(
    known: Accounts, contact_id: str, person: Person, kind: Mapping[str, Any], minute: float
) -> dict[str, Any]:
    event_id = int(person.token(f"event {kind['subscriptionType']}")[:8], 16)
    return {**kind, **_of_hubspot(known, contact_id), "eventId": event_id, "occurredAt": person.at_ms(minute)}


def whatsapp_phoneless(known: Accounts, person: Person, number: int, text: str) -> bytes:
    """A text of somebody with a username: no phone anywhere; `number` tells one text from another."""
    name = f"{person.family} {person.given}"
    contact = {"profile": {"name": name, "username": f"@{person.username}"}, "user_id": person.whatsapp_user_id}
    message = {
        "from_user_id": person.whatsapp_user_id,
        "id": _wamid(person, f"phoneless {number}"),
        "timestamp": str(person.at_ms(4 + number) // 1000),
        "type": "text",
        "text": {"body": text},
    }
    return _whatsapp(known, contact, message)


def whatsapp_text(known: Accounts, person: Person) -> bytes:
    """A text from her number, with phone and business-scoped user id."""
    contact = {"profile": {"name": person.given}, "wa_id": person.phone[1:], "user_id": person.whatsapp_user_id}
    message = {
        "from": person.phone[1:],
        "from_user_id": person.whatsapp_user_id,
        "id": _wamid(person, "text"),
        "timestamp": str(person.at_ms(2) // 1000),
        "type": "text",
        "text": {"body": "こんにちは。来週の見学はまだ予約できますか？"},
    }
    return _whatsapp(known, contact, message)


def whatsapp_image(known: Accounts, person: Person) -> bytes:
    """An image after she took a username: no phone anywhere, only the business-scoped user id."""
    contact = {"profile": {"name": person.given, "username": f"@{person.username}"}, "user_id": person.whatsapp_user_id}
    image = {"caption": "この地図で合っていますか", "mime_type": "image/jpeg", "id": media_id(person)}
    message = {
        "from_user_id": person.whatsapp_user_id,
        "id": _wamid(person, "image"),
        "timestamp": str(person.at_ms(3) // 1000),
        "type": "image",
        "image": image | {"sha256": "nLKqPbVxEnq0bqW5Wc4Pj1oH9G5bLSyBn8pDwJ1kOz4="},
    }
    return _whatsapp(known, contact, message)


def media_id(person: Person) -> str:
    """The id by which the image is fetched."""
    return str(5_000_000_000_000_000 + int(person.token("media")[:12], 16) % 10**15)


def call_incoming(known: Accounts, person: Person) -> bytes:
    """The request that Twilio waits to be answered with instructions."""
    return _call(known, person, "ringing", CallToken="local", StirVerstat="No-TN-Validation")


def call_statuses(known: Accounts, person: Person) -> list[tuple[str, bytes]]:
    """What each status callback is about, and its body, in the order in which things happened."""
    steps: list[tuple[str, float, dict[str, str]]] = [
        ("ringing", 5.0, {}),
        ("in-progress", 5.2, {}),
        ("completed", 5.2 + CALL_S / 60, {"CallDuration": str(CALL_S), "Duration": "2"}),
    ]
    return [
        (word, _call(known, person, word, **_progress(person, number, minute), **more))
        for number, (word, minute, more) in enumerate(steps, 1)
    ]


def call_recording(known: Accounts, person: Person) -> bytes:
    """The recording, which names the call and nobody in it."""
    recording = "RE" + person.token("recording")
    url = f"https://api.twilio.com/2010-04-01/Accounts/{known.twilio_account_sid}/Recordings/{recording}"
    return urlencode(
        {
            "AccountSid": known.twilio_account_sid,
            "CallSid": call_sid(person),
            "RecordingSid": recording,
            "RecordingUrl": url,
            "RecordingStatus": "completed",
            "RecordingDuration": str(RECORDED_S),
            "RecordingChannels": "2",
            "RecordingSource": "DialVerb",
            "RecordingTrack": "both",
            "RecordingStartTime": _rfc2822(person.at_ms(5.3)),
            "ErrorCode": "0",
        }
    ).encode()


def call_sid(person: Person) -> str:
    """Twilio's id of the call."""
    return "CA" + person.token("call")


def title_change(person: Person, contact_id: str) -> dict[str, Any]:
    """The detail of Salesforce's Change Data Capture event as Event Relay hands it on: the title and nothing else."""
    at_ms = person.at_ms(9)
    header = {
        "entityName": "Contact",
        "recordIds": [contact_id],
        "changeType": "UPDATE",
        "changeOrigin": "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/",
        "transactionKey": f"000{person.token('transaction')[:5]}-0000-4000-8000-{person.token('commit')[:12]}",
        "sequenceNumber": 1,
        "commitTimestamp": at_ms,
        "commitNumber": 1_760_000_000_000_000_000 + person.number,
        "commitUser": "005RK0000000001AAA",
        "changedFields": ["Title", "LastModifiedDate"],
        "nulledFields": [],
        "diffFields": [],
    }
    modified = datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"payload": {"ChangeEventHeader": header, "Title": person.new_title, "LastModifiedDate": modified}}


def outbound_message(known: Accounts, person: Person, contact_id: str, phone: str) -> bytes:
    """A flow's outbound message with selected fields of the contact; its session id has been empty since 2026."""
    modified = datetime.fromtimestamp(person.at_ms(9.5) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound">
<OrganizationId>{known.salesforce_organization_id}</OrganizationId><ActionId>04kRK0000000001AAA</ActionId>
<SessionId/><EnterpriseUrl>https://renkei.example.com/services/Soap/c/67.0</EnterpriseUrl>
<PartnerUrl>https://renkei.example.com/services/Soap/u/67.0</PartnerUrl>
<Notification><Id>04l{person.token("notification")[:15]}</Id>
<sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
<sf:Id>{contact_id}</sf:Id><sf:Phone>{phone}</sf:Phone><sf:SystemModstamp>{modified}</sf:SystemModstamp>
</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>""".encode()


def event_source(known: Accounts) -> str:
    """The partner event source of Salesforce's relay; on AWS its bus has the same name."""
    return f"aws.partner/salesforce.com/{known.salesforce_organization_id}/0YLRK0000000001AAA"


def _whatsapp(known: Accounts, contact: Mapping[str, Any], message: Mapping[str, Any]) -> bytes:
    metadata = {"display_phone_number": known.meta_phone_number, "phone_number_id": known.meta_phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact], "messages": [message]}
    entry = {"id": known.meta_business_account_id, "changes": [{"value": value, "field": "messages"}]}
    return _json({"object": "whatsapp_business_account", "entry": [entry]})


def _call(known: Accounts, person: Person, status: str, **more: str) -> bytes:
    form = {
        "AccountSid": known.twilio_account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call_sid(person),
        "CallStatus": status,
        "Called": known.twilio_number,
        "Caller": person.phone,
        "CallerCity": "",
        "CallerCountry": "JP",
        "CallerState": "",
        "CallerZip": "",
        "Direction": "inbound",
        "From": person.phone,
        "To": known.twilio_number,
    }
    return urlencode(form | more).encode()


def _progress(person: Person, number: int, minute: float) -> dict[str, str]:
    when = _rfc2822(person.at_ms(minute))
    return {"CallbackSource": "call-progress-events", "SequenceNumber": str(number), "Timestamp": when}


def _rfc2822(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def _wamid(person: Person, what: str) -> str:
    return f"wamid.HBgM{person.token(what)[:28].upper()}=="


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()  # escaped as Meta and HubSpot escape it
