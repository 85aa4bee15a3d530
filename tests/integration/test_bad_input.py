"""What strangers and broken platforms send, row by row of the list of bad inputs, through the deployed path.

Never accepted when unproven, never a 5xx, never an unhandled exception; what is signed and unusable is set aside with
a reason. The numbers are those of the list's rows, so that a row without a test can be found.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.delivery import Connection, Request
from hub.memory import MemoryTelemetry
from hub.signatures import HUBSPOT_V3
from tests.harness import story
from tests.harness.accounts import story_world
from tests.harness.shapes import http_event
from tests.harness.world import PUBLIC_URL, Sending, World

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

META_SECRET = b"meta-app-secret"
REFUSED_BODY = "no"
OTHER = "other".ljust(26, "0")
EMPTY = "empty".ljust(26, "0")
OFF = "off".ljust(26, "0")

Event = dict[str, Any]
Change = Callable[[Event], None]


@dataclass
class Outcome:
    """What became of one request."""

    status: int
    body: str
    queued: int
    aside: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def world_of() -> World:
    """The story's connections, and one each of another tenant, without a secret, and switched off."""
    world, _accounts = story_world(without="salesforce-client")
    connections: dict[str, Connection] = world.plain_hub.connections.stored  # type: ignore[attr-defined]
    known = connections[story.WHATSAPP]
    for other, secret, status in ((OTHER, "another-secret", "active"), (EMPTY, "", "active"), (OFF, "x", "disabled")):
        connections[other] = replace(known, id=other, status=status)
        signing = [{"id": "1", "value": secret, "not_after": None}] if secret else []
        world.plain_hub.secrets.write(other, {"signing": signing})
    return world


def send(event: Event, kind: str, world: World | None = None) -> Outcome:
    """One request through the handlers, and what is left when all is quiet."""
    world = world or world_of()
    assert isinstance(world.telemetry, MemoryTelemetry)
    answer: Mapping[str, Any] = world.attempt(f"ingest_{kind}", event)
    queued = len(world.queues[f"inbound-{kind}"].waiting)
    world.run()
    aside = [
        str(item.body.get("reason") or item.body.get("type"))
        for item in world.store.everything()
        if item.pk.startswith("ASIDE#") and item.pk != "ASIDE#counts"
    ]
    broken = [f"{function}: {error!r}" for function, error in world.raised]
    broken += [f"{queue}: {letter.reason}" for queue, letters in world.dead().items() for letter in letters]
    broken += [name for name in ("ingest.failed", "map.broken", "records.failed") if world.telemetry.counters[name]]
    return Outcome(int(answer["statusCode"]), str(answer.get("body", "")), queued, aside, broken)


def signed(sending: Sending, change: Change = lambda _event: None) -> Event:
    """The event of a genuine request, and then changed."""
    event = world_of().request_event(sending)
    change(event)
    return event


def header(name: str, value: str | None) -> Change:
    """Sets a header, or takes it away."""

    def change(event: Event) -> None:
        event["headers"].pop(name, None)
        if value is not None:
            event["headers"][name] = value

    return change


def body_of(event: Event) -> bytes:
    return base64.b64decode(event["body"])


def new_body(make: Callable[[bytes], bytes]) -> Change:
    """Another body under the signature of the first."""

    def change(event: Event) -> None:
        event["body"] = base64.b64encode(make(body_of(event))).decode()

    return change


def path(make: Callable[[str], str]) -> Change:
    """Another path."""

    def change(event: Event) -> None:
        event["rawPath"] = event["requestContext"]["http"]["path"] = make(event["rawPath"])

    return change


def method(name: str) -> Change:
    """Another method."""

    def change(event: Event) -> None:
        event["requestContext"]["http"]["method"] = name

    return change


META_HEADER = "x-hub-signature-256"
HUBSPOT_HEADER = "x-hubspot-signature-v3"
HUBSPOT_TIME = "x-hubspot-request-timestamp"
TWILIO_HEADER = "x-twilio-signature"
RIGHT = hmac.new(META_SECRET, story.TEXT.body, hashlib.sha256).hexdigest()
RIGHT_BASE64 = base64.b64encode(bytes.fromhex(RIGHT)).decode()


