"""E-mail addresses and phone numbers that are nearly the same: one that was mistyped, shortened, or moved."""

from __future__ import annotations

import re

# Mailboxes of a business and not of a person.
_ROLES = """
    admin billing contact office hello help hr info inquiry mail marketing news noreply no-reply order orders press
    reception recruit root sales service shop soumu staff support team test webmaster eigyo keiri jinji
"""
ROLES = frozenset(_ROLES.split())
# Providers whose mailboxes take dots and a +tag as one likes.
DOTLESS = frozenset({"gmail.com", "googlemail.com"})
SHORTEST_LOCAL = 5
SHORTEST_PHONE, LAST_DIGITS = 6, 8
_DIGITS = re.compile(r"[^0-9]")

Found = tuple[str, float]


def mailbox(address: str) -> tuple[str, str]:
    """(local part without dots, dashes and +tag, domain) of an address in lower case: to compare, never to join by."""
    local, _, domain = address.lower().rpartition("@")
    return re.sub(r"[._-]", "", local.partition("+")[0]), domain


def is_role(address: str) -> bool:
    """Whether the mailbox is a business's."""
    return address.lower().partition("@")[0].partition("+")[0] in ROLES


def alike_emails(one: str, other: str) -> Found | None:
    """What two different addresses have in common, with its weight."""
    if one == other or is_role(one) or is_role(other):
        return ("same e-mail address", 0.5) if one == other and not is_role(one) else None
    (local, domain), (local2, domain2) = mailbox(one), mailbox(other)
    if local == local2:
        return _same_local(local, domain, domain2)
    slip = min(len(local), len(local2)) > SHORTEST_LOCAL and _slips(local, local2, 1) <= 1
    # A digit more or less is what tells two people of one name apart.
    if domain == domain2 and slip and re.sub(r"\d", "", local) != re.sub(r"\d", "", local2):
        return "e-mail addresses one letter apart", 0.55
    return None


def _same_local(local: str, domain: str, domain2: str) -> Found | None:
    if domain == domain2 or {domain, domain2} <= DOTLESS:
        return "one mailbox, written in two ways", 0.8
    if _slips(domain, domain2, 2) <= 2 and len(local) >= 3:
        return "e-mail domains one letter apart", 0.75
    return ("same e-mail name at two providers", 0.4) if len(local) >= SHORTEST_LOCAL else None


def _slips(one: str, other: str, most: int) -> int:
    """How many letters were mistyped or swapped, up to one more than `most`."""
    from rapidfuzz.distance import OSA  # shipped with match_customers only; a search takes but the keys of this module

    return int(OSA.distance(one, other, score_cutoff=most))


def digits(phone: str) -> str:
    """The number's digits without a trunk zero before them."""
    return _DIGITS.sub("", phone).lstrip("0")


def alike_phones(one: str, other: str) -> Found | None:
    """What two different numbers have in common, with its weight."""
    shorter, longer = sorted((digits(one), digits(other)), key=len)
    if len(shorter) < SHORTEST_PHONE:
        return None
    if len(shorter) <= LAST_DIGITS:
        known = len(longer) > LAST_DIGITS and longer.endswith(shorter)
        return ("same number without its area code", 0.55) if known else None
    tail = longer[-len(shorter) :]  # without the country code, where only one has it
    if tail == shorter:
        return "same phone number", 0.5
    if _slips(shorter, tail, 1) > 1:
        return None
    swapped = sorted(shorter) == sorted(tail)
    return ("phone numbers with two digits swapped", 0.45) if swapped else ("phone numbers one digit apart", 0.4)
