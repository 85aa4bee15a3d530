"""Proof that somebody else checked: the cloud's event bus or stream, and the TLS certificate that the gateway verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.signing import bounded, check_token


@dataclass(frozen=True, slots=True)
class ByCloud:
    """Deliveries that come over EventBridge or Kinesis alone, where the cloud vouches for the source."""

    def verify(self, _request: Request, _secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Never returns: over HTTP nothing can prove such a delivery."""
        raise Unauthorized("missing_signature")

    def sign(self, _request: Request, _secret: bytes, _now: float) -> Mapping[str, str]:
        """No header: the cloud vouches for the source."""
        return {}


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Mutual TLS: the subject of the client's certificate, as the gateway that verified it writes it, is the secret."""

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns where the subject is one of `secrets`; else Unauthorized. A header never counts."""
        check_token(bounded(request.client_subject), secrets)

    def sign(self, _request: Request, _secret: bytes, _now: float) -> Mapping[str, str]:
        """No header: see `sign_request`."""
        return {}

    def sign_request(self, request: Request, secret: bytes, _now: float) -> Request:
        """The request as the gateway shows it after the handshake."""
        return replace(request, client_subject=secret.decode("ascii"))


BY_CLOUD = ByCloud()
CLIENT_CERTIFICATE = ClientCertificate()