def hubspot_at(text: str) -> Change:
    """A timestamp header as given, signed as if it were right."""

    def change(event: Event) -> None:
        content = f"POST{story.CREATED.url(PUBLIC_URL)}".encode() + story.CREATED.body + text.encode()
        digest = hmac.new(b"hubspot-client-secret", content, hashlib.sha256).digest()
        event["headers"] |= {HUBSPOT_TIME: text, HUBSPOT_HEADER: base64.b64encode(digest).decode()}

    return change


def at_ms(seconds: float) -> str:
    return str(round((story.NOW + seconds) * 1000))


# (row and what it is, a genuine delivery, what is changed about it)
UNPROVEN: tuple[tuple[str, Sending, Change], ...] = (
    *(
        (f"1 no signature header, {sending.name}", sending, header(name, None))
        for sending, name in ((story.TEXT, META_HEADER), (story.CREATED, HUBSPOT_HEADER), (story.INCOMING, TWILIO_HEADER))
    ),
    *(
        (f"2 empty signature, {sending.name}", sending, header(name, ""))
        for sending, name in ((story.TEXT, META_HEADER), (story.CREATED, HUBSPOT_HEADER), (story.INCOMING, TWILIO_HEADER))
    ),
    ("2 only the prefix", story.TEXT, header(META_HEADER, "sha256=")),
    *(
        (f"3 the wrong secret, {sending.name}", replace(sending, secret="wrong"), lambda _event: None)
        for sending in (story.TEXT, story.CREATED, story.INCOMING)
    ),
    *(
        (f"4 one byte of the body changed, {sending.name}", sending, new_body(lambda body: body[:-1] + b"~"))
        for sending in (story.TEXT, story.CREATED, story.INCOMING)
    ),
    ("5 the body written anew", story.TEXT, new_body(lambda body: json.dumps(json.loads(body), indent=1).encode())),
    ("6 two commas", story.TEXT, header(META_HEADER, f"sha256={RIGHT},,")),
    ("6 two spaces", story.TEXT, header(META_HEADER, f"sha256=  {RIGHT}")),
    ("7 not ASCII", story.TEXT, header(META_HEADER, "sha256=é" + RIGHT[1:])),
    ("7 not ASCII, HubSpot", story.CREATED, header(HUBSPOT_HEADER, "é" * 44)),
    ("7 not ASCII, Twilio", story.INCOMING, header(TWILIO_HEADER, "é" * 28)),
    ("8 bad padding", story.CREATED, header(HUBSPOT_HEADER, "abc")),
    ("8 bad padding, Twilio", story.INCOMING, header(TWILIO_HEADER, "abc=")),
    ("10 spaces in hex", story.TEXT, header(META_HEADER, "sha256=" + RIGHT[:32] + " " + RIGHT[32:])),
    ("11 the first half", story.TEXT, header(META_HEADER, "sha256=" + RIGHT[:32])),
    ("11 a byte more", story.TEXT, header(META_HEADER, f"sha256={RIGHT}00")),
    ("13 100,000 signatures", story.TEXT, header(META_HEADER, ",".join([f"sha256={RIGHT}"] * 1000))),
    ("14 an older scheme", story.TEXT, header(META_HEADER, f"sha1={RIGHT[:40]}")),
    ("17 301 seconds old", story.STALE, lambda _event: None),
    ("19 301 seconds ahead", replace(story.CREATED, age_s=-301), lambda _event: None),
    *(
        (f"20 timestamp {text[:12]!r}", story.CREATED, hubspot_at(text))
        for text in (
            "nan", "inf", "1e9", at_ms(0) + ".9", at_ms(0)[:1] + "_" + at_ms(0)[1:], "١٧٩٠٠٠٠٠٠٠٠٠٠", f" {at_ms(0)}",
            at_ms(0)[:-3], "-" + at_ms(0), "1" + "0" * 400, "",
        )
    ),
    ("21 the header twice", story.TEXT, header(META_HEADER, f"sha256={RIGHT},sha256={RIGHT}")),
    ("24 another tenant's URL", story.TEXT, path(lambda text: text.replace(story.WHATSAPP, OTHER))),
    ("26 no secret stored", story.TEXT, path(lambda text: text.replace(story.WHATSAPP, EMPTY))),
    ("26 no secret, empty HMAC key", replace(story.TEXT, connection=EMPTY, secret=""), header(
        META_HEADER, "sha256=" + hmac.new(b"", story.TEXT.body, hashlib.sha256).hexdigest())),
    ("27 switched off", story.TEXT, path(lambda text: text.replace(story.WHATSAPP, OFF))),
    ("27 unknown", story.TEXT, path(lambda text: text.replace(story.WHATSAPP, "z" * 26))),
    ("31 another host in the URL", story.INCOMING, path(lambda text: text + "/")),
    ("33 JSON without bodySHA256", replace(story.INCOMING, body=b"{}", headers={"content-type": "application/json"}, secret=None),
        header(TWILIO_HEADER, base64.b64encode(b"x" * 20).decode())),
    ("36 empty and unsigned", replace(story.TEXT, body=b"", secret=None), lambda _event: None),
    ("54 base64 that was not encoded", story.TEXT, lambda event: event.update(isBase64Encoded=False)),
    ("55 no base64", story.TEXT, lambda event: event.update(body="%%%")),
    ("56 5,000 fields", replace(story.INCOMING, body=b"&".join(b"a%d=1" % n for n in range(5000)), secret=None),
        header(TWILIO_HEADER, base64.b64encode(b"x" * 20).decode())),
    ("64 a guessed token", Sending("soap", "crm", story.SALESFORCE, b"<a/>", path="/guess", secret=None),
        lambda _event: None),
    ("64 no token", Sending("soap", "crm", story.SALESFORCE, b"<a/>", secret=None), lambda _event: None),
    ("77 a token where there is none", replace(story.TEXT, path="/token"), lambda _event: None),
)  # fmt: skip


