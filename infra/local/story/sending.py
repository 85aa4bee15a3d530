"""Sends deliveries as the platforms do: signed by the connector's own scheme, each retry signed anew where it must."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx

from hub import connector as registry
from hub.delivery import Request
from infra.local.place import Stop

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery: where it goes, what it says, who signs it with what.

    `retry` is the body of a repeated attempt where the platform changes it; `signed_at` (Unix seconds) is now if None.
    """

    what: str
    platform: str
    url: str
    body: bytes
    secret: str
    headers: Mapping[str, str] = field(default_factory=dict)
    retry: bytes | None = None
    signed_at: float | None = None

    def again(self) -> Outgoing:
        """As the platform sends it a second time."""
        return replace(self, body=self.body if self.retry is None else self.retry)

    def signed(self) -> Request:
        """The request as it is sent, with its proof wherever the platform puts it."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request("POST", self.url, headers, self.body, self.url.partition("?")[2])
        at = time.time() if self.signed_at is None else self.signed_at
        return registry.signed(registry.load(self.platform), request, self.secret.encode(), at)


def send(client: httpx.Client, delivery: Outgoing) -> httpx.Response:
    """The hub's answer to one delivery; Stop where there is none."""
    request = delivery.signed()
    try:
        return client.post(request.url, content=request.body, headers=dict(request.headers))
    except httpx.HTTPError as error:
        raise Stop(f"the webhook URL does not answer ({type(error).__name__}): is `make up` still running?") from error


def send_event(
    events: EventBridgeClient, bus: str, source: str, detail: Mapping[str, Any], kind: str = "ContactChangeEvent"
) -> None:
    """Puts a change event on the bus that stands for Salesforce's event source, as Event Relay does.

    Nobody but AWS may send a source `aws.…`; the local stack's rule puts that back (infra/local_gaps.py).
    """
    entry = {
        "EventBusName": bus,
        "Source": source.removeprefix("aws."),
        "DetailType": kind,
        "Detail": json.dumps(detail),
    }
    answer = events.put_events(Entries=[entry])  # type: ignore[list-item]
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge did not take the event: {answer['Entries']}")


def handshake(client: httpx.Client, url: str, verify_token: str) -> bool:
    """Meta's check of a callback URL: whether the challenge came back as it was sent."""
    challenge = "1158201444"
    asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    answer = client.get(url, params=asked)
    return answer.status_code == 200 and answer.text == challenge
