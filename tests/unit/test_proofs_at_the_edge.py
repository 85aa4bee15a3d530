"""What the edge gives to schemes and takes from them: certificates, answers with headers, tokens that are not stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.delivery import Response
from hub.edge import answer, read
from tests.unit.example_connector import CONNECTOR

PATH = "/webhooks/telephony/" + "e" * 26


def arrival(authentication: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
    context = {"stage": "$default", "http": {"method": "POST"}, "authentication": authentication}
    return {"rawPath": PATH, "rawQueryString": "", "headers": headers or {}, "requestContext": context, "body": ""}


def test_the_subject_is_that_of_the_certificate_which_the_gateway_verified() -> None:
    event = arrival({"clientCert": {"subjectDN": "CN=platform.example,O=Example"}})
    assert read(event).request("https://hub.example").client_subject == "CN=platform.example,O=Example"


@pytest.mark.parametrize("authentication", [None, {}, {"clientCert": None}, {"clientCert": {"subjectDN": None}}])
def test_without_a_certificate_there_is_no_subject_whatever_headers_say(authentication: Any) -> None:
    event = arrival(authentication, {"x-amzn-mtls-clientcert-subject": "CN=platform.example", "subjectdn": "CN=x"})
    assert read(event).request("https://hub.example").client_subject == ""


def test_an_answer_may_have_headers_but_none_that_loosens_ours() -> None:
    given = answer(Response(200, headers={"validation-token": "t", "x-content-type-options": "sniff"}))
    assert given["headers"]["validation-token"] == "t"
    assert given["headers"]["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("code=secret", ""),
        ("a=1&code=secret&b=%20", "a=1&b=%20"),
        ("a=1&codes=2", "a=1&codes=2"),
        ("code", ""),
        ("", ""),
    ],
)
def test_a_token_in_the_query_is_not_stored(query: str, stored: str) -> None:
    assert replace(CONNECTOR, token_in_query="code").stored_query(query) == stored
    assert CONNECTOR.stored_query(query) == query


def test_the_date_of_reading_is_no_part_of_a_link() -> None:
    dated = replace(CONNECTOR, documents=("https://a.example/x (read 2026-11)", "https://b.example/y"))
    assert dated.links == ("https://a.example/x", "https://b.example/y")