@pytest.mark.parametrize(("row", "sending", "change"), UNPROVEN, ids=[row for row, _, _ in UNPROVEN])
def test_what_is_not_proven_is_refused_with_nothing_stored_and_nothing_said(
    row: str, sending: Sending, change: Change
) -> None:
    outcome = send(signed(sending, change), sending.kind)
    assert outcome.status in (401, 404), row
    assert outcome.body == REFUSED_BODY
    assert (outcome.queued, outcome.aside, outcome.broken) == (0, [], [])


def test_row_35_a_handshake_that_is_not_ours_is_refused_and_a_challenge_is_never_markup() -> None:
    right = {"hub.mode": "subscribe", "hub.verify_token": "meta-verify", "hub.challenge": "1158201444"}
    wrong: tuple[dict[str, str], ...] = (
        {**right, "hub.verify_token": "guess"},
        {**right, "hub.verify_token": ""},
        {**right, "hub.challenge": "<script>"},
        {**right, "hub.challenge": "1" * 257},
        {name: value for name, value in right.items() if name != "hub.challenge"},
        {},
    )
    for query in wrong:
        asked = Sending("verify", "whatsapp", story.WHATSAPP, b"", method="GET", query=urlencode(query), secret=None)
        outcome = send(signed(asked), "whatsapp")
        assert (outcome.status, outcome.queued, outcome.broken) == (403, 0, []), query
    asked = Sending("verify", "whatsapp", story.WHATSAPP, b"", method="GET", query=urlencode(right), secret=None)
    outcome = send(signed(asked), "whatsapp")
    assert (outcome.status, outcome.body) == (200, "1158201444")


@pytest.mark.parametrize("name", ["PUT", "HEAD", "OPTIONS", "TRACE", "DELETE", "PATCH", "", "GET /"])
def test_row_59_other_methods_have_no_effect(name: str) -> None:
    outcome = send(signed(story.TEXT, method(name)), "whatsapp")
    assert (outcome.status, outcome.queued, outcome.broken) == (405, 0, [])


@pytest.mark.parametrize("sending", [story.CREATED, story.INCOMING], ids=["hubspot", "twilio"])
def test_row_59_a_get_is_not_for_platforms_that_only_post(sending: Sending) -> None:
    outcome = send(signed(sending, method("GET")), sending.kind)
    assert (outcome.status, outcome.queued, outcome.broken) == (405, 0, [])


