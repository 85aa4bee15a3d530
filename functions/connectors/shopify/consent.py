"""What a wish for marketing consent may become in Shopify: the stricter always, the rest never over the customer's no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.parsing import text_at

OWN_ACT = "the customer said no, so only they can say yes again: in the shop or by its sign-up form"
WAITING = "the customer has been asked, and has not answered yet"
NOT_ASKED = "consent is granted in Shopify only where the connection's setting grant_consent is true"
NO_PLACE = "the customer has no {what} in Shopify, to which the consent would belong"
# our field -> the node's part, the mutation, the name of its input, what the consent belongs to
CHANNELS: Mapping[str, tuple[str, str, str, str]] = {
    "consent_email": (
        "defaultEmailAddress",
        "customerEmailMarketingConsentUpdate",
        "emailMarketingConsent",
        "e-mail address",
    ),
    "consent_sms": ("defaultPhoneNumber", "customerSmsMarketingConsentUpdate", "smsMarketingConsent", "phone number"),
}
_SETTLED = frozenset({"UNSUBSCRIBED", "REDACTED", "INVALID"})
_REFUSED: Mapping[str, str] = {"UNSUBSCRIBED": OWN_ACT, "REDACTED": OWN_ACT, "INVALID": OWN_ACT, "PENDING": WAITING}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a state: `state` "" leaves it as it is, `refused` says why the wish cannot be met."""

    state: str = ""
    refused: str = ""


def wish(field: str, value: str | None, node: Mapping[str, Any], settings: Mapping[str, Any]) -> Wish:
    """For a customer's node; consent that is not known changes nothing."""
    place, _mutation, _input, what = CHANNELS[field]
    held = node.get(place)
    if value not in ("granted", "denied"):
        return Wish()
    if not held:
        return Wish(refused=NO_PLACE.format(what=what)) if value == "granted" else Wish()
    state = text_at(held, "marketingState") or "NOT_SUBSCRIBED"
    if value == "denied":
        return Wish() if state in _SETTLED else Wish("UNSUBSCRIBED")
    if state == "SUBSCRIBED":
        return Wish()
    if state in _REFUSED or settings.get("grant_consent") is not True:
        return Wish(refused=_REFUSED.get(state, NOT_ASKED))
    return Wish("SUBSCRIBED")
