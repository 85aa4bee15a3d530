"""How people type phone numbers and addresses: many formats, now and then a slip."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

WRONG_DIGIT, MISTYPED_MAIL = 0.025, 0.025

_FULL = str.maketrans("0123456789-", "０１２３４５６７８９－")


def _parts(number: str) -> tuple[str, str, str]:
    """E.164 of Japan as (area with its 0, middle, rest)."""
    national = "0" + number[3:]
    split = 3 if national[1] in "789" else 2
    return national[:split], national[split:-4], national[-4:]


FORMATS: dict[Callable[[str, str, str], str], int] = {
    lambda a, b, c: f"{a}-{b}-{c}": 44,
    lambda a, b, c: f"{a}{b}{c}": 18,
    lambda a, b, c: f"+81{a[1:]}{b}{c}": 10,
    lambda a, b, c: f"+81 {a[1:]}-{b}-{c}": 8,
    lambda a, b, c: f"{a} {b} {c}": 4,
    lambda a, b, c: f"({a}) {b}-{c}": 4,
    lambda a, b, c: f"{a}.{b}.{c}": 1,
    lambda a, b, c: f"{a}-{b}-{c}".translate(_FULL): 5,
    lambda a, b, c: f"{a}{b}{c}".translate(_FULL): 2,
    lambda a, b, c: f"{a}ー{b}ー{c}": 2,  # the long-vowel mark for the dash
    lambda a, b, c: f" {a}-{b}-{c} ": 1,
    lambda a, b, c: f"tel:+81-{a[1:]}-{b}-{c}": 1,
}


def phone(random: Random, number: str) -> str:
    """The number in one of the ways in which people write it; another country's in its own."""
    if not number.startswith("+81"):
        return number
    return random.choices(list(FORMATS), list(FORMATS.values()))[0](*_parts(number))


def slipped_number(random: Random, number: str) -> str:
    """The number with one digit of its last seven wrong."""
    at = random.randrange(len(number) - 7, len(number))
    wrong = random.choice([digit for digit in "0123456789" if digit != number[at]])
    return number[:at] + wrong + number[at + 1 :]


def mail(random: Random, address: str) -> str:
    """The address, some of it in capitals, with a blank behind."""
    forms = (address, address, address, address.capitalize(), address.upper(), address + " ")
    return random.choice(forms)


def slipped_mail(random: Random, address: str) -> str:
    """The address with a letter left out, doubled or exchanged with its neighbour."""
    at = random.randrange(1, max(2, address.index("@") - 1))
    forms = (
        address[:at] + address[at + 1 :],
        address[:at] + address[at] + address[at:],
        address[: at - 1] + address[at] + address[at - 1] + address[at + 1 :],
    )
    return random.choice([form for form in forms if form != address and not form.startswith("@")] or [f"x{address}"])