@pytest.mark.parametrize(
    "text",
    [
        "//{id}",
        "/{id}%00",
        "/%2e%2e/{id}",
        "/{ID}",
        "/{id}/a/b",
        "/../{id}",
        "/ｗ{id}",
        "/{id}?x",
        "",
        "/" + "a" * 4000,
    ],
)
def test_row_60_tricks_with_the_path_lead_nowhere(text: str) -> None:
    tricked = text.replace("{id}", story.WHATSAPP).replace("{ID}", story.WHATSAPP.upper())
    outcome = send(signed(story.TEXT, path(lambda _old: f"/webhooks/whatsapp{tricked}")), "whatsapp")
    assert outcome.status in (401, 404)
    assert (outcome.queued, outcome.broken) == (0, [])


def test_rows_50_and_51_what_is_too_large_or_encoded_is_refused_before_it_is_read() -> None:
    large = Sending("large", "whatsapp", story.WHATSAPP, b" " * (6 * 1024 * 1024 + 1))
    assert send(signed(large), "whatsapp").status == 413
    bomb = replace(story.TEXT, body=gzip.compress(b" " * 5_000_000))
    outcome = send(signed(bomb, header("content-encoding", "gzip")), "whatsapp")
    assert (outcome.status, outcome.queued, outcome.broken) == (415, 0, [])


def test_row_22_header_names_in_any_case_are_the_same() -> None:
    event = signed(story.TEXT)
    event["headers"] = {name.upper(): value for name, value in event["headers"].items()}
    assert send(event, "whatsapp").status == 200


def test_row_10_a_signature_in_capitals_is_the_same() -> None:
    assert send(signed(story.TEXT, header(META_HEADER, f"sha256={RIGHT.upper()}")), "whatsapp").status == 200


def test_row_18_the_same_delivery_again_is_taken_and_changes_nothing() -> None:
    world = world_of()
    assert send(signed(story.TEXT), "whatsapp", world).status == 200
    before = world.store.everything()
    outcome = send(signed(story.TEXT), "whatsapp", world)
    assert (outcome.status, outcome.queued, outcome.broken) == (200, 1, [])
    assert world.store.everything() == before


def test_row_9_junk_inside_base64_is_refused() -> None:
    request = Request("POST", story.CREATED.url(PUBLIC_URL), {}, story.CREATED.body)
    right = HUBSPOT_V3.sign(request, b"hubspot-client-secret", story.NOW)
    for junk in ("!", "\n", " ", "-"):
        spoilt = right[HUBSPOT_HEADER][:8] + junk + right[HUBSPOT_HEADER][8:]
        event = http_event("POST", request.url, {**right, HUBSPOT_HEADER: spoilt}, story.CREATED.body)
        assert send(event, "crm").status == 401, junk
    assert send(http_event("POST", request.url, right, story.CREATED.body), "crm").status == 200


def meta(body: bytes) -> Sending:
    return Sending("meta", "whatsapp", story.WHATSAPP, body)


def hubspot(body: bytes) -> Sending:
    return Sending("hubspot", "crm", story.HUBSPOT, body)


def twilio(body: bytes) -> Sending:
    return Sending("twilio", "telephony", story.TWILIO, body, story.TWILIO_FORM)


def outbound(body: bytes) -> Sending:
    return Sending("salesforce", "crm", story.SALESFORCE, body, {"content-type": "text/xml"}, path="/sf-path-token")


