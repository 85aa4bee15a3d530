"""The wire under `hub.http`: httpx, with the address checked and pinned at connect and one deadline per exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from hub.addresses import Resolve, is_public
from hub.ports import Clock, HttpResponse

MOST_BODY_BYTES = 1_000_000
CONNECT_S, READ_S = 3.0, 8.0

_deadline: ContextVar[float] = ContextVar("deadline")


class AddressRefused(httpcore.ConnectError):
    """The name resolves to an address that the hub does not connect to."""


class NotSent(Exception):
    """The exchange failed before a byte of the request can have been acted on."""


class MaybeSent(Exception):
    """The exchange failed after the request may have arrived."""


class Refused(Exception):
    """The hub does not go there, or does not take such an answer; the text says why."""


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves once, refuses unless every address is public, and connects to that very address."""

    def __init__(self, network: httpcore.NetworkBackend, resolve: Resolve, clock: Clock, allow_private: bool) -> None:
        self._network, self._resolve, self._clock, self._allow_private = network, resolve, clock, allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """A stream to the first address that answers; TLS and Host keep the name."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._network.connect_tcp(address, port, remaining(self._clock, timeout))
                return DeadlineStream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name does not resolve") from error
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise AddressRefused("not a public address")
        return addresses


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every read and write also ends at the exchange's deadline (a slow drip is cut off)."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream's own."""
        return self._stream.read(max_bytes, remaining(self._clock, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream's own."""
        self._stream.write(buffer, remaining(self._clock, timeout))

    def close(self) -> None:
        """As the stream's own."""
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As the stream's own."""
        stream = self._stream.start_tls(ssl_context, server_hostname, remaining(self._clock, timeout))
        return DeadlineStream(stream, self._clock)

    def get_extra_info(self, info: str) -> Any:
        """As the stream's own."""
        return self._stream.get_extra_info(info)


def remaining(clock: Clock, timeout: float | None) -> float:
    """The smaller of `timeout` and the time left; raises httpcore.ReadTimeout once none is."""
    left = _deadline.get() - clock.now()
    if left <= 0:
        raise httpcore.ReadTimeout("the exchange took too long")
    return left if timeout is None else min(left, timeout)


class Wire:
    """Carries out one exchange; the TLS context is built with the first one."""

    def __init__(
        self,
        *,
        resolve: Resolve,
        clock: Clock,
        allow_private: bool = False,
        network: httpcore.NetworkBackend | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._backend = GuardedBackend(network or httpcore.SyncBackend(), resolve, clock, allow_private)
        self._client = httpx.Client(
            transport=transport or self._guarded_transport(),
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity", "user-agent": "renkei"},
        )

    def _guarded_transport(self) -> httpx.HTTPTransport:
        # httpx takes no network backend; its one pool is replaced by the same pool over ours.
        context = httpx.create_ssl_context(trust_env=False)
        transport = httpx.HTTPTransport(verify=context, trust_env=False)
        transport._pool = httpcore.ConnectionPool(
            ssl_context=context, network_backend=self._backend, max_connections=10, keepalive_expiry=10
        )
        return transport

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, deadline: float
    ) -> HttpResponse:
        """The answer, whole; raises NotSent, MaybeSent or Refused."""
        _deadline.set(deadline)
        try:
            with self._client.stream(method, url, headers=dict(headers), content=content) as response:
                return HttpResponse(response.status_code, _lower(response.headers), self._read(response, deadline))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            if isinstance(error.__cause__, AddressRefused):
                raise Refused("resolves to an address that is not public") from error
            raise NotSent(type(error).__name__) from error
        except httpx.RequestError as error:
            raise MaybeSent(type(error).__name__) from error

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused("is compressed although we asked for plain bytes")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MOST_BODY_BYTES:
                raise Refused(f"is larger than {MOST_BODY_BYTES} bytes")
            if self._clock.now() > deadline:
                raise MaybeSent("deadline")
        return bytes(body)


def _lower(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
