"""Checks of how a connector proves its deliveries: accepts its own, refuses everything else, shakes hands exactly."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.connector import authenticate
from hub.delivery import Request
from hub.errors import Unauthorized
from hub.signatures import REASONS
from tests.contracts.evidence import NOW, OTHER_SECRET, SECRET, Evidence, Example

TOO_LATE_S = 3_600
Secrets = tuple[bytes, ...]
VALID: tuple[Secrets, ...] = ((OTHER_SECRET, SECRET), (SECRET, OTHER_SECRET), (b"", SECRET))
INVALID: tuple[Secrets, ...] = ((OTHER_SECRET,), (b"",), ())


def signed(evidence: Evidence, request: Request, secret: bytes = SECRET, now: float = NOW) -> Request:
    """The request as the platform would send it."""
    proven = evidence.signed_request(request, secret, now)
    if evidence.connector.token_in_path:
        return replace(proven, url=proven.url.replace(f"/{SECRET.decode()}", f"/{secret.decode()}"))
    return proven


def proof(evidence: Evidence, request: Request, now: float = NOW) -> dict[str, str]:
    """The headers that signing adds or changes."""
    headers = evidence.signed_request(request, SECRET, now).headers
    return {name: value for name, value in headers.items() if request.headers.get(name) != value}


def refusal(
    evidence: Evidence, example: Example, request: Request, secrets: Sequence[bytes] = (SECRET,), now: float = NOW
) -> str | None:
    """The reason for which the request is refused, or None where it is accepted."""
    kept = [evidence.connector.key_pair(secret)[1] for secret in secrets]
    try:
        authenticate(evidence.connector, request, kept, evidence.connection(example), now)
    except Unauthorized as error:
        assert error.reason in REASONS, f"{example.name}: {error.reason!r} is no reason"
        return error.reason
    return None


def accepts_its_own(evidence: Evidence) -> None:
    """Each example, signed as the platform signs, is accepted, also with headers that proxies add; by bus alone: never."""
    for example in evidence.deliveries if "webhook" not in evidence.connector.sources else ():
        request = signed(evidence, evidence.request(example))
        assert refusal(evidence, example, request), f"{example.name}: accepted over HTTP"
    for example in evidence.signed:
        request = signed(evidence, evidence.request(example))
        assert refusal(evidence, example, request) is None, f"{example.name}: refused"
        traced = replace(request, headers={**request.headers, "x-amzn-trace-id": "Root=1-2", "via": "2.0 proxy"})
        assert refusal(evidence, example, traced) is None, f"{example.name}: refused with a proxy's headers"


def accepts_any_valid_secret(evidence: Evidence) -> None:
    """During a rotation every secret counts, wherever it stands; a foreign one, an empty one or none never does."""
    for example in evidence.signed:
        request = signed(evidence, evidence.request(example))
        for secrets in VALID:
            assert refusal(evidence, example, request, secrets) is None, f"{example.name}: refused during a rotation"
        for secrets in INVALID:
            assert refusal(evidence, example, request, secrets), f"{example.name}: accepted with {len(secrets)} secrets"
        empty = _signed_with_nothing(evidence, example)
        if empty:
            assert refusal(evidence, example, empty, (b"",)), f"{example.name}: accepted with an empty secret"


def _signed_with_nothing(evidence: Evidence, example: Example) -> Request | None:
    """The request signed with an empty secret; None where nobody can sign so, or the token is part of the URL."""
    try:
        return None if evidence.connector.token_in_path else signed(evidence, evidence.request(example), b"")
    except ValueError:
        return None


def refuses_what_was_changed(evidence: Evidence) -> None:
    """A changed body, and a changed path, query or method where the platform signs it, is refused."""
    for example in evidence.signed:
        original = evidence.request(example)
        headers = proof(evidence, original)
        for what, other in _other_bodies(evidence, example) if not _is_token(evidence, example) else ():
            forged = replace(other, headers={**other.headers, **headers})
            assert refusal(evidence, example, forged), f"{example.name}: accepted with {what}"
        for what, other in _other_places(evidence, example):
            if _covers(evidence, original, other):
                forged = replace(other, headers={**other.headers, **headers})
                assert refusal(evidence, example, forged), f"{example.name}: accepted with {what}"


def _other_bodies(evidence: Evidence, example: Example) -> Iterator[tuple[str, Request]]:
    body, middle = example.body, len(example.body) // 2
    yield "a longer body", evidence.request(example, body + b"x")
    yield "a body with a space more", evidence.request(example, body + b" ")
    if body:
        yield "a shorter body", evidence.request(example, body[:-1])
        yield "another first byte", evidence.request(example, bytes([body[0] ^ 1]) + body[1:])
        yield (
            "another middle",
            evidence.request(example, body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]),
        )


def _other_places(evidence: Evidence, example: Example) -> Iterator[tuple[str, Request]]:
    request = evidence.request(example)
    yield "another path", evidence.request(example, path="/another")
    yield "another method", evidence.request(example, method="PUT")
    longer = f"{request.url}{'&' if request.query else '?'}x=1"
    yield "another query", replace(request, url=longer, query=longer.partition("?")[2])


def _covers(evidence: Evidence, one: Request, other: Request) -> bool:
    """Whether the platform's own signature tells the two requests apart."""
    try:
        return proof(evidence, one) != proof(evidence, other)
    except Unauthorized:
        return True