def soap(inner: str, before: str = "", organization: str = story.ORGANIZATION) -> bytes:
    return (
        f'{before}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04kA0000000HubOIAU</ActionId>"
        f"{inner}</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def notification(number: int) -> str:
    return (
        f'<Notification><Id>04lA0000000Hub{number % 100:01d}IAU</Id><sObject xsi:type="sf:Contact">'
        f"<sf:Id>{story.SALESFORCE_CONTACT}</sf:Id><sf:LastName>X</sf:LastName></sObject></Notification>"
    )


GOOD = story.TEXT.body
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
FILE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
UNUSABLE: tuple[tuple[str, Sending], ...] = (
    ("25 another number", meta(GOOD.replace(story.BUSINESS_NUMBER_ID.encode(), b"399999999999999"))),
    ("25 another portal", hubspot(story.CREATED.body.replace(str(story.PORTAL).encode(), b"1"))),
    ("25 another account", twilio(story.INCOMING.body.replace(story.ACCOUNT_SID.encode(), b"AC" + b"f" * 32))),
    ("25 another organization", outbound(soap(notification(1), organization="00DA0000000OTHERAA"))),
    ("30 parameters shifted", twilio(b"CallSidC=A12&AccountSid")),
    ("32 two values of one field", twilio(story.INCOMING.body + b"&CallSid=CA" + b"0" * 32)),
    ("36 empty", meta(b"")),
    ("36 empty, HubSpot", hubspot(b"")),
    ("36 empty, Twilio", twilio(b"")),
    ("36 empty, Salesforce", outbound(b"")),
    ("37 cut off", meta(GOOD[:-20])),
    ("37 cut off, HubSpot", hubspot(story.CREATED.body[:-20])),
    ("37 cut off, Salesforce", outbound(soap(notification(1))[:-20])),
    ("38 garbage behind", meta(GOOD + b"x")),
    ("38 two documents", meta(GOOD + b"\n" + GOOD)),
    *(
        (f"39 {text.decode()} at the top, {make.__name__}", make(text))
        for text in (b"null", b"5", b'"x"', b"[]")
        for make in (meta, hubspot)
        if (text, make) != (b"[]", hubspot)
    ),
    ("40 nested 10,000 deep", meta(b"[" * 10_000 + b"]" * 10_000)),
    ("40 nested 10,000 deep, HubSpot", hubspot(b'{"a":' * 10_000 + b"1" + b"}" * 10_000)),
    ("41 an integer of 4,301 digits", meta(GOOD.replace(b'"entry"', b'"n":' + b"9" * 4301 + b',"entry"'))),
    ("41 an integer of 4,300 digits", hubspot(b'[{"eventId":' + b"9" * 4300 + b"}]")),
    ("42 NaN", meta(GOOD.replace(b'"entry"', b'"n":NaN,"entry"'))),
    ("42 1e999", hubspot(b'[{"eventId":1e999}]')),
    ("43 a key twice", meta(GOOD.replace(b'"entry"', b'"object":"x","entry"'))),
    ("45 not UTF-8", meta(GOOD.replace(b"wamid", b"w\xff\xfe"))),
    ("45 UTF-16", meta(GOOD.decode().encode("utf-16"))),
    ("45 UTF-32", hubspot(story.CREATED.body.decode().encode("utf-32"))),
    ("49 a million elements", meta(b"[" + b"1," * 1_000_000 + b"1]")),
    ("49 a string of 5 MB", hubspot(b'[{"a":"' + b"x" * 5_000_000 + b'"}]')),
    ("53 a form where JSON belongs", meta(story.INCOMING.body)),
    ("53 JSON where a form belongs", twilio(GOOD)),
    ("56 %ff", twilio(b"CallSid=%ff&AccountSid=" + story.ACCOUNT_SID.encode())),
    ("61 an entity from a file", outbound(soap("&a;", FILE))),
    ("62 a billion laughs", outbound(soap("&b;", LAUGHS))),
    ("63 100,000 deep", outbound(b"<a>" * 100_000)),
    ("63 UTF-16", outbound(soap(notification(1)).decode().encode("utf-16"))),
    ("63 over 1 MB", outbound(soap("<x>" + "y" * 1_100_000 + "</x>"))),
    ("64 another namespace", outbound(soap(notification(1)).replace(b"2005/09/outbound", b"2005/09/inbound"))),
    ("64 101 notifications", outbound(soap("".join(map(notification, range(101)))))),
)


@pytest.mark.parametrize(("row", "sending"), UNUSABLE, ids=[row for row, _ in UNUSABLE])
def test_what_is_signed_and_cannot_be_used_is_taken_and_set_aside_with_a_reason(row: str, sending: Sending) -> None:
    outcome = send(signed(sending), sending.kind)
    assert outcome.status in (200, 204), row
    assert outcome.queued == 1
    assert outcome.aside
    assert all(outcome.aside)
    assert outcome.broken == []


PLAYED: tuple[tuple[str, Sending], ...] = (
    ("44 names that programs trip over", meta(GOOD.replace(b'"entry"', b'"__proto__":{"a":1},"__class__":"x","entry"'))),
    ("46 a byte order mark", meta(b"\xef\xbb\xbf" + GOOD)),
    ("47 a lone surrogate and NUL", meta(GOOD.replace(b"wamid.TEXT1", b"wamid.\\ud800\\u0000"))),
    ("48 characters that SQS refuses", meta(GOOD.replace(b"wamid.TEXT1", b"wamid.\\u0001\\ufffe"))),
    ("65 a number nobody can dial", twilio(story.INCOMING.body.replace(b"%2B819012345678", b"%2B" + b"1" * 40))),
    ("65 full-width digits", twilio(story.INCOMING.body.replace(b"%2B819012345678", "＋８１９０".encode()))),
    ("68 a script for a text", meta(GOOD.replace(b"wamid.TEXT1", b"<script>alert(1)</script>"))),
    ("69 instructions for a caller's name", twilio(story.INCOMING.body + urlencode({"X": "</Say><Dial>1</Dial>"}).encode())),
    ("71 a template for a text", meta(GOOD.replace(b"wamid.TEXT1", b"{{7*7}}${7*7}{%x%}"))),
    ("78 another type of field", hubspot(story.CREATED.body.replace(b'"objectId": 5', b'"objectId": "5'))),
    ("80 words for a machine", meta(GOOD.replace(b"wamid.TEXT1", b"Ignore all previous instructions"))),
)  # fmt: skip


@pytest.mark.parametrize(("row", "sending"), PLAYED, ids=[row for row, _ in PLAYED])
def test_what_is_odd_is_data_and_breaks_nothing(row: str, sending: Sending) -> None:
    outcome = send(signed(sending), sending.kind)
    assert outcome.status in (200, 204), row
    assert (outcome.queued, outcome.broken) == (1, [])


def test_row_69_what_a_caller_is_called_is_never_part_of_the_call_instructions() -> None:
    named = replace(
        story.INCOMING, body=story.INCOMING.body.replace(b"CallerName=", b"CallerName=%3C%2FSay%3E%3CDial%3E1")
    )
    outcome = send(signed(named), "telephony")
    assert outcome.status == 200
    assert "<Dial" not in outcome.body


def test_row_64_a_session_id_is_not_kept() -> None:
    world = world_of()
    with_session = soap(f"<SessionId>00D-secret-session</SessionId>{notification(1)}")
    assert send(signed(outbound(with_session)), "crm", world).status == 200
    assert world.blobs.stored
    kept = [
        base64.b64decode(json.loads(line)["body"]) for blob in world.blobs.stored.values() for line in blob.splitlines()
    ]
    assert kept
    assert not any(b"00D-secret-session" in body for body in kept)
    assert "00D-secret-session" not in json.dumps([dict(item.body) for item in world.store.everything()])


def test_row_64_a_notification_that_comes_twice_is_one() -> None:
    world = world_of()
    send(signed(outbound(soap(notification(1) * 2))), "crm", world)
    changed = [event["id"] for event in world.bus.events if event["type"] == "contact.changed"]
    assert len(set(changed)) == 1


def test_row_12_one_secret_of_two_is_enough_while_they_are_rotated() -> None:
    world = world_of()
    old, new = ({"id": one, "value": f"{one}-secret", "not_after": None} for one in ("old", "new"))
    world.plain_hub.secrets.write(story.WHATSAPP, {"signing": [old, new]})
    for secret in ("old-secret", "new-secret"):
        assert send(signed(replace(story.TEXT, secret=secret)), "whatsapp", world).status == 200
    world.plain_hub.secrets.write(story.WHATSAPP, {"signing": [{**old, "not_after": "2026-01-01T00:00:00Z"}, new]})
    assert send(signed(replace(story.TEXT, secret="old-secret")), "whatsapp", world).status == 401


def test_refusals_are_counted_by_reason_for_the_operator() -> None:
    world = world_of()
    for _ in range(3):
        send(signed(story.FORGED), "whatsapp", world)
    (tally,) = world.plain_hub.connection_items.query("REFUSED").items
    assert (tally.body["n"], tally.body["reason"], tally.body["connection"]) == (3, "wrong_signature", story.WHATSAPP)
