"""What strangers send, row by row of the list of bad inputs, through the deployed path: refused, never a 5xx.

The numbers are those of the list's rows, so that a row without a test can be found.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from hub.delivery import Request
from hub.signatures import HUBSPOT_V3
from tests.harness import story
from tests.harness.requests import (
    EMPTY,
    HUBSPOT_HEADER,
    META_HEADER,
    OFF,
    OTHER,
    REFUSED_BODY,
    RIGHT,
    TWILIO_HEADER,
    Change,
    at_ms,
    header,
    hubspot_at,
    method,
    new_body,
    path,
    send,
    signed,
    world_of,
)
from tests.harness.sending import PUBLIC_URL, Sending
from tests.harness.shapes import http_event

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

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
