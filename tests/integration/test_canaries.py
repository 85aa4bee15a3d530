"""Secrets and personal values are planted everywhere; afterwards none is in a log, a key, a reason or an attribute."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from hub import aws_services
from hub.delivery import Connection
from hub.memory import FakeClock, MemoryStore
from hub.telemetry import EmfTelemetry
from tests.harness import story
from tests.harness.accounts import accounts, secrets, set_up
from tests.harness.faults import At, Call, Injector, faults_of
from tests.harness.platforms import LOST
from tests.harness.sending import Sending
from tests.harness.world import World

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

PERSONAL = {
    "phone": story.PHONE,
    "phone, digits": story.PHONE[1:],
    "phone, as typed": story.PHONE_AS_TYPED,
    "phone, national": "9012345678",
    "family name": "高橋",
    "given name": "美咲",
    "chat name": "みさき",
    "user id": story.USER_ID,
    "message text": "予約を変更",
    "caption": "これです",
    "title": story.TITLE_AFTER,
    "business's number": "+815012345678",
    "e-mail": "misaki.canary@example.com",
}
SECRET = {
    "HubSpot's client secret": "canary-hubspot-client-secret",
    "HubSpot's token": "canary-hubspot-token",
    "Meta's app secret": "canary-meta-app-secret",
    "Meta's verify token": "canary-meta-verify-token",
    "Twilio's auth token": "canary-twilio-auth-token",
    "Salesforce's path token": "canary-salesforce-path-token",
    "hash key": "kkkkkkkk",
    "a session": "canary-session-id",
    "a private key": "PRIVATE KEY",
}
CANARIES = {**PERSONAL, **SECRET}


def planted_secrets() -> dict[str, dict[str, Any]]:
    def signing(name: str) -> dict[str, Any]:
        return {"signing": [{"id": "1", "value": SECRET[name], "not_after": None}]}

    return {
        story.HUBSPOT: {**signing("HubSpot's client secret"), "access_token": SECRET["HubSpot's token"]},
        story.WHATSAPP: {**signing("Meta's app secret"), "verify_token": SECRET["Meta's verify token"]},
        story.TWILIO: signing("Twilio's auth token"),
        story.SALESFORCE: {**secrets()[story.SALESFORCE], **signing("Salesforce's path token")},
    }


@dataclass
class Sinks:
    """Where texts end up that people and machines read along the way."""

    lines: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)

    def hits(self) -> list[str]:
        """Which canary is where."""
        everything = [("log line", line) for line in self.lines] + self.texts
        return [f"{name} in {sink}" for sink, text in everything for name, value in CANARIES.items() if value in text]


def watched_world(connections: tuple[Connection, ...] = story.CONNECTIONS, **options: Any) -> tuple[World, Sinks]:
    """A world with the canaries' secrets and the logs as they are written on AWS."""
    sinks, clock = Sinks(), FakeClock(story.NOW)
    here = accounts(clock, options.pop("trouble", lambda _call: None))
    here.hubspot.token = here.hubspot.directory.token = SECRET["HubSpot's token"]
    telemetry = EmfTelemetry(clock, sinks.lines.append)
    world = World(connections, planted_secrets(), platforms=here.platforms, clock=clock, telemetry=telemetry, **options)
    set_up(world)
    return world, sinks


def collect(world: World, sinks: Sinks) -> Sinks:
    """Everything that may hold no canary: keys, tallies, reasons, event-bus attributes, error texts, answers."""
    sinks.texts += [("table key", text) for text in keys(world.store)]
    sinks.texts += [("table key", text) for text in keys(world.plain_hub.connection_items)]
    sinks.texts += [("blob name", name) for name in world.blobs.stored]
    sinks.texts += [("event attribute", text) for event in world.bus.events for text in attributes(event)]
    sinks.texts += [("reason", letter.reason) for letters in world.dead().values() for letter in letters]
    sinks.texts += [
        ("set aside", json.dumps(dict(item.body))) for item in world.store.everything() if "ASIDE" in item.pk
    ]
    sinks.texts += [("error text", f"{error!r} {error.__cause__!r}") for _function, error in world.raised]
    sinks.texts += [("refusal's answer", body) for _sending, status, body in world.answers if status >= 400]
    return sinks


def keys(store: Any) -> Iterator[str]:
    assert isinstance(store, MemoryStore)
    for item in store.everything():
        yield f"{item.pk} {item.sk} {item.index}"


