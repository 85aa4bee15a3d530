"""How the bridge beside an on-premises PBX (infra/bridge) signs: HMAC-SHA256 over time, a dot and the raw body."""

from __future__ import annotations

from hub.schemes_hmac import Hmac, template
from hub.signing import Timestamp

BRIDGE = Hmac(
    "x-renkei-signature", template("{time}.{body}"), prefix="sha256=", timestamp=Timestamp("x-renkei-timestamp")
)
