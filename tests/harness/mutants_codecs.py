"""Well-known mistakes of conversions, seeded one at a time: the laws and truths of codecs must notice each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hub.codec import Codec, Unfit
from hub.codecs import codec_of
from tests.harness.codec_truths import rule_for
from tests.harness.field_values import OWNERS


def _of(name: str, **changed: Any) -> tuple[str, Codec]:
    return name, replace(codec_of(rule_for(name)), **changed)


def _real(name: str) -> Codec:
    return codec_of(rule_for(name))


def _guessed(value: Any) -> str:
    try:
        return str(_real("picklist").read(value))
    except Unfit:
        return str(value)


def _first_owner(value: str, _owners: Mapping[str, str]) -> str:
    return next((user for user, email in OWNERS.items() if email == value.lower()), "")


def _same_end(one: str, other: str) -> bool:
    return one[-7:] == other[-7:]


def _day_before(value: str) -> str:
    """A date taken for local midnight, west of Greenwich."""
    day = int(value[8:])
    return f"{value[:8]}{max(1, day - 1):02d}"


def _seconds_as(units: int) -> Callable[[Any], str]:
    return lambda value: str(int(value) * units)


def mutants() -> Mapping[str, tuple[str, Codec]]:
    """What is wrong -> the codec's name and the codec with that mistake."""
    return {
        "milliseconds are taken for seconds": _of("milliseconds", read=_seconds_as(1)),
        "milliseconds are taken for seconds both ways": _of("milliseconds", read=_seconds_as(1), write=int),
        "minutes are taken for seconds both ways": _of("minutes", read=_seconds_as(1), write=int),
        "a minute that has begun is dropped": _of("minutes", write=lambda value: int(value) // 60),
        "mm:ss without its zeros": _of("mm_ss", write=lambda value: f"{int(value) // 60}:{int(value) % 60}"),
        "an hour is lost in mm:ss": _of("mm_ss", write=lambda v: f"{int(v) // 60 % 60:02d}:{int(v) % 60:02d}"),
        "a date moves by a time zone": _of("date", write=_day_before),
        "a moment in a day is cut to its date": _of("date", read=lambda value: str(value)[:10]),
        "Unix seconds are taken for milliseconds": _of("instant_s", read=_real("instant_ms").read),
        "Unix milliseconds are cut to seconds": _of("instant_ms", write=lambda v: _real("instant_s").write(v) * 1000),
        "a moment's zone is ignored": _of("instant", read=lambda value: f"{str(value)[:19]}.000Z"),
        "an unknown word is passed through": _of("picklist", read=_guessed),
        "an unknown word is the first one": _of("picklist", read=lambda _value: "lead"),
        "of two users of one address the first owns": _of("owner", write=_first_owner),
        "the currency is dropped": _of("money", write=lambda v: (_real("money").write(v)[0], None)),
        "money through a float": _of("money", write=lambda v: (float(v.split()[0]), v.split()[1])),
        "digits are lost in a float": _of("decimal", write=float),
        "a text that is not empty is true": _of("boolean", read=lambda value: str(bool(value)).lower()),
        "HTML is not escaped": _of("html", write=lambda value: value.replace("\n", "<br>")),
        "the ends of lines are lost in HTML": _of("html", write=lambda v: _real("html").write(v.replace("\n", " "))),
        "an entity is unescaped twice": _of("html", read=lambda v: _real("html").read(_real("html").read(v) or "")),
        "a list is not parted": _of("list", read=lambda value: str(value) or None, write=str),
        "a list's first entry only": _of("list", write=lambda value: str(value).split(";")[0]),
        "phones are one by their last digits": _of("phone", same=_same_end),
        "phones are one only as written": _of("phone", same=lambda one, other: one == other),
        "an address is one only in its own case": _of("email", same=lambda one, other: one == other),
        "the part after + is not looked at": _of("email", same=lambda a, b: a.split("+")[0][:3] == b.split("+")[0][:3]),
        "names are one in any case": _of("text", same=lambda one, other: one.casefold() == other.casefold()),
        "a reference to any kind of record": _of("reference", write=lambda value: int(value.partition(":")[2])),
        "a whole number through a float": _of("integer", write=lambda value: int(float(value) / 3 * 3)),
    }
