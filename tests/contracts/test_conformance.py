"""The suite itself: a connector that keeps every promise passes, and each broken promise is caught by its check."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.contracts import manifests
from tests.contracts.conformance import CHECKS
from tests.contracts.evidence import Evidence
from tests.contracts.faked import Defect, write

Make = Callable[..., Evidence]
_numbers = count()

INIT, WEBHOOK, TWO = "__init__.py", "webhook.py", "deliveries/two_texts.json"
_VERIFY = "verify=SCHEME.verify"
_ID = "time=time(at), key=(number,)"
_PARTS = 'parts = [part(maker, item) for item in list_at(document, "items")]'

# what is wrong -> (the check that must say so, the defect)
DEFECTS: dict[str, tuple[str, Defect]] = {
    "accepts anything": ("refuses_what_is_not_signed", Defect(INIT, _VERIFY, "verify=lambda *_: None")),
    "refuses everything": ("accepts_its_own", Defect(INIT, _VERIFY, "verify=lambda *_: 1 / 0")),
    "knows one secret only": (
        "accepts_any_valid_secret",
        Defect(INIT, _VERIFY, "verify=lambda r, s, c, n: SCHEME.verify(r, s[:1], c, n)"),
    ),
    "verifies a body written anew": (
        "refuses_what_was_changed",
        Defect(INIT, 'signed_at.encode() + b"." + request.body', 'signed_at.encode() + b"." + request.body.strip()'),
    ),
    "signs the time only": (
        "refuses_what_was_changed",
        Defect(INIT, 'signed_at.encode() + b"." + request.body', "signed_at.encode()"),
    ),
    "takes old deliveries": (
        "refuses_the_wrong_time",
        Defect(INIT, _VERIFY, "verify=lambda r, s, c, n: SCHEME.verify(r, s, c, float(r.headers['x-time']))"),
    ),
    "invents reasons": (
        "refuses_what_is_not_signed",
        Defect(
            INIT,
            _VERIFY,
            'verify=lambda r, *_: exec("from hub.errors import Unauthorized; raise Unauthorized(str(r.headers))")',
        ),
    ),
    "shakes every hand": (
        "answers_as_the_platform_wants",
        Defect(INIT, "if genuine else Response(403)", "if True else Response(403)"),
    ),
    "embellishes the challenge": (
        "answers_as_the_platform_wants",
        Defect(INIT, "Response(200, challenge)", "Response(200, challenge + '\\n')"),
    ),
    "has another name": ("manifest_is_complete", Defect(INIT, 'name="', 'name="not_')),
    "has no documents": ("manifest_is_complete", Defect(INIT, '("https://faked.example/docs",)', "()")),
    "promises commands without a client": (
        "effects_are_declared",
        Defect(INIT, 'secret_names=("token",),', 'secret_names=("token",), effects={"LogCall": "A"},'),
    ),
    "imports a model library": ("import_is_light", Defect(INIT, "import hmac", "import hmac, pydantic")),
    "dates nothing": ("evidence_is_complete", Defect("README.md", "2026-11-21", "lately")),
    "does not say what makes two deliveries one": (
        "manifest_is_complete",
        Defect(INIT, 'identity="the body"', 'identity=" "'),
    ),
    "promises an event that no example shows": (
        "shows_every_event_type",
        Defect(INIT, '("message.received",)', '("message.received", "call.ended")'),
    ),
    "conceals an event": ("shows_every_event_type", Defect(INIT, '("message.received",)', '("call.ended",)')),
    "keeps its token": (
        "keeps_no_credentials",
        Defect(
            INIT,
            "verify=SCHEME.verify, sign=SCHEME.sign,",
            'verify=(Q := __import__("hub.signatures").signatures.StaticToken(query="k")).verify,'
            " sign_request=Q.sign_request,",
        ),
    ),
    "hides a secret it needs": ("evidence_is_complete", Defect("README.md", "`token`", "a secret")),
    "shows a credential": (
        "examples_hold_no_credentials",
        Defect(TWO, "message 1", "AKIA" + "EXAMPLEEXAMPLE12"),
    ),
    "shows no handshake": ("shows_every_method", Defect("deliveries/handshake.json", '"GET"', '"POST"')),
    "maps the first item only": ("becomes_what_it_declares", Defect(WEBHOOK, _PARTS, _PARTS[:-1] + "[:1]]")),
    "says another time": ("becomes_what_it_declares", Defect(WEBHOOK, "at * 1000", "(at + 1) * 1000")),
    "drops unknown types": (
        "becomes_what_it_declares",
        Defect(
            WEBHOOK, "if isinstance(one, Unmapped)),", 'if isinstance(one, Unmapped) and one.type != "items/other"),'
        ),
    ),
    "knows the clock": (
        "maps_without_clock_or_chance",
        Defect(WEBHOOK, _ID, 'time=time(at), key=(number, __import__("time").perf_counter_ns())'),
    ),
    "keys by arrival": (
        "maps_without_clock_or_chance",
        Defect(WEBHOOK, _ID, "time=time(at), key=(number, maker.delivery.received_at)"),
    ),
    "gives two events one id": (
        "maps_without_clock_or_chance",
        Defect(
            WEBHOOK,
            "tuple({one.id: one for one in parts if not isinstance(one, Unmapped)}.values())",
            "tuple(one for one in parts if not isinstance(one, Unmapped)) * 2",
        ),
    ),
    "maps by the order of a set": (
        "maps_the_same_in_another_process",
        Defect(WEBHOOK, _ID, 'time=time(at), key=(number, str({"a", "b", "c", "d", "e", "f", "g", "h"}))'),
    ),
    "keeps numbers past 2^53": (
        "events_are_valid",
        Defect(WEBHOOK, "customer=Party(),", 'customer=Party(), native={"n": 2**60},'),
    ),
    "keeps floats": (
        "events_are_valid",
        Defect(WEBHOOK, "    return maker.event(", "    return floating(maker.event)("),
    ),
    "has an empty subject": ("events_are_valid", Defect(WEBHOOK, "subject=number", 'subject=""')),
    "puts values into names": (
        "unknown_types_are_unmapped",
        Defect(WEBHOOK, 'type="items/other"', 'type="items/" + str(item["id"]) + "/12025550143"'),
    ),
    "crashes on a null": ("survives_mutations", Defect(WEBHOOK, 'int_at(item, "at")', 'int(item["at"])')),
    "drops what it cannot read": (
        "survives_mutations",
        Defect(
            WEBHOOK, "if isinstance(one, Unmapped)),", 'if isinstance(one, Unmapped) and one.type == "items/other"),'
        ),
    ),
    "parses without bounds": (
        "survives_bad_bodies",
        Defect(WEBHOOK, "document = parse_json(delivery.body)", "import json; document = json.loads(delivery.body)"),
    ),
    "trusts the query": (
        "survives_odd_requests",
        Defect(WEBHOOK, "document = parse_json", "assert '%' not in delivery.query\n    document = parse_json"),
    ),
    "gives up at the first bad item": (
        "junk_spares_its_neighbours",
        Defect(
            WEBHOOK,
            'if text_at(item, "type") != "text":',
            'if item is None:\n        raise Quarantine("a null")\n    if text_at(item, "type") != "text":',
        ),
    ),
}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda *defects: write(tmp_path / f"faked_{next(_numbers)}", defects)


def test_a_connector_that_keeps_every_promise_passes_every_check(make: Make) -> None:
    evidence = make()
    for check in CHECKS.values():
        check(evidence)


@pytest.mark.parametrize("wrong", DEFECTS)
def test_a_connector_that_breaks_a_promise_is_caught_by_its_check(wrong: str, make: Make) -> None:
    check, defect = DEFECTS[wrong]
    with pytest.raises(AssertionError):
        CHECKS[check](make(defect))


def test_every_check_has_caught_something() -> None:
    assert {check for check, _ in DEFECTS.values()} == set(CHECKS)


@pytest.mark.parametrize("missing", ["deliveries", "README.md"])
def test_missing_evidence_fails_and_never_skips(missing: str, make: Make) -> None:
    evidence = make()
    without = Evidence(
        evidence.connector,
        evidence.folder if missing == "deliveries" else evidence.folder / "elsewhere" / evidence.folder.name,
        evidence.module,
        () if missing == "deliveries" else evidence.examples,
    )
    with pytest.raises(AssertionError):
        manifests.evidence_is_complete(without)
