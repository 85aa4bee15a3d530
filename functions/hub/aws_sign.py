"""Signature Version 4, as AWS documents it (General Reference, "Create a signed AWS API request")."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping

from hub.settings import Credentials


class Signer:
    """Signs requests to one service in one region; the day's key is derived once."""

    def __init__(self, service: str, region: str, credentials: Credentials) -> None:
        self.service = service
        self._region = region
        self._credentials = credentials
        self._day = ""
        self._key = b""

    def sign(
        self, method: str, host: str, path: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> dict[str, str]:
        """All headers to send: those given (lower-case names) and the signature's. `path` is without a query.

        `path` holds only characters that need no encoding; `now` is Unix seconds.
        """
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        digest = hashlib.sha256(body).hexdigest()
        signed = {**headers, "host": host, "x-amz-date": stamp}
        if self.service == "s3":
            signed["x-amz-content-sha256"] = digest
        if self._credentials.token:
            signed["x-amz-security-token"] = self._credentials.token
        signed["authorization"] = self._authorization(method, path, signed, digest, stamp)
        return signed

    def _authorization(self, method: str, path: str, headers: Mapping[str, str], digest: str, stamp: str) -> str:
        names = sorted(headers)
        lines = "".join([f"{name}:{headers[name].strip()}\n" for name in names])
        canonical = "\n".join([method, path, "", lines, ";".join(names), digest])
        scope = f"{stamp[:8]}/{self._region}/{self.service}/aws4_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
        signature = hmac.digest(self._key_of(stamp[:8]), text.encode(), "sha256").hex()
        credential = f"Credential={self._credentials.access_key}/{scope}"
        return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={';'.join(names)}, Signature={signature}"

    def _key_of(self, day: str) -> bytes:
        if day != self._day:
            key = f"AWS4{self._credentials.secret_key}".encode()
            for part in (day, self._region, self.service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._day, self._key = day, key
        return self._key
