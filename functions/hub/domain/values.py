"""The smallest shapes that events are made of: frozen models, texts that are cut and not refused, exact money."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Frozen, closed: an unknown field in our own model is a bug."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _cut_to(most: int) -> AfterValidator:
    return AfterValidator(lambda text: text[:most])


# What people write may be of any length: it is cut to so many characters, the raw delivery holds all of it.
Line = Annotated[str, _cut_to(500)]
Text = Annotated[str, _cut_to(10_000)]
# Labels; the first hundred of them.
Tags = Annotated[tuple[Line, ...], AfterValidator(lambda found: found[:100])]

# A decimal number as text, "." before the fraction: "1980", "-12.50". Never a float.
Money = Annotated[str, Field(pattern=r"^-?[0-9]{1,24}(\.[0-9]{1,12})?$", examples=["1980", "-12.50"])]
# ISO 4217, upper case.
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["JPY"])]

_MONEY = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,12})?")
# Decimal digits of the minor unit where they are not two (ISO 4217, list one).
MINOR_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


def money(value: Any) -> str | None:
    """A platform's amount (text, whole number or float) as Money; None where it is none, whatever the value is."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value).strip()
    return text if _MONEY.fullmatch(text) else None


def money_from_minor(value: Any, currency: str | None, digits: int | None = None) -> str | None:
    """An amount in minor units (1980 cents) as Money ("19.80"); `digits` where a platform departs from ISO 4217."""
    text = money(value)
    if text is None or "." in text:
        return None
    try:
        places = MINOR_DIGITS.get((currency or "").upper(), 2) if digits is None else digits
        return format(Decimal(text).scaleb(-places), "f")
    except InvalidOperation:
        return None


def currency(value: Any) -> str | None:
    """A platform's currency code as Currency; None where it is none."""
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if re.fullmatch("[A-Z]{3}", text) else None
