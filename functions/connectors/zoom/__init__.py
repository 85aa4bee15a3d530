"""Zoom Phone, and Zoom Contact Center as far as it is documented: signed webhooks of a Marketplace app."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from hub.connector import Connector
from hub.delivery import Request, Response
from hub.errors import Quarantine
from hub.parsing import parse_json, text_at
from hub.schemes_hmac import ZOOM

# Zoom's challenge is base64url. It may hold no colon: what Zoom signs begins with "v0:", so that nobody can have a
# forged delivery signed by sending it as a challenge.
_PLAIN = re.compile(r"[A-Za-z0-9_+/=-]{1,128}", re.ASCII)
_PASSWORD = re.compile(rb'("(?:password|sip_password)"\s*:\s*)"(?:[^"\\]|\\.)*+"')


def handshake(request: Request, secrets: Mapping[str, str]) -> Response | None:
    """The answer to `endpoint.url_validation`: the challenge and its HMAC; None for anything else."""
    if request.method != "POST" or b"endpoint.url_validation" not in request.body[:4096]:
        return None
    try:
        challenge = parse_json(request.body)
    except Quarantine:
        return None
    plain, secret = text_at(challenge, "payload", "plainToken") or "", secrets.get("signing", "")
    if text_at(challenge, "event") != "endpoint.url_validation" or not _PLAIN.fullmatch(plain) or not secret:
        return None
    encrypted = hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
    body = json.dumps({"plainToken": plain, "encryptedToken": encrypted}, separators=(",", ":"))
    return Response(200, body, "application/json")


def without_credentials(body: bytes) -> bytes:
    """`phone.generic_device_provision` carries the SIP passwords of the device: they are not stored."""
    return _PASSWORD.sub(rb'\1""', body) if b"phone.generic_device_provision" in body else body


CONNECTOR = Connector(
    name="zoom",
    title="Zoom Phone and Contact Center",
    kinds=frozenset({"telephony"}),
    signature="x-zm-signature: HMAC-SHA256 with the app's secret token over v0, time and body",
    verify=ZOOM.verify,
    sign=ZOOM.sign,
    handshake=handshake,
    without_credentials=without_credentials,
    mapping="connectors.zoom.webhook",
    documents=(
        "https://developers.zoom.us/docs/api/webhooks/ (read 2026-11)",
        "https://developers.zoom.us/docs/api/phone/events/ (read 2026-11)",
        "https://developers.zoom.us/docs/api/contact-center/events/ (read 2026-11)",
    ),
    required_settings=("account_id",),
    deadline_s=3.0,
    retries="said to be three times within an hour and a half after any answer but 200 or 204; not confirmed",
    identity="event, call id, leg (device, user or extension) and Zoom's own time of the step are the same",
    emits=(
        "account.notice",
        "agent.status_changed",
        "call.answered",
        "call.ended",
        "call.held",
        "call.queued",
        "call.recorded",
        "call.resumed",
        "call.ringing",
        "call.started",
        "call.transcribed",
        "call.transferred",
        "call.voicemail_left",
        "call.wrapped_up",
        "consent.changed",
        "message.echoed",
        "message.received",
        "message.status_changed",
    ),
)
