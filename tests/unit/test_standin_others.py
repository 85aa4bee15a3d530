"""The Meta, Twilio and issuer stand-ins refuse what the real ones refuse."""

from __future__ import annotations

import base64

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from infra.local.standins.issuer import Issuer
from infra.local.standins.meta import Meta
from infra.local.standins.twilio import Twilio

ISSUER_URL = "http://issuer.example.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_meta_gives_a_medium_that_was_sent_and_refuses_other_ids() -> None:
    meta = TestClient(Meta("http://meta.example.com", "token").standin().app())
    meta.headers["authorization"] = "Bearer token"
    meta.post("/_standin/media", json={"id": "77"})
    shown = meta.get("/v26.0/77").json()
    assert (shown["id"], shown["mime_type"], shown["url"]) == (
        "77",
        "image/jpeg",
        "http://meta.example.com/download/77",
    )
    refused = meta.get("/v26.0/78")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 100)


def test_meta_refuses_a_wrong_token_as_graph_does() -> None:
    meta = TestClient(Meta("http://meta.example.com", "token").standin().app())
    answer = meta.get("/v26.0/77", headers={"authorization": "Bearer other"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_twilio_gives_a_recording_to_its_account_only() -> None:
    twilio = TestClient(Twilio("ACa", "token").standin().app(), headers=basic("ACa", "token"))
    twilio.post("/_standin/recordings", json={"sid": "REb", "duration": "88"})
    assert twilio.get("/2010-04-01/Accounts/ACa/Recordings/REb.json").json()["duration"] == "88"
    assert twilio.get("/2010-04-01/Accounts/ACa/Recordings/REc.json").json()["code"] == 20404
    assert twilio.get("/2010-04-01/Accounts/ACz/Recordings/REb.json").status_code == 404
    stranger = twilio.get("/2010-04-01/Accounts/ACa/Recordings/REb.json", headers=basic("ACa", "other"))
    assert (stranger.status_code, stranger.json()["code"]) == (401, 20003)


@pytest.fixture
def issuer() -> TestClient:
    found = Issuer(ISSUER_URL, "audience", "client", "secret", KEY)
    return TestClient(found.standin().app(), headers=basic("client", "secret"))


def test_the_issuers_token_is_proven_by_the_key_that_it_publishes(issuer: TestClient) -> None:
    form = {"grant_type": "client_credentials", "scope": "renkei/agent"}
    token = issuer.post("/token", data=form).json()["access_token"]
    [published] = issuer.get("/jwks").json()["keys"]
    assert published["kid"] == jwt.get_unverified_header(token)["kid"]
    key = jwt.PyJWK(published).key
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="audience", issuer=ISSUER_URL)
    assert claims["scope"] == "renkei/agent"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "scope": "renkei/agent"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "renkei/owner"}, "invalid_scope"),
        ({"grant_type": "client_credentials"}, "invalid_scope"),
    ],
)
def test_the_issuer_refuses_other_grants_and_scopes(issuer: TestClient, form: dict[str, str], error: str) -> None:
    assert issuer.post("/token", data=form).json()["error"] == error


def test_the_issuer_refuses_a_wrong_client_secret(issuer: TestClient) -> None:
    form = {"grant_type": "client_credentials", "scope": "renkei/agent"}
    assert issuer.post("/token", data=form, headers=basic("client", "other")).status_code == 401


def test_discovery_names_the_keys_and_the_token_endpoint(issuer: TestClient) -> None:
    found = issuer.get("/.well-known/openid-configuration").json()
    assert (found["issuer"], found["jwks_uri"]) == (ISSUER_URL, f"{ISSUER_URL}/jwks")
