"""The story: one person in HubSpot, on WhatsApp, on the phone and in Salesforce, as the platforms send it.

Every name, number and id is made up; the shapes are those of the platforms' documents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from hub.delivery import Connection
from tests.harness.sending import Sending

NOW = 1_790_000_000.0  # 2026-09-21T13:33:20Z
PHONE = "+819012345678"
PHONE_AS_TYPED = "090-1234-5678"
USER_ID = "JP.90210000000000001"
NAME = "高橋 美咲"
TITLE_AFTER = "Head of Operations"
PORTAL = 48_151_623
HUBSPOT_CONTACT = "51000001"
BUSINESS_NUMBER_ID = "310000000000001"
WABA_ID = "210000000000001"
ACCOUNT_SID = "AC" + "a1" * 16
CALL_SID = "CA" + "b2" * 16
RECORDING_SID = "RE" + "c3" * 16
ORGANIZATION = "00DA0000000HubOMAK"
SALESFORCE_CONTACT = "003A000001HubCoIAK"
EVENT_SOURCE = f"aws.partner/salesforce.com/{ORGANIZATION}/0YLA0000000HubOOAS"

HUBSPOT, WHATSAPP, TWILIO, SALESFORCE = (
    name.ljust(26, "0") for name in ("hubspot", "whatsapp", "twilio", "salesforce")
)

CONNECTIONS = (
    Connection(
        HUBSPOT,
        "hubspot",
        settings={
            "portal_id": str(PORTAL),
            "default_region": "JP",
            "base_url": "https://api.hubapi.com",
            "app_id": "9001",
        },
    ),
    Connection(
        WHATSAPP,
        "whatsapp_cloud",
        settings={"phone_number_ids": [BUSINESS_NUMBER_ID], "portfolio_id": "pf1"},
    ),
    Connection(TWILIO, "twilio", settings={"account_sid": ACCOUNT_SID, "default_region": "JP"}),
    Connection(
        SALESFORCE,
        "salesforce",
        settings={
            "organization_id": ORGANIZATION,
            "event_source": EVENT_SOURCE,
            "default_region": "JP",
            "login_url": "https://login.salesforce.com",
            "username": "renkei@example.com",
        },
    ),
)

SECRETS: dict[str, dict[str, Any]] = {
    HUBSPOT: {
        "signing": [{"id": "1", "value": "hubspot-client-secret", "not_after": None}],
        "access_token": "hs-token",
    },
    WHATSAPP: {"signing": [{"id": "1", "value": "meta-app-secret", "not_after": None}], "verify_token": "meta-verify"},
    TWILIO: {"signing": [{"id": "1", "value": "twilio-auth-token", "not_after": None}]},
    SALESFORCE: {"signing": [{"id": "1", "value": "sf-path-token", "not_after": None}], "client_id": "sf-client"},
}

TWILIO_FORM = {"content-type": "application/x-www-form-urlencoded"}
START_MS = int(NOW * 1000) - 600_000


def at_ms(seconds: float) -> int:
    """Unix milliseconds, that many seconds into the story."""
    return START_MS + round(seconds * 1000)


def hubspot_batch(*events: Mapping[str, Any], name: str = "hubspot") -> Sending:
    """One HubSpot delivery of these notifications."""
    common = {"subscriptionId": 11, "portalId": PORTAL, "appId": 9001, "attemptNumber": 0, "changeSource": "CRM_UI"}
    body = json.dumps([{**common, **event} for event in events]).encode()
    return Sending(name, "crm", HUBSPOT, body, {"content-type": "application/json"})


def contact_created(contact: str, seconds: float) -> dict[str, Any]:
    """HubSpot's notification that a contact was created."""
    return {
        "eventId": int(contact) * 10,
        "subscriptionType": "contact.creation",
        "objectId": int(contact),
        "changeFlag": "CREATED",
        "occurredAt": at_ms(seconds),
    }


