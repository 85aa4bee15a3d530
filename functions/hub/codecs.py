"""Codecs: how one value gets from the platform's way of writing to ours and back, by name.

Ours is text: durations are seconds, moments RFC 3339 UTC with milliseconds, dates YYYY-MM-DD, numbers plain decimals,
money `<amount> <currency>`, lists `one; two`, references `<object>:<id>`, owners e-mail addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub import codecs_numbers as numbers
from hub import codecs_text as text
from hub import codecs_times as times
from hub import codecs_words as words
from hub.codec import Codec
from hub.field_rules import BrokenRule, Rule

Maker = Callable[[Rule], Codec]


def _always(codec: Codec) -> Maker:
    return lambda _rule: codec


CODECS: Mapping[str, Maker] = {
    "text": _always(text.TEXT),
    "name": _always(text.NAME),
    "phone": _always(text.PHONE),
    "email": _always(text.EMAIL),
    "html": _always(text.HTML),
    "list": text.list_of,
    "integer": _always(numbers.INTEGER),
    "decimal": _always(numbers.DECIMAL),
    "boolean": _always(numbers.BOOLEAN),
    "money": _always(numbers.MONEY),
    "seconds": _always(numbers.SECONDS),
    "milliseconds": _always(numbers.MILLISECONDS),
    "minutes": _always(numbers.MINUTES),
    "mm_ss": _always(numbers.MM_SS),
    "date": _always(times.DATE),
    "instant": _always(times.INSTANT),
    "instant_s": _always(times.INSTANT_S),
    "instant_ms": _always(times.INSTANT_MS),
    "picklist": words.picklist,
    "owner": words.owner,
    "reference": words.reference,
}


def codec_of(rule: Rule) -> Codec:
    """The codec of a line; BrokenRule where there is none of that name, or it lacks what the codec needs."""
    if rule.codec not in CODECS:
        raise BrokenRule(f"has an unknown codec; there are {', '.join(CODECS)}")
    if bool(rule.currency) != (rule.codec == "money"):
        raise BrokenRule('has `currency` where the codec is not "money", or lacks it where it is')
    return CODECS[rule.codec](rule)
