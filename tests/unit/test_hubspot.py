"""HubSpot: what its deliveries become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.hubspot import CONNECTOR
from connectors.hubspot.webhook import MOST_EVENTS
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Mapped
from hub.errors import Quarantine, Unauthorized

CONNECTION = Connection("h" * 26, "hubspot", settings={"portal_id": 480_077, "default_region": "JP"})
URL = "https://hooks.renkei.test/webhooks/crm/" + "h" * 26
NOW = 1_795_348_800.0


def notification(**more: Any) -> dict[str, Any]:
    return {
        "eventId": 81,
        "portalId": 480_077,
        "occurredAt": 1_795_348_000_123,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": 501,
        "propertyName": "phone",
        "propertyValue": "090-0000-0005",
    } | more


def mapped(*items: Any, settings: dict[str, Any] | None = None) -> Mapped:
    body = json.dumps(items).encode()
    delivery = Delivery(CONNECTION.id, "hubspot", "crm", "2026-11-22T12:00:00.000Z", body)
    connection = CONNECTION if settings is None else Connection(CONNECTION.id, "hubspot", settings=settings)
    return CONNECTOR.map_delivery(delivery, connection)


def ids(*items: Any) -> list[str]:
    return [event.id for event in mapped(*items).events]


def test_a_retry_is_the_same_event_as_the_first_attempt() -> None:
    assert ids(notification()) == ids(notification(attemptNumber=7))


@pytest.mark.parametrize(
    "difference",
    [
        {"eventId": 82},
        {"objectId": 502},
        {"occurredAt": 1_795_348_000_124},
        {"propertyName": "email"},
        {"subscriptionType": "contact.creation"},
    ],
)
def test_a_notification_that_differs_in_its_key_is_another_event(difference: dict[str, Any]) -> None:
    assert ids(notification()) != ids(notification(**difference))


def test_the_value_of_a_property_is_in_no_event_and_no_unmapped_part() -> None:
    others = [notification(subscriptionType=f"{one}.propertyChange") for one in ("deal", "line_item")]
    found = mapped(notification(), *others, notification(objectId=None))
    assert [event.subject.partition(":")[0] for event in found.events] == ["contact", "deal"]
    assert [part.type for part in found.unmapped] == ["line_item.propertyChange", "unreadable/contact.propertyChange"]
    assert "0000-0005" not in found.model_dump_json()


def test_an_id_past_what_a_double_holds_stays_exact() -> None:
    assert mapped(notification(objectId=9_007_199_254_740_993)).events[0].subject == "contact:9007199254740993"


@pytest.mark.parametrize("object_id", [None, "", "abc", "1/../2", -5, 1.5, True, [1], {"id": 1}, "1" * 21])
def test_a_record_id_that_is_no_number_is_set_aside(object_id: Any) -> None:
    found = mapped(notification(objectId=object_id))
    assert found.events == ()
    assert [part.type for part in found.unmapped] == ["unreadable/contact.propertyChange"]


@pytest.mark.parametrize(
    "word", [None, "", 7, "contact", "contact.propertyChange\n", "a" * 90 + ".b", "person@x.example"]
)
def test_a_word_that_is_no_subscription_type_is_not_repeated(word: Any) -> None:
    found = mapped(notification(subscriptionType=word))
    assert [part.type for part in found.unmapped] == ["unknown"]


def test_the_portal_may_be_configured_as_text_or_number_and_is_not_checked_where_it_is_not_known() -> None:
    for settings in ({"portal_id": 480_077}, {"portal_id": "480077"}, {}):
        assert len(mapped(notification(), settings=settings).events) == 1
    assert len(mapped(notification(portalId=None), settings={}).events) == 1
    with pytest.raises(Quarantine):
        mapped(notification(), settings={"portal_id": "480078"})


def test_as_many_events_as_documented_are_taken_and_one_more_is_quarantined() -> None:
    batch = [notification(eventId=number) for number in range(MOST_EVENTS + 1)]
    assert len(mapped(*batch[:-1]).events) == 100
    with pytest.raises(Quarantine, match="more than 100"):
        mapped(*batch)


def test_a_genuine_delivery_is_accepted_and_one_with_another_url_secret_or_time_is_not() -> None:
    unsigned = Request("POST", URL, {}, b'[{"n":"\xe8\x8a\xb1"}]')
    headers = CONNECTOR.sign(unsigned, b"client-secret", NOW)
    genuine = Request("POST", URL, headers, unsigned.body)
    authenticate(CONNECTOR, genuine, [b"older-secret", b"client-secret"], CONNECTION, NOW + 299)
    for request, secret, now in (
        (Request("POST", URL + "/", headers, unsigned.body), b"client-secret", NOW),
        (Request("POST", URL, headers, unsigned.body + b" "), b"client-secret", NOW),
        (genuine, b"another-secret", NOW),
        (genuine, b"client-secret", NOW + 301),
        (genuine, b"client-secret", NOW - 301),
    ):
        with pytest.raises(Unauthorized):
            authenticate(CONNECTOR, request, [secret], CONNECTION, now)


def test_two_messages_of_a_conversation_in_one_moment_are_two_events() -> None:
    said = [notification(subscriptionType="conversation.newMessage", messageId=name) for name in ("m-1", "m-2")]
    assert len(ids(*said)) == 2
