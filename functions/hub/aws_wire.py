"""One kept HTTP connection to one endpoint."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and the header in which AWS's JSON services name an error."""

    status: int
    body: bytes
    error_type: str = ""


class Wire:
    """Connects when needed and keeps the connection; one that died while the container slept is replaced at once."""

    def __init__(self, endpoint: str, *, connect_s: float = CONNECT_S, read_s: float = 1.0) -> None:
        parts = urlsplit(endpoint)
        self.host = parts.netloc
        self._secure = parts.scheme == "https"
        self._connect_s = connect_s
        self._read_s = read_s
        self._connection: http.client.HTTPConnection | None = None

    def exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request and its answer; raises OSError or HTTPException when the connection fails."""
        kept = self._connection is not None
        try:
            return self._exchange(method, path, headers, body)
        except (ConnectionError, http.client.RemoteDisconnected):
            if not kept:
                raise
        return self._exchange(method, path, headers, body)

    def close(self) -> None:
        """Gives the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = self._connection or self._connect()
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            answer = Answer(response.status, response.read(), response.getheader("x-amzn-errortype", ""))
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if response.will_close:
            self.close()
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        maker = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = maker(self.host, timeout=self._connect_s)
        connection.connect()
        connection.sock.settimeout(self._read_s)
        self._connection = connection
        return connection
