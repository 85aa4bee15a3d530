"""Web forms: where the secret may stand, what is stored of it, what a browser hears."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.web_form import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Request
from hub.errors import Quarantine, Unauthorized
from hub.parsing_multipart import parse_multipart

SECRET = b"a-secret-of-twenty-letters"
HERE = Connection("a" * 26, "web_form")
URL = f"https://hub.example/webhooks/crm/{HERE.id}"
PARTS = (
    b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nm@example.org\r\n'
    b'--x\r\nContent-Disposition: form-data; name="renkei_token"\r\n\r\n%s\r\n--x--\r\n'
)
BODIES = [b"email=m%%40example.org&renkei_token=%s", b'{"email":"m@example.org","renkei_token":"%s"}', PARTS]


def refused(body: bytes, url: str = URL) -> str | None:
    try:
        authenticate(CONNECTOR, Request("POST", url, {}, body), [SECRET], HERE, 0.0)
    except Unauthorized as error:
        return error.reason
    return None


@pytest.mark.parametrize("body", BODIES)
def test_the_secret_may_stand_in_the_form(body: bytes) -> None:
    assert refused(body % SECRET) is None
    assert refused(body % b"another-secret-of-letters") == "wrong_token"
    assert refused(body % b"") == "missing_signature"


@pytest.mark.parametrize("body", BODIES)
def test_the_secret_in_the_form_counts_for_nothing_where_the_url_has_another(body: bytes) -> None:
    assert refused(body % SECRET, f"{URL}/another-secret-of-letters") == "wrong_token"


@pytest.mark.parametrize("body", BODIES)
def test_the_secret_in_the_form_is_not_stored(body: bytes) -> None:
    stored = CONNECTOR.without_credentials(body % SECRET)
    assert SECRET not in stored
    assert b"example.org" in stored


def test_a_form_of_parts_without_the_secret_is_stored_as_it_came() -> None:
    body = PARTS.replace(b"renkei_token", b"other") % b"x"
    assert CONNECTOR.without_credentials(body) == body


@pytest.mark.parametrize("cut", [4, 8, 40, 90])
def test_a_form_of_parts_without_an_end_is_quarantined(cut: int) -> None:
    with pytest.raises(Quarantine):
        parse_multipart((PARTS % b"x")[:-cut])


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"fields": {"e_mail": "x"}}, "fields.e_mail"),
        ({"fields": "email"}, "fields"),
        ({"fields": {"email": ""}}, "fields.email"),
        ({"fields": {}, "honeypot": [""]}, "honeypot"),
        ({"fields": {}, "thanks_url": "http://flowers.example"}, "thanks_url"),
        ({"fields": {}, "thanks_url": "https://flowers.example/\r\nx: y"}, "thanks_url"),
        ({"fields": {}, "time": {"now": True}}, "time"),
    ],
)
def test_a_mistake_in_the_settings_is_named_with_its_place(settings: dict[str, Any], place: str) -> None:
    assert [one.partition(": ")[0] for one in CONNECTOR.check_settings(settings)] == [place]