def property_changed(contact: str, number: int, name: str, value: str, seconds: float) -> dict[str, Any]:
    """HubSpot's notification that a property of a contact changed."""
    return {
        "eventId": int(contact) * 10 + number,
        "subscriptionType": "contact.propertyChange",
        "objectId": int(contact),
        "propertyName": name,
        "propertyValue": value,
        "occurredAt": at_ms(seconds),
    }


def whatsapp(name: str, *, contacts: list[Any] | None = None, **value: Any) -> Sending:
    """One Meta delivery with this `messages` value."""
    metadata = {"display_phone_number": "15550100001", "phone_number_id": BUSINESS_NUMBER_ID}
    full = {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        **({"contacts": contacts} if contacts else {}),
        **value,
    }
    changes = [{"field": "messages", "value": full}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": changes}]}).encode()
    return Sending(name, "whatsapp", WHATSAPP, body, {"content-type": "application/json"})


def message(message_id: str, seconds: float, kind: str, content: Mapping[str, Any], **who: str) -> dict[str, Any]:
    """An inbound WhatsApp message; `who` are from and from_user_id."""
    return {"id": message_id, "timestamp": str(at_ms(seconds) // 1000), "type": kind, kind: dict(content), **who}


def status(message_id: str, word: str, seconds: float, recipient: str) -> dict[str, Any]:
    """A status of an outbound WhatsApp message."""
    return {"id": message_id, "status": word, "timestamp": str(at_ms(seconds) // 1000), "recipient_id": recipient}


def echo(message_id: str, seconds: float, phone: str, text: str, user_id: str = "") -> Sending:
    """A message that the business sent from its phone app."""
    said = {
        "from": "15550100001",
        "to": phone,
        **({"to_user_id": user_id} if user_id else {}),
        "id": message_id,
        "timestamp": str(at_ms(seconds) // 1000),
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100001", "phone_number_id": BUSINESS_NUMBER_ID},
        "message_echoes": [said],
    }
    changes = [{"field": "smb_message_echoes", "value": value}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": changes}]}).encode()
    return Sending("echo", "whatsapp", WHATSAPP, body, {"content-type": "application/json"})


def twilio(name: str, **fields: str) -> Sending:
    """One Twilio form delivery about the story's call."""
    parties = {"From": PHONE, "To": "+815012345678", "Direction": "inbound", "CallerName": ""}
    return twilio_form(name, **{"CallSid": CALL_SID, **parties, **fields})


def twilio_form(name: str, **fields: str) -> Sending:
    """One Twilio form delivery with these fields."""
    form = {"AccountSid": ACCOUNT_SID, "ApiVersion": "2010-04-01", **fields}
    return Sending(name, "telephony", TWILIO, urlencode(form).encode(), TWILIO_FORM)


def recording(call: str) -> Sending:
    """A recording callback: it names the call and nobody's number."""
    return twilio_form(
        "recording",
        CallSid=call,
        RecordingSid=RECORDING_SID,
        RecordingUrl=f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT_SID}/Recordings/{RECORDING_SID}",
        RecordingStatus="completed",
        RecordingDuration="52",
        RecordingChannels="1",
        RecordingSource="DialVerb",
    )


def call_status(word: str, sequence: int, seconds: float, **fields: str) -> Sending:
    """A status callback of the story's call."""
    when = datetime.fromtimestamp(at_ms(seconds) / 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return twilio(
        f"call {word}",
        CallStatus=word,
        Timestamp=when,
        SequenceNumber=str(sequence),
        CallbackSource="call-progress-events",
        **fields,
    )


def salesforce_title(title: str, seconds: float) -> dict[str, Any]:
    """Salesforce's change event, as EventBridge hands it on."""
    header = {
        "entityName": "Contact",
        "recordIds": [SALESFORCE_CONTACT],
        "changeType": "UPDATE",
        "changeOrigin": "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/",
        "transactionKey": "0002a1b3-0000-1111-2222-333344445555",
        "sequenceNumber": 1,
        "commitTimestamp": at_ms(seconds),
        "commitNumber": 12_345_678_901_234,
        "commitUser": "005A0000000HubUIAW",
        "changedFields": ["Title", "LastModifiedDate"],
        "nulledFields": [],
        "diffFields": [],
    }
    return {
        "version": "0",
        "id": "5e0c8b0a-0000-4000-8000-000000000001",
        "detail-type": "ContactChangeEvent",
        "source": EVENT_SOURCE,
        "account": "123456789012",
        "time": datetime.fromtimestamp(at_ms(seconds) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": {"payload": {"ChangeEventHeader": header, "Title": title}},
    }


PERSON = [{"profile": {"name": "みさき"}, "wa_id": PHONE[1:], "user_id": USER_ID}]
PERSON_WITHOUT_PHONE = [{"profile": {"name": "みさき"}, "user_id": USER_ID}]

CREATED = hubspot_batch(
    contact_created(HUBSPOT_CONTACT, 0),
    property_changed(HUBSPOT_CONTACT, 1, "phone", PHONE_AS_TYPED, 1),
    property_changed(HUBSPOT_CONTACT, 2, "lastname", "高橋", 2),
    name="contact created",
)
MOBILE = "+819000000077"
MOBILE_ENTERED = hubspot_batch(
    property_changed(HUBSPOT_CONTACT, 3, "mobilephone", MOBILE, 900), name="mobile phone entered"
)
TEXT = whatsapp(
    "text",
    contacts=PERSON,
    messages=[
        message(
            "wamid.TEXT1", 60, "text", {"body": "予約を変更できますか"}, **{"from": PHONE[1:], "from_user_id": USER_ID}
        )
    ],
)
IMAGE = whatsapp(
    "image",
    contacts=PERSON_WITHOUT_PHONE,
    messages=[
        message(
            "wamid.IMAGE1",
            90,
            "image",
            {"id": "910000000000001", "mime_type": "image/jpeg", "sha256": "q83v", "caption": "これです"},
            from_user_id=USER_ID,
        )
    ],
)
INCOMING = twilio("call incoming", CallStatus="ringing")
CALL = (
    INCOMING,
    call_status("completed", 3, 180, CallDuration="55", Duration="1"),
    call_status("ringing", 1, 121),
    call_status("in-progress", 2, 125),
    call_status("completed", 3, 180, CallDuration="55", Duration="1"),
)
RECORDING = recording(CALL_SID)
TITLE = salesforce_title(TITLE_AFTER, 240)

GENUINE: tuple[Sending, ...] = (CREATED, TEXT, IMAGE, *CALL, RECORDING)
FORGED = Sending("forged", TEXT.kind, WHATSAPP, TEXT.body, secret="not-the-app-secret")
STALE = Sending("stale", "crm", HUBSPOT, CREATED.body, age_s=301)
UNREADABLE = Sending("unreadable", "whatsapp", WHATSAPP, b'{"object":"whatsapp_business_account","entry":[{')
UNREADABLE_CRM = Sending("unreadable batch", "crm", HUBSPOT, b'{"not":"a batch"}')
UNREADABLE_FORM = Sending("unreadable form", "telephony", TWILIO, b"CallSidC=A1", TWILIO_FORM)
FORGED_CALL = Sending("forged call", "telephony", TWILIO, INCOMING.body, TWILIO_FORM, secret="not-the-auth-token")
REFUSED = (FORGED, STALE, FORGED_CALL)
SET_ASIDE = (UNREADABLE, UNREADABLE_CRM, UNREADABLE_FORM)
# A genuine delivery, larger than a queue's message, with a part that we have no words for.
NEWS = Sending(
    "news",
    "whatsapp",
    WHATSAPP,
    json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [{"id": WABA_ID, "changes": [{"field": "something_new", "value": {"news": "x" * 140_000}}]}],
        }
    ).encode(),
)
STRANGER_PHONE = "+819087654321"
STRANGER = whatsapp(
    "stranger",
    contacts=[{"profile": {"name": "Ren"}, "wa_id": STRANGER_PHONE[1:]}],
    messages=[message("wamid.STRANGER1", 300, "text", {"body": "hello"}, **{"from": STRANGER_PHONE[1:]})],
)
