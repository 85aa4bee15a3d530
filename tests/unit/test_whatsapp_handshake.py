"""WhatsApp Cloud API: the set-up request, answered exactly or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from connectors.whatsapp_cloud import CONNECTOR
from hub.delivery import Request

RIGHT = {"verify_token": "right"}
ASKED = {"mode": "subscribe", "challenge": "12", "verify_token": "right"}


def handshake(
    asked: Mapping[str, str], method: str = "GET", secrets: Mapping[str, str] = RIGHT
) -> tuple[int, str] | None:
    query = urlencode({f"hub.{key}": text for key, text in asked.items()})
    request = Request(method, f"https://hub.example/x?{query}", {}, b"", query=query)
    answer = CONNECTOR.handshake(request, secrets)
    return (answer.status, answer.body) if answer else None


def test_the_challenge_comes_back_exactly_and_as_plain_text() -> None:
    request = Request("GET", "", {}, b"", query="hub.mode=subscribe&hub.challenge=0012&hub.verify_token=right")
    answer = CONNECTOR.handshake(request, RIGHT)
    assert answer is not None
    assert (answer.status, answer.body, answer.content_type.split(";")[0]) == (200, "0012", "text/plain")


@pytest.mark.parametrize(
    "asked",
    [
        {"mode": "subscribe", "challenge": "12", "verify_token": "wrong"},
        {"mode": "subscribe", "challenge": "12", "verify_token": ""},
        {"mode": "subscribe", "challenge": "12"},
        {"mode": "subscribe", "challenge": "12", "verify_token": "rïght"},
        {"mode": "unsubscribe", "challenge": "12", "verify_token": "right"},
        {"challenge": "12", "verify_token": "right"},
        {"mode": "subscribe", "verify_token": "right"},
        {"mode": "subscribe", "challenge": "1 2", "verify_token": "right"},
        {"mode": "subscribe", "challenge": "12\n", "verify_token": "right"},
        {"mode": "subscribe", "challenge": "٣", "verify_token": "right"},
        {"mode": "subscribe", "challenge": "9" * 257, "verify_token": "right"},
        {},
    ],
)
def test_any_other_get_is_refused_and_told_nothing(asked: dict[str, str]) -> None:
    assert handshake(asked) == (403, "")


def test_without_a_verify_token_of_ours_no_handshake_succeeds() -> None:
    for token in ("", "right"):
        assert handshake(ASKED | {"verify_token": token}, secrets={}) == (403, "")
        assert handshake(ASKED | {"verify_token": token}, secrets={"verify_token": ""}) == (403, "")


def test_two_verify_tokens_in_one_query_are_refused() -> None:
    query = "hub.mode=subscribe&hub.challenge=12&hub.verify_token=wrong&hub.verify_token=right"
    answer = CONNECTOR.handshake(Request("GET", "", {}, b"", query=query), RIGHT)
    assert answer is not None and answer.status == 403


def test_a_post_is_no_handshake_whatever_its_query_says() -> None:
    assert handshake(ASKED, "POST") is None
