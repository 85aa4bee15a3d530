"""Pipedrive: what its notifications become, beyond the examples in its folder."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from connectors.pipedrive import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event, Mapped, RecordChangedData
from hub.errors import Quarantine, Unauthorized

CONNECTION = Connection("p" * 26, "pipedrive", settings={"company_id": 7700123, "default_region": "JP"})


def notification(data: Any, previous: Any = None, **meta: Any) -> dict[str, Any]:
    common = {"action": "change", "entity": "person", "entity_id": "41", "company_id": "7700123", "id": "uuid-1"}
    return {"data": data, "previous": previous, "meta": {**common, "timestamp": "2026-11-22T11:46:41.512Z", **meta}}


def mapped(body: Any) -> Mapped:
    delivery = Delivery(CONNECTION.id, "pipedrive", "crm", "2026-11-22T12:00:00.000Z", json.dumps(body).encode())
    return CONNECTOR.map_delivery(delivery, CONNECTION)


def one(body: Any) -> Event:
    (event,) = mapped(body).events
    return event


def claims(body: Any) -> dict[str, str | None]:
    data = one(body).body()
    assert isinstance(data, RecordChangedData)
    return {claim.field: claim.value for claim in data.claims}


def test_another_attempt_is_the_same_event() -> None:
    assert one(notification({"name": "彩"}, attempt=1)).id == one(notification({"name": "彩"}, attempt=4)).id


def test_version_1_tells_changes_apart_by_their_time() -> None:
    def old(micro: int) -> dict[str, Any]:
        meta = {"action": "updated", "object": "person", "id": 41, "company_id": 7700123, "timestamp_micro": micro}
        return {"current": {"id": 41, "name": "彩"}, "previous": {}, "meta": meta}

    assert one(old(1795348001512345)).id != one(old(1795348001512346)).id
    assert one(old(1795348001512345)).time == "2026-11-22T11:46:41.512Z"


def test_numbers_and_texts_are_the_same_ids() -> None:
    as_numbers = notification({"name": "彩"}, entity_id=41, company_id=7700123)
    assert one(as_numbers).subject == one(notification({"name": "彩"})).subject == "contact:41"


def test_a_mobile_number_alone_is_no_other_phone() -> None:
    phones = [{"value": "090-0000-0021", "label": "Mobile", "primary": True}]
    assert claims(notification({"phones": phones})) == {"mobile": "090-0000-0021"}
    other = [{"value": "03-0000-0021", "label": "work", "primary": True}]
    assert claims(notification({"phones": phones}, {"phones": other})) == {"mobile": "090-0000-0021", "phone": None}


def test_who_changes_one_phone_has_said_nothing_about_the_other() -> None:
    work, mobile = ({"value": f"0{n}-0000-0021", "label": label} for n, label in ((3, "work"), (90, "mobile")))
    before, after = [work], [work, mobile]
    data = one(notification({"phones": after}, {"phones": before})).body()
    assert isinstance(data, RecordChangedData)
    assert {claim.field: claim.precision for claim in data.claims} == {"phone": "row", "mobile": "field"}
    assert data.changed == ("mobile",)


def test_lists_that_were_emptied_empty_their_fields() -> None:
    emptied = claims(notification({"name": "彩", "emails": []}, {"emails": [{"value": "aya@example.jp"}]}))
    assert emptied == {"name": "彩", "email": None}


def test_old_phones_and_emails_are_no_longer_identifiers() -> None:
    body = notification({"emails": [{"value": "new@example.jp"}]}, {"emails": [{"value": "old@example.jp"}]})
    assert [entry["value"] for entry in one(body).data["identifiers"]] == ["contact:41", "new@example.jp"]


def test_without_the_company_a_notification_is_refused() -> None:
    with pytest.raises(Quarantine, match="another company"):
        mapped(notification({"name": "彩"}, company_id=None))


@pytest.mark.parametrize("given", ["hub:s3cret", "hub:other", "hub"])
def test_user_and_password_count_together(given: str) -> None:
    header = {"authorization": "Basic " + base64.b64encode(given.encode()).decode()}
    request = Request("POST", "https://hooks.renkei.test/webhooks/crm/x", header, b"{}")
    if given == "hub:s3cret":
        authenticate(CONNECTOR, request, [b"hub:s3cret"], CONNECTION, 0.0)
        return
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, request, [b"hub:s3cret"], CONNECTION, 0.0)


def changed(body: Any, **settings: Any) -> RecordChangedData:
    connection = Connection(CONNECTION.id, "pipedrive", settings={**CONNECTION.settings, **settings})
    delivery = Delivery(CONNECTION.id, "pipedrive", "crm", "2026-11-22T12:00:00.000Z", json.dumps(body).encode())
    data = CONNECTOR.map_delivery(delivery, connection).events[0].body()
    assert isinstance(data, RecordChangedData)
    return data


@pytest.mark.parametrize(
    ("source", "user", "setting", "ours"),
    [
        ("api", "880100", 880_100, True),
        ("api", 880_100, "880100", True),
        ("api", "880045", 880_100, False),
        ("app", "880100", 880_100, False),
        ("api", "880100", None, None),
    ],
)
def test_only_what_our_user_does_by_the_api_is_ours(source: str, user: Any, setting: Any, ours: bool | None) -> None:
    body = notification({"name": "彩"}, change_source=source, user_id=user)
    assert changed(body, api_user_id=setting).ours is ours


def test_only_the_fields_named_before_have_a_time_of_their_own() -> None:
    row = {"name": "彩", "emails": [{"value": "aya@example.com", "primary": True, "label": "work"}], "org_id": 7}
    found = {one.field: one.precision for one in changed(notification(row, {"org_id": None})).claims}
    assert (found["company_ref"], found["name"], found["email"]) == ("field", "row", "row")


@pytest.mark.parametrize(("entity", "field"), [("activity", "note"), ("note", "content")])
def test_what_the_hub_logged_there_is_no_news(entity: str, field: str) -> None:
    ours = mapped(notification({"id": 41, field: "<p>Hi</p><p>renkei:call-1</p>"}, entity=entity))
    assert (ours.ignored, ours.events, ours.unmapped) == (1, (), ())
    assert len(mapped(notification({"id": 41, field: "<p>Hi</p>"}, entity=entity)).events) == 1
