"""Every shared scheme accepts what it signs itself, and nothing that differs from it; each reason is one of the known."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from hub.connector import Connector, signed
from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.schemes_body import FormToken, JsonToken
from hub.schemes_ed25519 import TELNYX
from hub.schemes_ed25519 import key_pair as ed25519_pair
from hub.schemes_hmac import INTERCOM, SHOPIFY, SLACK, TURN, TYPEFORM, WOOCOMMERCE, ZOOM, Hmac, body
from hub.schemes_jwt import MESSAGEBIRD, VONAGE
from hub.schemes_listed import STANDARD_WEBHOOKS, STRIPE, SVIX
from hub.schemes_listed import key_pair as standard_pair
from hub.schemes_token import BASIC_AUTH, StaticToken
from hub.schemes_trust import BY_CLOUD, CLIENT_CERTIFICATE
from hub.schemes_url import BIRD, PLIVO_V3
from hub.schemes_zendesk import ZENDESK
from hub.signing import REASONS

NOW = 1_795_348_800.0
DAY_S = 86_400
URL = "https://hub.example/webhooks/crm/c0nn3ct10n0f7h33x4mp135000?b=2&a=1"
JSON = Request("POST", URL, {"content-type": "application/json"}, b'{"n": 1, "token": ""}', "b=2&a=1")
FORM = replace(JSON, body=b"To=%2B12025550143&From=%2B12025550144&Empty=")
CONNECTION = Connection("c0nn3ct10n0f7h33x4mp135000", "any", settings={"api_key": "a1b2c3d4"})
SAME: Callable[[bytes], tuple[bytes, bytes]] = lambda text: (text, text)  # noqa: E731


@dataclass(frozen=True)
class Case:
    """A scheme, a request it can sign, how its secrets look, and how long a signature lives (0: no time is signed)."""

    scheme: Any
    request: Request = JSON
    pair: Callable[[bytes], tuple[bytes, bytes]] = SAME
    lives_s: int = 0
    covers_body: bool = True


CASES = {
    "intercom": Case(INTERCOM),
    "shopify": Case(SHOPIFY),
    "typeform": Case(TYPEFORM),
    "woocommerce": Case(WOOCOMMERCE),
    "turn": Case(TURN),
    "several in one header": Case(Hmac("x-signatures", body, separator=",")),
    "slack": Case(SLACK, lives_s=300),
    "zoom": Case(ZOOM, lives_s=300),
    "zendesk": Case(ZENDESK, lives_s=300),
    "stripe": Case(STRIPE, lives_s=300),
    "standard webhooks": Case(STANDARD_WEBHOOKS, pair=standard_pair, lives_s=300),
    "svix": Case(SVIX, pair=standard_pair, lives_s=300),
    "plivo": Case(PLIVO_V3, FORM),
    "plivo without a form": Case(PLIVO_V3, replace(FORM, body=b"")),
    "bird": Case(BIRD, lives_s=DAY_S + 300),
    "vonage": Case(VONAGE, lives_s=300),
    "messagebird": Case(MESSAGEBIRD, lives_s=301),
    "telnyx": Case(TELNYX, pair=ed25519_pair, lives_s=300),
    "token in a header": Case(StaticToken("x-token"), covers_body=False),
    "token in the query": Case(StaticToken(query="code"), covers_body=False),
    "basic auth": Case(BASIC_AUTH, covers_body=False),
    "token in JSON": Case(JsonToken(("token",)), covers_body=False),
    "token in a form": Case(FormToken("Token"), FORM, covers_body=False),
    "client certificate": Case(CLIENT_CERTIFICATE, covers_body=False),
}
TIMED = [name for name, case in CASES.items() if case.lives_s]
BODIED = [name for name, case in CASES.items() if case.covers_body]
URL_SIGNED = ["plivo", "bird", "messagebird"]


def sent(case: Case, secret: bytes = b"one secret", now: float = NOW) -> Request:
    sign_request = getattr(case.scheme, "sign_request", None)
    connector = Connector("x", "X", frozenset({"crm"}), "", case.scheme.verify, "", (), case.scheme.sign)
    return signed(replace(connector, sign_request=sign_request), case.request, case.pair(secret)[0], now)


def verdict(case: Case, request: Request, *secrets: bytes, now: float = NOW) -> str:
    kept = [case.pair(secret)[1] for secret in secrets or (b"one secret",)]
    try:
        case.scheme.verify(request, kept, CONNECTION, now)
    except Unauthorized as error:
        assert error.reason in REASONS
        return error.reason
    return "accepted"


@pytest.mark.parametrize("name", CASES)
def test_it_accepts_what_it_signs_with_any_secret_that_is_valid(name: str) -> None:
    case = CASES[name]
    assert verdict(case, sent(case)) == "accepted"
    assert verdict(case, sent(case), b"another", b"one secret") == "accepted"
    assert verdict(case, sent(case), b"one secret", b"another") == "accepted"
    assert verdict(case, sent(case), b"", b"one secret") == "accepted"


@pytest.mark.parametrize("name", CASES)
def test_it_refuses_a_foreign_secret_none_and_no_proof(name: str) -> None:
    case = CASES[name]
    assert verdict(case, sent(case), b"another") in ("wrong_signature", "wrong_token")
    assert verdict(case, sent(case), b"") == "no_secret"
    assert verdict(case, case.request) in ("missing_signature", "malformed")


@pytest.mark.parametrize("name", BODIED)
def test_one_byte_more_in_the_body_is_refused(name: str) -> None:
    case = CASES[name]
    request = sent(case)
    separator = b"&x=1" if case.request is FORM else b" "
    assert verdict(case, replace(request, body=request.body + separator)) == "wrong_signature"


@pytest.mark.parametrize("name", URL_SIGNED)
def test_another_path_or_query_is_refused_where_the_url_is_signed(name: str) -> None:
    case = CASES[name]
    for url in (URL.replace("crm", "telephony"), URL + "&c=3", URL.replace("hub.example", "other.example")):
        assert verdict(case, replace(sent(case), url=url)) == "wrong_signature"


@pytest.mark.parametrize("name", TIMED)
def test_a_signature_lives_as_long_as_it_says_and_not_a_second_more(name: str) -> None:
    case = CASES[name]
    request = sent(case)
    assert verdict(case, request, now=NOW + case.lives_s) == "accepted"
    assert verdict(case, request, now=NOW + case.lives_s + 1) == "stale"
    assert verdict(case, request, now=NOW - 3_600) == "future"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "damage", ["", " ", "=", "é", "٣" * 10, "a" * 5_000, "0" * 64, "v1,", "t=1,v1=", "Bearer ..", "1e9"]
)
def test_damaged_headers_are_refused_for_a_known_reason(name: str, damage: str) -> None:
    case = CASES[name]
    request = sent(case)
    for header in set(request.headers) - set(case.request.headers):
        assert verdict(case, replace(request, headers={**request.headers, header: damage})) != "accepted"


@pytest.mark.parametrize(
    ("name", "header"), [("plivo", "x-plivo-signature-v3"), ("several in one header", "x-signatures")]
)
def test_a_list_may_hold_others_but_each_signature_once(name: str, header: str) -> None:
    case = CASES[name]
    request = sent(case)
    right = request.headers[header]
    other = sent(case, b"another").headers[header]
    cases = {f"{other},{right}": "accepted", f"bad, {right}": "accepted", f"{right},": "malformed"}
    cases |= {f"{right},{right}": "malformed", f"{right} ": "malformed", "bad,worse": "malformed"}
    for text, expected in cases.items():
        assert verdict(case, replace(request, headers={**request.headers, header: text})) == expected, text


def test_plivo_signs_url_sorted_query_sorted_form_and_nonce() -> None:
    covered = "https://hub.example/webhooks/crm/c0nn3ct10n0f7h33x4mp135000?a=1&b=2."
    covered += "EmptyFrom+12025550144To+12025550143.n0nce"
    right = base64.b64encode(hmac.digest(b"auth-token", covered.encode(), "sha256")).decode()
    headers = {"x-plivo-signature-v3": right, "x-plivo-signature-v3-nonce": "n0nce"}
    PLIVO_V3.verify(replace(FORM, headers=headers), [b"auth-token"], CONNECTION, NOW)


def test_stripe_reads_every_v1_and_no_other_version() -> None:
    request = sent(CASES["stripe"])
    at, right = request.headers["stripe-signature"].split(",")
    several = {f"{at},v1={'0' * 64},{right}": "accepted", f"{at},v0={'0' * 64},{right}": "accepted"}
    several |= {f"{at},{right.replace('v1', 'v0')}": "malformed", f"{at},{at},{right}": "malformed"}
    several |= {right: "malformed", f"{at}": "malformed", f"{at},{right},{right}": "malformed"}
    for text, expected in several.items():
        assert verdict(CASES["stripe"], replace(request, headers={"stripe-signature": text})) == expected, text


def test_an_id_with_a_full_stop_is_no_standard_webhook() -> None:
    case = replace(CASES["standard webhooks"], request=replace(JSON, headers={"webhook-id": "a.1"}))
    assert verdict(case, sent(case)) == "malformed"


@pytest.mark.parametrize("secret", [b"whsec_%%%", b"not base64!", b"whsec_", b"whsec_" + base64.b64encode(b"k" * 300)])
def test_a_standard_webhooks_secret_that_is_none_fails_closed(secret: bytes) -> None:
    with pytest.raises(Unauthorized, match="no_secret"):
        STANDARD_WEBHOOKS.verify(sent(CASES["standard webhooks"]), [secret], CONNECTION, NOW)


@pytest.mark.parametrize("key", [b"short", base64.b64encode(b"k" * 31), b"\xff" * 44])
def test_an_ed25519_key_that_is_none_proves_nothing(key: bytes) -> None:
    with pytest.raises(Unauthorized, match="wrong_signature"):
        TELNYX.verify(sent(CASES["telnyx"]), [key], CONNECTION, NOW)


def _token(header: dict[str, Any], claims: dict[str, Any], algorithm: str = "sha256") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(b"one secret", b".".join(parts), algorithm) if algorithm else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


CLAIMS = {"iss": "Vonage", "iat": int(NOW), "jti": "7", "payload_hash": hashlib.sha256(JSON.body).hexdigest()}


@pytest.mark.parametrize(
    ("header", "claims", "algorithm", "expected"),
    [
        ({"alg": "HS256"}, CLAIMS, "sha256", "accepted"),
        ({"alg": "HS256"}, CLAIMS | {"api_key": "a1b2c3d4"}, "sha256", "accepted"),
        ({"alg": "none"}, CLAIMS, "", "malformed"),
        ({"alg": "none"}, CLAIMS, "sha256", "malformed"),
        ({"alg": "HS512"}, CLAIMS, "sha512", "malformed"),
        ({"alg": ["HS256"]}, CLAIMS, "sha256", "malformed"),
        ({}, CLAIMS, "sha256", "malformed"),
        ({"alg": "HS256"}, CLAIMS | {"iss": "vonage"}, "sha256", "wrong_signature"),
        ({"alg": "HS256"}, CLAIMS | {"api_key": "somebody"}, "sha256", "wrong_signature"),
        ({"alg": "HS256"}, CLAIMS | {"payload_hash": "0" * 64}, "sha256", "wrong_signature"),
        ({"alg": "HS256"}, CLAIMS | {"payload_hash": None}, "sha256", "wrong_signature"),
        ({"alg": "HS256"}, {"iss": "Vonage", "iat": int(NOW)}, "sha256", "wrong_signature"),
        ({"alg": "HS256"}, CLAIMS | {"iat": "1795348800"}, "sha256", "malformed"),
        ({"alg": "HS256"}, CLAIMS | {"iat": True}, "sha256", "malformed"),
        ({"alg": "HS256"}, CLAIMS | {"iat": float("nan")}, "sha256", "malformed"),
        ({"alg": "HS256"}, CLAIMS | {"iat": -1}, "sha256", "malformed"),
    ],
)
def test_a_vonage_token_is_held_to_its_algorithm_issuer_account_time_and_body(
    header: dict[str, Any], claims: dict[str, Any], algorithm: str, expected: str
) -> None:
    request = replace(JSON, headers={"authorization": "Bearer " + _token(header, claims, algorithm)})
    assert verdict(CASES["vonage"], request) == expected


def test_a_claim_of_a_proven_token_can_be_remembered() -> None:
    request = replace(JSON, headers={"authorization": "Bearer " + _token({"alg": "HS256"}, CLAIMS)})
    assert (VONAGE.claim(request, "jti"), VONAGE.claim(request, "iat"), VONAGE.claim(request, "sub")) == ("7", "", "")


def test_zendesk_writes_iso_times_and_is_read_in_digits_too() -> None:
    request = sent(CASES["zendesk"])
    name = "x-zendesk-webhook-signature-timestamp"
    assert request.headers[name] == "2026-11-22T12:00:00Z"
    digits = base64.b64encode(hmac.digest(b"one secret", b"1795348800" + JSON.body, "sha256")).decode()
    headers = {name: "1795348800", "x-zendesk-webhook-signature": digits}
    assert verdict(CASES["zendesk"], replace(JSON, headers=headers)) == "accepted"
    for text in ("2026-13-22T12:00:00Z", "2026-11-22T12:00:00+00:00", "2026-11-22", "17953488000"):
        assert verdict(CASES["zendesk"], replace(request, headers={**request.headers, name: text})) == "malformed"


def test_what_comes_by_the_cloud_is_never_accepted_over_http() -> None:
    with pytest.raises(Unauthorized, match="missing_signature"):
        BY_CLOUD.verify(JSON, [b"any"], CONNECTION, NOW)


def test_a_header_never_stands_in_for_a_client_certificate() -> None:
    request = replace(JSON, headers={"x-client-subject": "CN=platform", "client_subject": "CN=platform"})
    assert verdict(Case(CLIENT_CERTIFICATE), request, b"CN=platform") == "missing_signature"


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        (b'{"token": "one secret", "n": 1}', b'{"token": "", "n": 1}'),
        (b'{"n" : 1.50, "token":"one\\u0020secret"}', b'{"n" : 1.50, "token":""}'),
        (b'{"data": {"token": "mine"}, "token": "one secret"}', b'{"data": {"token": "mine"}, "token": ""}'),
        (b'{"tok\\u0065n": "one secret", "n": 1}', b'{"token":"","n":1}'),
        (b'{"n": 1}', b'{"n": 1}'),
    ],
)
def test_a_token_in_json_is_taken_out_and_the_rest_stays(body: bytes, stored: bytes) -> None:
    assert JsonToken(("token",)).without(body) == stored


def test_a_token_in_a_form_is_taken_out_and_the_rest_stays() -> None:
    scheme = FormToken("tok")
    assert scheme.without(b"a=%20&tok=one+secret&b=&t%6Fk=x") == b"a=%20&b="
    twice = replace(FORM, body=b"tok=one+secret&tok=one+secret")
    assert verdict(Case(scheme), twice) == "malformed"


def test_basic_auth_takes_user_and_password_as_one_secret() -> None:
    for text in ("Basic aHViOnMzY3JldA==", "basic aHViOnMzY3JldA=="):
        assert verdict(Case(BASIC_AUTH), replace(JSON, headers={"authorization": text}), b"hub:s3cret") == "accepted"
    for text in (
        "Basic aHViOnMzY3JldA",
        "Basic  aHViOnMzY3JldA==",
        "Digest aHViOnMzY3JldA==",
        "Basic aHViOnMzY3JldB==",
    ):
        assert verdict(Case(BASIC_AUTH), replace(JSON, headers={"authorization": text}), b"hub:s3cret") == "malformed"
