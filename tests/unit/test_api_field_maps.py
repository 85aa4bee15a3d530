"""Field maps of a connection through the API: described, saved, tried on a real record, put in force, rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from connectors.hubspot.client import build
from hub.connections import connection_of
from hub.directory import Directory
from hub.domain.events import Identifier, RecordChangedData
from hub.domain.sync import Change
from hub.http import HttpClient
from hub.memory import FakeClock, memory_hub
from hub.records import RecordStore
from infra.local.standins.hubspot import HubSpot
from tests.harness.platforms import Platforms
from tests.unit.api_client import AGENT, Answer, Client

TOKEN = "token-of-the-example"
SIZE = {"theirs": "shirt_size", "codec": "picklist", "words": {"small": "s", "large": ["l", "xl"]}}
SEEN = "2026-05-02T00:00:00.000Z"
PROPERTY = {
    "name": "shirt_size",
    "label": "Shirt size",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [{"value": value, "label": value.upper()} for value in ("s", "l", "xl")],
}


@dataclass
class Office:
    """A HubSpot account with a property of its own, and the API of a hub that has a connection to it."""

    caller: Client
    crm: HubSpot
    id: str
    record: str

    @property
    def maps(self) -> str:
        return f"/v1/connections/{self.id}/field-maps"

    def save(self, lines: dict[str, Any], native: str = "contacts") -> Answer:
        return self.caller.call("PUT", f"{self.maps}/{native}", {"lines": lines, "why": "Sizes."})

    def activate(self, version: int) -> Answer:
        return self.caller.post(f"{self.maps}/contacts/activate", {"version": version})

    def preview(self, **wanted: Any) -> Answer:
        return self.caller.post(f"{self.maps}/contacts/preview", {"record": self.record, **wanted})

    def claim(self, field: str, value: str) -> None:
        """What another platform says about the same person, now."""
        key = self.caller.secrets.hash_key()
        directory = Directory(self.caller.store, key)
        mine = Identifier(kind="record", scope=self.id, value=f"contact:{self.record}")
        other = Identifier(kind="record", scope="s" * 26, value="contact:003X")
        email = Identifier(kind="email", value="ama@example.com")
        directory.attach([mine, email], reason="contact.changed", event="e1")
        directory.attach([other, email], reason="contact.changed", event="e2")
        claim = {"field": field, "value": value, "at": SEEN, "precision": "field"}
        data = {"object": "contact", "id": "003X", "at": SEEN, "claims": [claim]}
        RecordStore(self.caller.store, directory.hashed).fold(other, other.scope, "salesforce", data)


@pytest.fixture
def office() -> Office:
    clock = FakeClock()
    crm = HubSpot(TOKEN, now=clock.now)
    crm.schema.create("contacts", PROPERTY)
    http = HttpClient(clock=clock, exchange=Platforms({"api.hubapi.com": crm.standin()}).exchange)
    caller = Client(memory_hub(http=http, clock=clock))
    draft = {
        "platform": "hubspot",
        "name": "Office",
        "settings": {"portal_id": "48000117"},
        "secrets": {"access_token": TOKEN},
    }
    made = caller.post("/v1/connections", draft)
    assert made.status == 201, made.text
    person = {"firstname": "Ama", "lastname": "Berg", "email": "ama@example.com", "shirt_size": "xl"}
    return Office(caller, crm, made.json["id"], crm.enter("contacts", person))


def lines(answer: Answer, native: str = "contacts") -> dict[str, Any]:
    """The lines by our field, of a map that is shown."""
    shown = [one for one in answer.json.get("maps", [answer.json]) if one["native_object"] == native]
    return {line["field"]: line for line in shown[0]["lines"]}


def test_the_connectors_own_map_is_in_force_at_first(office: Office) -> None:
    listed = office.caller.get(office.maps)
    assert {one["object"] for one in listed.json["maps"]} >= {"contact", "company"}
    assert {(one["version"], one["latest"], one["fits"]) for one in listed.json["maps"]} == {(0, 0, True)}
    assert lines(listed)["email"]["theirs"] == "email"
    assert {line["origin"] for line in lines(listed).values()} == {"connector"}


def test_the_platform_describes_its_fields_custom_ones_too(office: Office) -> None:
    fields = office.caller.get(f"{office.maps}/contacts/fields").json["fields"]
    by_name = {one["name"]: one for one in fields}
    size = by_name["shirt_size"]
    assert (size["custom"], size["type"], size["mapped_to"]) == (True, "picklist", None)
    assert [one["value"] for one in size["options"]] == ["s", "l", "xl"]
    assert by_name["email"]["mapped_to"] == "email"


def test_a_saved_version_is_not_in_force_until_somebody_puts_it_in_force(office: Office) -> None:
    saved = office.save({"x_size": SIZE, "website": None})
    assert saved.status == 200, saved.text
    assert [(one["version"], one["in_force"]) for one in saved.json["versions"]] == [(1, False)]
    assert "x_size" not in lines(office.caller.get(office.maps))
    shown = lines(office.activate(1))
    assert (shown["x_size"]["origin"], shown["email"]["origin"]) == ("connection", "connector")
    assert "website" not in shown
    assert lines(office.caller.get(office.maps)) == shown
    described = office.caller.get(f"{office.maps}/contacts/fields").json["fields"]
    assert next(one["mapped_to"] for one in described if one["name"] == "shirt_size") == "x_size"


def test_what_is_in_force_is_what_the_platforms_client_reads_and_writes(office: Office) -> None:
    office.save({"x_size": SIZE})
    office.activate(1)
    hub = office.caller.hub
    item = office.caller.connection_items.get(f"CONN#{office.id}", "CONN")
    assert item is not None
    client = build(connection_of(item), {"access_token": TOKEN}, hub.http, hub.clock)
    (found,) = client.read("contact", [office.record])
    assert isinstance(found, RecordChangedData)
    assert {claim.field: claim.value for claim in found.claims}["x_size"] == "large"
    client.write("contact", [Change(id=office.record, fields={"x_size": "small"})])
    assert (office.crm.held("contacts", office.record) or {})["shirt_size"] == "s"


def test_an_older_version_is_put_in_force_again_and_all_are_listed_with_who_did_it(office: Office) -> None:
    office.save({"x_size": SIZE})
    office.save({"website": None})
    office.activate(2)
    assert "x_size" in lines(office.activate(1))
    listed = office.caller.get(f"{office.maps}/contacts/versions").json["versions"]
    assert [(one["version"], one["in_force"], len(one["activated"])) for one in listed] == [(2, False, 1), (1, True, 1)]
    assert {(one["saved"]["by"], one["saved"]["why"]) for one in listed} == {("someone", "Sizes.")}
    assert listed[1]["lines"] == {"x_size": SIZE}
    assert "x_size" not in lines(office.activate(0))


def test_lines_that_cannot_be_used_are_refused_with_a_sentence_each(office: Office) -> None:
    answer = office.save(
        {
            "x_size": {**SIZE, "words": {"small": "s", "huge": "xxl"}},
            "x_hobby": "hobby_of_nobody",
            "x_mails": {"theirs": "hs_additional_emails", "codec": "text"},
            "hobby": "jobtitle",
            "Not A Name": "jobtitle",
        }
    )
    assert answer.status == 422
    assert {one["field"]: one["message"] for one in answer.json["errors"]} == {
        "lines.x_size": "The platform's list lacks what stands for huge.",
        "lines.x_hobby": "The platform has no such field.",
        "lines.x_mails": 'The platform lets nobody write this field: say direction = "in".',
        "lines.hobby": "This is none of our fields: a field of your own is called x_, then a name.",
        "lines.?": "The line is no name of ours: small letters, digits and _, a letter first.",
    }
    assert office.caller.get(f"{office.maps}/contacts/versions").json == {"versions": []}


def test_a_version_is_tried_on_a_record_and_nothing_is_sent(office: Office) -> None:
    office.save({"x_size": SIZE})
    office.claim("title", "Architect")
    held = dict(office.crm.held("contacts", office.record) or {})
    tried = office.preview()
    assert tried.status == 200, tried.text
    read = {one["field"]: (one["before"], one["after"]) for one in tried.json["read"]}
    assert (read["x_size"], read["first_name"]) == ((None, "large"), ("Ama", "Ama"))
    (title,) = [one for one in tried.json["written"] if one["field"] == "title"]
    assert (title["held"], title["wanted"], title["row"], title["why"]) == (
        None,
        "Architect",
        {"jobtitle": "Architect"},
        None,
    )
    assert (tried.json["version"], tried.json["sends"]) == (1, False)
    assert tried.json["customer"] is not None
    assert office.crm.held("contacts", office.record) == held
    assert "x_size" not in lines(office.caller.get(office.maps))


def test_what_would_not_be_written_says_why(office: Office) -> None:
    office.save({"x_size": SIZE})
    office.claim("x_size", "gigantic")
    (size,) = [one for one in office.preview(version=1).json["written"] if one["field"] == "x_size"]
    assert (size["held"], size["wanted"], size["row"]) == ("large", "gigantic", {})
    assert size["why"] == "It is not written: the map has no word of the platform for ours."


def test_of_a_record_that_is_nobodys_only_the_reading_is_told(office: Office) -> None:
    tried = office.preview(version=0).json
    assert (tried["customer"], tried["written"], tried["version"]) == (None, [], 0)
    assert {one["field"]: one["after"] for one in tried["read"]}["first_name"] == "Ama"


def test_what_there_is_not_is_not_found(office: Office) -> None:
    office.save({"x_size": SIZE})
    assert office.caller.get("/v1/connections/nosuch/field-maps").status == 404
    assert office.caller.get(f"{office.maps}/spaceships/fields").status == 404
    assert office.preview(record="999999999").status == 404
    assert (office.activate(7).status, office.preview(version=7).status) == (422, 422)


def test_a_disabled_connection_is_not_asked(office: Office) -> None:
    office.caller.post(f"/v1/connections/{office.id}/disable")
    assert office.caller.get(f"{office.maps}/contacts/fields").status == 409
    assert office.save({"x_size": SIZE}).status == 409
    assert office.caller.get(office.maps).status == 200


def test_field_maps_cannot_be_slipped_in_as_a_setting(office: Office) -> None:
    smuggled = {"settings": {"field_maps": {"contacts": {"version": 1, "lines": {"x_size": SIZE}}}}}
    answer = office.caller.call("PATCH", f"/v1/connections/{office.id}", smuggled)
    assert answer.status == 422
    assert "x_size" not in lines(office.caller.get(office.maps))


def test_a_change_of_settings_leaves_the_maps_in_force(office: Office) -> None:
    office.save({"x_size": SIZE})
    office.activate(1)
    changed = office.caller.call("PATCH", f"/v1/connections/{office.id}", {"settings": {"default_region": "JP"}})
    assert changed.status == 200
    assert "x_size" in lines(office.caller.get(office.maps))


def test_agents_have_no_business_here(office: Office) -> None:
    agent = Client(office.caller.hub, (AGENT,))
    assert agent.get(office.maps).status == 403


def test_a_platform_without_a_client_describes_nothing() -> None:
    caller = Client()
    draft = {"platform": "stripe", "name": "Shop", "settings": {}, "secrets": {"signing": "whsec_example-secret-0001"}}
    made = caller.post("/v1/connections", draft)
    assert made.status == 201, made.text
    maps = f"/v1/connections/{made.json['id']}/field-maps"
    assert [one["object"] for one in caller.get(maps).json["maps"]] == ["contact"]
    answer = caller.get(f"{maps}/customer/fields")
    assert (answer.status, answer.json["detail"]) == (409, "Stripe describes no fields.")