def _is_token(evidence: Evidence, example: Example) -> bool:
    """Whether the platform sends the secret itself instead of a signature."""
    unsigned = evidence.request(example)
    request, token = signed(evidence, unsigned), evidence.connector.key_pair(SECRET)[1]
    sent = [text.encode() for text in (*proof(evidence, unsigned).values(), request.url, request.client_subject)]
    return any(token in text or b64encode(token) in text for text in (*sent, request.body))


def refuses_what_is_not_signed(evidence: Evidence) -> None:
    """A missing, malformed or foreign signature is refused, for one of the reasons in `hub.signatures`."""
    for example in evidence.signed:
        unsigned = evidence.request(example)
        foreign = signed(evidence, unsigned, OTHER_SECRET)
        assert refusal(evidence, example, foreign), f"{example.name}: accepted a foreign signature"
        if proof(evidence, unsigned):
            _check_headers(evidence, example, unsigned)
        else:
            _check_tokens(evidence, example, signed(evidence, unsigned))


def _check_tokens(evidence: Evidence, example: Example, request: Request) -> None:
    token = SECRET.decode()
    for other in ("", token[:-1], token + "0", token.upper(), "x" * 5_000, "é"):
        changed = replace(
            request,
            url=request.url.replace(token, other),
            body=request.body.replace(token.encode(), other.encode()),
            client_subject=request.client_subject.replace(token, other),
        )
        assert changed != request, f"{example.name}: signed with nothing"
        assert refusal(evidence, example, changed), f"{example.name}: accepted the token {other[:20]!r}"


def _check_headers(evidence: Evidence, example: Example, unsigned: Request) -> None:
    headers = proof(evidence, unsigned)
    assert all(name == name.lower() for name in headers), f"{example.name}: header names in upper case"
    assert refusal(evidence, example, unsigned), f"{example.name}: accepted unsigned"
    for name, value in headers.items():
        for other in (None, *_malformed(value)):
            proven = {key: text for key, text in {**headers, name: other}.items() if text is not None}
            changed = replace(signed(evidence, unsigned), headers={**unsigned.headers, **proven})
            said = "missing" if other is None else other[:40]
            assert refusal(evidence, example, changed), f"{example.name}: accepted {name}: {said!r}"


def _malformed(value: str) -> list[str]:
    """Header texts that no platform sends, some of which libraries let pass."""
    prefix, _, _ = value.rpartition("=") if not value.endswith("=") else ("", "", "")
    return [
        *("", " ", "=", "x", "é", "0" * 64, "sha1=" + "0" * 40, "٠" * 10, "a" * 5_000, value * 1_000),
        *(value[:-1], value[1:], value + "0", value + "=", value + ",", f"{value},{value}", f"{value} "),
        *(value.replace(value[-6:], "!" + value[-6:]), f"{prefix}=", "1e9", "-1", "nan", "9" * 400),
    ]


def refuses_the_wrong_time(evidence: Evidence) -> None:
    """Where the platform signs a time, a delivery an hour older than may be, or an hour ahead, is refused."""
    late_s = TOO_LATE_S + evidence.connector.stale_after_s
    for example in evidence.signed:
        unsigned = evidence.request(example)
        if proof(evidence, unsigned) == proof(evidence, unsigned, NOW + TOO_LATE_S):
            continue
        request = signed(evidence, unsigned)
        assert refusal(evidence, example, request, now=NOW + late_s) == "stale", f"{example.name}: stale"
        assert refusal(evidence, example, request, now=NOW - TOO_LATE_S) == "future", f"{example.name}: future"
        assert refusal(evidence, example, request, now=NOW + 60) is None, f"{example.name}: refused after a minute"


def answers_as_the_platform_wants(evidence: Evidence) -> None:
    """Handshakes are answered byte for byte, and only with our own secrets; deliveries as the example says."""
    secrets = evidence.secrets
    for example in evidence.examples:
        request = evidence.request(example)
        shaken = evidence.connector.handshake(request, secrets)
        if example.is_handshake:
            assert shaken is not None, f"{example.name}: not answered"
            assert example.response is not None, f"{example.name}: says no response"
        answer = shaken or evidence.connector.acknowledge(request, evidence.connection(example))
        assert 200 <= answer.status < 500, f"{example.name}: {answer.status}"
        if example.response is not None:
            expected = (example.response.get("status", 200), example.response.get("body", answer.body))
            assert (answer.status, answer.body) == expected, f"{example.name}: answered {answer}"
        # An answer without a body is the same for everybody: it proves nothing to anybody.
        if shaken is not None and shaken.status == 200 and shaken.body and evidence.connector.secret_names:
            for others in ({}, dict.fromkeys(secrets, ""), dict.fromkeys(secrets, "another")):
                refused = evidence.connector.handshake(request, others)
                assert refused is None or refused.body != shaken.body, f"{example.name}: answered a stranger"


def shows_every_method(evidence: Evidence) -> None:
    """Each method that the connector allows is used by an example."""
    used = {example.method for example in evidence.examples}
    assert used >= evidence.connector.methods, f"no example of {sorted(evidence.connector.methods - used)}"
    assert evidence.signed or "webhook" not in evidence.connector.sources, "no example that is signed"


PROOFS = (
    accepts_its_own,
    accepts_any_valid_secret,
    refuses_what_was_changed,
    refuses_what_is_not_signed,
    refuses_the_wrong_time,
    answers_as_the_platform_wants,
    shows_every_method,
)
