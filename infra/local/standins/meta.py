"""A stand-in for Meta's Graph API as far as a receiver needs it: the look-up and download of a medium.

WhatsApp Cloud API, media (business-messaging-api v23.0 description and the v26.0 notes; read November 2026)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from infra.local.standins.server import Answer, Call, Refused, Standin

IMAGE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")  # the smallest thing that is a JPEG by its marks
RATE_CODES = {
    429: (130429, "Rate limit hit"),
    400: (131056, "(Business Account, Consumer Account) pair rate limit hit"),
}


def error(status: int, code: int, message: str, kind: str = "OAuthException") -> Answer:
    """An error in Graph's shape; throttles come as 400 with a code, not as 429."""
    return Answer(status, {"error": {"message": message, "type": kind, "code": code, "fbtrace_id": "AaBbCcDdEeFf"}})


@dataclass(slots=True)
class Meta:
    """One app at `url`, with a system user's token; `media` holds what was sent to the business by its id."""

    url: str
    token: str
    media: dict[str, bytes] = field(default_factory=dict)

    def standin(self) -> Standin:
        """The two calls for media."""
        routes = (
            ("GET", "/download/{id}", self._download),
            ("GET", "/{version}/{id}", self._look_up),
        )
        admin = (("POST", "/_standin/media", self._add),)
        faults = {status: error(status, *pair) for status, pair in RATE_CODES.items()}
        return Standin(routes, self._guard, error(404, 2500, "Unknown path components"), faults, admin)

    def _guard(self, call: Call) -> None:
        if call.bearer != self.token:
            raise Refused(error(401, 190, "Invalid OAuth access token - Cannot parse access token"))

    def _look_up(self, call: Call) -> Answer:
        image = self._medium(call)
        shown = {
            "messaging_product": "whatsapp",
            "url": f"{self.url}/download/{call.parts['id']}",
            "mime_type": "image/jpeg",
            "sha256": hashlib.sha256(image).hexdigest(),
            "file_size": str(len(image)),
            "id": call.parts["id"],
        }
        return Answer(200, shown)

    def _download(self, call: Call) -> Answer:
        return Answer(200, self._medium(call).decode("latin-1"), {"content-type": "image/jpeg"})

    def _medium(self, call: Call) -> bytes:
        if call.parts["id"] not in self.media:
            message = f"Unsupported get request. Object with ID '{call.parts['id']}' does not exist"
            raise Refused(error(400, 100, message, "GraphMethodException"))
        return self.media[call.parts["id"]]

    def _add(self, call: Call) -> Answer:
        self.media[call.json()["id"]] = IMAGE
        return Answer(201)
