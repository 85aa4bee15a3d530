"""Under which keys a name, a phone or an e-mail address is filed, so that what is like it is found without reading all.

Two names with at most one slip have a part in common, so that part and the other's first letter are a key. Two phone
numbers with one wrong digit agree on three of the four pairs of their last eight. The keys are texts; they are stored
as keyed hashes only.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.addresses_alike import LAST_DIGITS, SHORTEST_PHONE, digits, is_role, mailbox
from hub.domain.names import Name, Parts, fold, orders
from hub.domain.romaji import sound

# How much of a text a prefix key holds.
LENGTHS_WRITTEN = (1, 2, 4)
LENGTHS_SPOKEN = (2, 4, 7)
SHORTEST_LOCAL = 3


def search_keys(name: Name) -> frozenset[str]:
    """The keys by which a name is found: the whole in both orders, and its beginnings from each of its parts on."""
    wholes = {order for one in (name.parts, *name.sounds) for order in orders(one)}
    return frozenset(f"prefix\n{text[:n]}" for text in name.texts for n in lengths(text) if len(text) >= n) | frozenset(
        f"name\n{text}" for text in wholes
    )


def lengths(text: str) -> tuple[int, ...]:
    """The lengths of its prefixes that are keys."""
    return LENGTHS_SPOKEN if text.isascii() else LENGTHS_WRITTEN


def queries(text: str) -> list[tuple[str, str]]:
    """(key, beginning) pairs to look up for what somebody typed: items under the key whose text begins so, best first."""
    parts = tuple(fold(text).split())
    spoken = tuple(sound(part) for part in parts)
    forms = [*orders(parts), *(orders(spoken) if all(spoken) else ())] if parts else []
    found = [(f"name\n{form}", form) for form in forms]
    found += [(f"prefix\n{form[:n]}", form) for form in forms if (n := _longest(form))]
    return list(dict.fromkeys(found))


def _longest(form: str) -> int:
    return max((n for n in lengths(form) if n <= len(form)), default=0)


def blocks(name: Name) -> frozenset[str]:
    """The keys that names like this one have in common with it."""
    keys = {key for parts in (name.parts, *name.sounds) for key in _of_parts(parts)}
    return frozenset(keys | {f"name\n{order}" for parts in (name.parts, *name.sounds) for order in orders(parts)})


def _of_parts(parts: Parts) -> Iterator[str]:
    if len(parts) == 2:
        one, other = parts
        yield f"part\n{one}\n{other[0]}"
        yield f"part\n{other}\n{one[0]}"


def phone_blocks(phone: str) -> frozenset[str]:
    """The keys that a phone number shares with those one digit off, and with itself without its area code."""
    last = digits(phone)[-LAST_DIGITS:]
    if len(last) < SHORTEST_PHONE:
        return frozenset()
    padded = last.rjust(LAST_DIGITS, "x")
    return frozenset(
        f"phone\n{at}\n{padded[:at]}{padded[at + 2 :]}"
        for at in range(0, LAST_DIGITS, 2)
        if "x" not in padded or at == 0
    )


def email_blocks(address: str) -> frozenset[str]:
    """The keys that an e-mail address shares with those like it; none for a business's mailbox."""
    local, domain = mailbox(address)
    if len(local) < SHORTEST_LOCAL or is_role(address):
        return frozenset()
    half = len(local) // 2
    halves = {f"head\n{domain}\n{local[:half]}", f"tail\n{domain}\n{local[-half:]}"} if half > 2 else set()
    return frozenset({f"mailbox\n{local}"} | halves)
