"""A webhook request becomes a message on the inbound queue, or a refusal; nothing else happens here.

Whatever a stranger sends, the answer is 401 (or 404, 405, 413, 415); whatever fails on our side, it is 503, so that
the platform sends again. What is proven is never refused for its content. No model library and no SDK is imported.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from hub import connector as registry
from hub.batch import place_of
from hub.connections import named_secrets, signing_secrets
from hub.connector import Connector
from hub.delivery import Connection, Delivery, Request, Response
from hub.edge import Arrival, Unacceptable, answer, read, refusal
from hub.errors import HubError, Unauthorized
from hub.refusals import UNKNOWN, Refusal
from hub.wiring import Hub

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
LARGE = 128 * 1024  # bytes of a body above which it travels as a blob


def receive(event: Mapping[str, Any], kind: str, hub: Hub) -> dict[str, Any]:
    """Verifies, stores, answers one API Gateway event (payload 2.0); returns its response and never raises."""
    try:
        return _receive(event, kind, hub)
    except HubError as error:
        hub.telemetry.count("ingest.failed", error=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - the platform must hear 503 and send again, whatever broke
        hub.telemetry.count("ingest.failed", error=type(error).__name__, at=place_of(error))
    finally:
        hub.telemetry.flush(f"ingest_{kind}")
    return refusal(503)


def _receive(event: Mapping[str, Any], kind: str, hub: Hub) -> dict[str, Any]:
    try:
        arrival = read(event)
    except Unacceptable as error:
        return _refuse(hub, error.status, error.reason)
    known = _known(hub, arrival, kind)
    if known is None:
        hmac.digest(b"the time that a known connection takes", arrival.body, "sha256")
        return _refuse(hub, 401, "unknown_connection")
    connection, connector = known
    try:
        return answer(_admit(hub, arrival, connection, connector))
    except Unacceptable as error:
        return _refuse(hub, error.status, error.reason, connection)


def _known(hub: Hub, arrival: Arrival, kind: str) -> tuple[Connection, Connector] | None:
    """The connection and its connector; None where it is unknown, disabled, or not of this kind."""
    connection = hub.connections.get(arrival.connection_id) if arrival.kind == kind else None
    if connection is None or connection.status != "active":
        return None
    try:
        connector = registry.load(connection.platform)
    except KeyError:
        return None
    return (connection, connector) if kind in connector.kinds else None


def _admit(hub: Hub, arrival: Arrival, connection: Connection, connector: Connector) -> Response:
    """The answer to a handshake or to a delivery that is now on the queue; raises Unacceptable for all else."""
    if arrival.method not in connector.methods:
        raise Unacceptable(405, "method")
    request = arrival.request(str(connection.settings.get("public_url") or hub.settings.public_url))
    secrets, now = hub.secrets.read(connection.id), hub.clock.now()
    signing = signing_secrets(secrets, now)
    greeting = _handshake(connector, request, _for_handshake(secrets, signing))
    if greeting is not None:
        hub.telemetry.count("ingest.handshake", platform=connection.platform)
        return greeting
    try:
        _no_stray_token(arrival, connector)
        _authenticate(hub, connector, request, connection, signing)
    except Unauthorized as error:
        raise Unacceptable(401, error.reason) from error
    _send(hub, _delivery(arrival, connection, connector, now, connector.remember(request)))
    hub.telemetry.count("ingest.accepted", platform=connection.platform)
    return _acknowledgement(hub, connector, request, connection)


def _handshake(connector: Connector, request: Request, secrets: Mapping[str, str]) -> Response | None:
    try:
        response = connector.handshake(request, secrets)
    except Exception as error:  # as around a verifier: a stranger's bytes must never become a 5xx
        raise Unacceptable(403, "handshake") from error
    if response is not None and response.status >= 400:
        raise Unacceptable(403, "handshake")
    return response


def _for_handshake(secrets: Mapping[str, Any], signing: list[bytes]) -> dict[str, str]:
    """The named secrets, and as `signing` the signing secret that will last longest."""
    named = named_secrets(secrets)
    if signing:
        named["signing"] = signing[0].decode()
    return named


def _no_stray_token(arrival: Arrival, connector: Connector) -> None:
    if arrival.token and not connector.token_in_path:
        raise Unauthorized("malformed")


def _authenticate(
    hub: Hub, connector: Connector, request: Request, connection: Connection, remembered: list[bytes]
) -> None:
    """Raises Unauthorized for what no signing secret proves, nor one that was added since they were remembered."""
    now = hub.clock.now()
    try:
        registry.authenticate(connector, request, remembered, connection, now)
    except Unauthorized:
        if not hub.refusals.may_read_again(connection.id, now):
            raise
        present = signing_secrets(hub.secrets.read(connection.id, fresh=True), now)
        if present == remembered:
            raise
        registry.authenticate(connector, request, present, connection, now)


def _delivery(
    arrival: Arrival, connection: Connection, connector: Connector, now: float, remembered: Mapping[str, str]
) -> Delivery:
    return Delivery(
        connection_id=connection.id,
        platform=connection.platform,
        kind=arrival.kind,
        received_at=instant(now),
        body=connector.without_credentials(arrival.body),
        method=arrival.method,
        query=connector.stored_query(arrival.query),
        headers={**_kept(arrival, connector), **remembered},
    )


def _kept(arrival: Arrival, connector: Connector) -> dict[str, str]:
    return {name: value for name, value in arrival.headers.items() if name in connector.keep_headers}


def _send(hub: Hub, delivery: Delivery) -> None:
    message = delivery.to_message()
    body = message.pop("body")
    if len(delivery.body) > LARGE:
        message["blob"] = f"large/{delivery.connection_id}/{delivery.id}"
        hub.blobs.put(message["blob"], delivery.body)
        text = _encode(message)
    else:
        text = f'{_encode(message)[:-1]},"body":"{body}"}}'  # base64 needs no escaping, and it is most of the text
    hub.queue.send(f"inbound-{delivery.kind}", text)


def _acknowledgement(hub: Hub, connector: Connector, request: Request, connection: Connection) -> Response:
    """What the platform wants to hear; an empty 200 where that cannot be said, for the delivery is stored."""
    try:
        return connector.acknowledge(request, connection)
    except Exception as error:  # noqa: BLE001 - a 5xx would only bring the same delivery again
        hub.telemetry.count("ingest.plain_acknowledgement", error=type(error).__name__, at=place_of(error))
        return Response(200)


def _refuse(hub: Hub, status: int, reason: str, connection: Connection | None = None) -> dict[str, Any]:
    now = hub.clock.now()
    known_as, platform = (connection.id, connection.platform) if connection else (UNKNOWN, UNKNOWN)
    hub.telemetry.count("ingest.refused", reason=reason, platform=platform)
    hub.refusals.add(Refusal(instant(now)[:16], known_as, platform, reason))
    hub.refusals.settle(hub.connection_items, now)
    return refusal(status)


def instant(now: float) -> str:
    """RFC 3339 UTC with milliseconds."""
    ms = int(now * 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"