def attributes(event: Mapping[str, Any]) -> Iterator[str]:
    """The entry's attributes beside its detail, as the adapter writes them, and the envelope's own."""
    sent: list[Mapping[str, Any]] = []

    def put_events(_operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        sent.append(parameters)
        return {"Entries": [{}]}

    aws_services.EventBus(put_events, "bus").publish([event])
    for entry in sent[0]["Entries"]:
        yield json.dumps({name: value for name, value in entry.items() if name != "Detail"}, ensure_ascii=False)
    yield json.dumps({name: value for name, value in event.items() if name != "data"}, ensure_ascii=False)


def everything() -> tuple[Sending, ...]:
    """Good, forged, stale, unreadable and unknown deliveries, with canaries in every part of them."""
    soap = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{story.ORGANIZATION}</OrganizationId><ActionId>04kA0000000HubOIAU</ActionId>"
        "<SessionId>canary-session-id</SessionId><EnterpriseUrl/><PartnerUrl/>"
        "<Notification><Id>04lA0000000HubOIAU</Id>"
        '<sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:Contact">'
        f"<sf:Id>{story.SALESFORCE_CONTACT}</sf:Id><sf:LastName>高橋</sf:LastName>"
        "<sf:Email>misaki.canary@example.com</sf:Email>"
        "</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
    )
    token = "/" + SECRET["Salesforce's path token"]
    outbound = Sending("outbound", "crm", story.SALESFORCE, soap.encode(), {"content-type": "text/xml"}, path=token)
    broken = Sending("broken", "whatsapp", story.WHATSAPP, f'{{"text":"予約を変更 {story.PHONE}'.encode())
    odd = Sending("odd", "crm", story.HUBSPOT, json.dumps({"email": PERSONAL["e-mail"], "高橋": 1}).encode())
    # Unknown words where words of the platform are expected: they are counted by name.
    unknown = story.whatsapp("unknown", messages=[story.message("wamid.X", 5, story.PHONE, {}, **{"from": "1"})])
    guess = replace(story.TEXT, name="guess", secret=story.PHONE)
    query = Sending("query", "whatsapp", story.WHATSAPP, b"", method="GET", query=VERIFY)
    known = replace(query, name="known query", query=VERIFY.replace("wrong", SECRET["Meta's verify token"]))
    return (*story.GENUINE, *story.SET_ASIDE, *story.REFUSED, outbound, broken, odd, unknown, guess, query, known)


VERIFY = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong"


def test_no_canary_shows_while_all_goes_well_and_while_deliveries_are_refused_or_set_aside() -> None:
    world, sinks = watched_world()
    world.deliver(*everything())
    world.from_event_bus(story.TITLE)
    world.enqueue("sync-customers", json.dumps({"type": story.PHONE, "data": {"text": "予約を変更"}}))
    world.enqueue("sync-crm", json.dumps({"type": "record.touched", "data": {"title": story.TITLE_AFTER}}))
    world.enqueue("inbound-whatsapp", f"予約を変更 {story.PHONE}")
    world.run()
    assert {"inbound-whatsapp", "sync-customers", "sync-crm"} <= set(world.dead())
    assert collect(world, sinks).hits() == []
    assert len(sinks.lines) == len(world.invocations)


def test_the_canaries_did_pass_through() -> None:
    """Without them in the data the tests above and below would prove nothing."""
    world, sinks = watched_world()
    world.deliver(*everything())
    world.from_event_bus(story.TITLE)
    world.run()
    stored = "".join(json.dumps(dict(item.body), ensure_ascii=False) for item in world.store.everything())
    assert [
        name
        for name in ("phone", "family name", "chat name", "user id", "message text")
        if PERSONAL[name] not in stored
    ] == []
    assert len(world.plain_hub.connection_items.query("REFUSED").items) >= 3
    assert any("canary" in value for values in planted_secrets().values() for value in map(str, values.values()))
    assert sinks.hits() == []
    assert [status for sending, status, _body in world.answers if "query" in sending.name] == [403, 200]
    assert [status for sending, status, _body in world.answers if sending.name == "outbound"] == [200]


def test_a_canary_in_a_sink_is_found() -> None:
    assert Sinks(lines=[f"call from {story.PHONE}"]).hits() == [
        "phone in log line",
        "phone, digits in log line",
        "phone, national in log line",
    ]


def test_no_canary_shows_while_calls_fail_and_platforms_answer_badly() -> None:
    random = Random(11)

    def choose(call: Call) -> str | None:
        return random.choice(faults_of(call.operation)) if random.random() < 0.1 else None

    def trouble(call: Any) -> int | str | None:
        return random.choice((400, 401, 403, 404, 409, 429, 500, LOST)) if random.random() < 0.4 else None

    world, sinks = watched_world(injector=Injector(choose), shuffle=random, copies=0.1)
    world.platforms.trouble = trouble
    world.deliver(*everything())
    world.from_event_bus(story.TITLE)
    world.run()
    assert world.injector.hits
    assert collect(world, sinks).hits() == []


def test_no_canary_is_in_a_text_that_a_failing_platform_put_into_its_answer() -> None:
    """Platforms repeat values in their error messages; the reason of the dead letter must not."""
    world, sinks = watched_world()
    repeated = {"category": "VALIDATION_ERROR", "message": f"{story.PHONE} 高橋 canary-hubspot-token is not valid"}
    standin = world.platforms.standins["api.hubapi.com"]
    standin.faults = {400: replace_body(repeated)}
    world.platforms.trouble = lambda call: 400 if call.path.endswith(("upsert", "read")) else None
    world.deliver(*story.GENUINE)
    world.run()
    assert world.dead()["sync-crm"]
    assert collect(world, sinks).hits() == []


def replace_body(body: Mapping[str, Any]) -> Any:
    from infra.local.standins.server import Answer

    return Answer(400, dict(body))


def test_every_failure_of_every_call_of_a_message_keeps_its_text_to_itself() -> None:
    world, _sinks = watched_world()
    world.deliver(story.TEXT)
    world.run()
    for call in list(world.injector.calls):
        for fault in faults_of(call.operation):
            case = At(call.number, call.invocation, call.operation, fault)
            failing, sinks = watched_world(injector=Injector(case))
            failing.deliver(story.TEXT)
            failing.run()
            assert collect(failing, sinks).hits() == [], case
