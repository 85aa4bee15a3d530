"""What a wish for consent by e-mail may become of a member's status: the more restrictive always, the rest by their act.

A member who unsubscribed comes back by their own act only: at most they are asked (`pending` sends Mailchimp's
confirmation), and only where the setting `resubscribe` says so. An address that Mailchimp gave up stays given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOBODY = "transactional"  # known, and not asked to be written to
OUT = frozenset({"unsubscribed", "cleaned"})
OWN_ACT = (
    "the person unsubscribed, so only they can subscribe again: send them the sign-up form, or set resubscribe to "
    "pending, and Mailchimp asks them"
)
GIVEN_UP = "Mailchimp has given the address up after bounces or a complaint: only the person can subscribe again"
WAITING = "Mailchimp has asked the person and waits for their answer"
# What stands in the way of consent that was granted elsewhere, by the member's present status.
_REFUSED: Mapping[str, str] = {"unsubscribed": OWN_ACT, "cleaned": GIVEN_UP, "pending": WAITING}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a status: `status` "" leaves it as it is, `refused` says why the wish cannot be met."""

    status: str = ""
    refused: str = ""


def for_member(current: str, consent: str | None, settings: Mapping[str, Any]) -> Wish:
    """For a member of the audience; consent that is not known changes nothing."""
    if consent == "denied":
        return Wish() if current in OUT else Wish("unsubscribed")
    if consent != "granted" or current == "subscribed":
        return Wish()
    if current == "unsubscribed" and settings.get("resubscribe") == "pending":
        return Wish("pending")
    if current in _REFUSED:
        return Wish(refused=_REFUSED[current])
    return Wish(_granted(settings))


def for_newcomer(consent: str | None, settings: Mapping[str, Any]) -> str:
    """The status of somebody new: without granted consent nobody is subscribed."""
    words = {"granted": _granted(settings), "denied": "unsubscribed"}
    return words.get(consent or "", NOBODY)


def _granted(settings: Mapping[str, Any]) -> str:
    return "pending" if settings.get("double_opt_in") is True else "subscribed"
