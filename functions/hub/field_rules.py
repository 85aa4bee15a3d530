"""One line of a field map: our field, theirs, and how a value gets from one to the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Direction = Literal["in", "out", "both"]
Word = str | int | bool
DIRECTIONS: tuple[str, ...] = get_args(Direction)
POLICIES = ("owner", "last_writer", "fill_empty", "union", "most_restrictive", "monotonic", "append")
MAX_NAME = 256  # characters of a platform's field
_OURS = re.compile(r"[a-z][a-z0-9_]{0,127}", re.ASCII)
_KIND = re.compile(r"[a-z]{1,32}", re.ASCII)


class BrokenMap(ValueError):
    """A field map that cannot be used; says in a sentence which file, object and field, and why."""


class BrokenRule(ValueError):
    """One line that cannot be used; the sentence has our field as its subject."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field of ours and one of theirs follow each other.

    `direction` in: read only, out: written only. `required`: the platform takes no record without it. `policy` is the
    default policy's word. `words` are a picklist's, ours to theirs; of several of theirs the first is written.
    `currency` is their field with a money's currency; `separator` parts their list in one text, "" where they have a
    real list; `kind` is what a reference refers to; `number`: their ids are whole numbers. `lossy` says what the
    platform does to what is written, where it is not read back as it was; `note` is for people.
    """

    ours: str
    theirs: str
    codec: str = "text"
    direction: Direction = "both"
    required: bool = False
    policy: str = ""
    words: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)
    note: str = ""
    lossy: str = ""
    currency: str = ""
    separator: str = ""
    kind: str = "company"
    number: bool = False

    @property
    def reads(self) -> bool:
        """Whether we take the platform's value."""
        return self.direction != "out"

    @property
    def writes(self) -> bool:
        """Whether the platform takes our value."""
        return self.direction != "in"


def is_our_name(text: str) -> bool:
    """Whether a field of ours may be called so."""
    return _OURS.fullmatch(text) is not None


def rule_of(ours: str, line: object) -> Rule:
    """The rule of one line, which is their field's name or a table; BrokenRule where it cannot be used."""
    if not is_our_name(ours):
        raise BrokenRule("is no name of ours: small letters, digits and _, a letter first")
    said: Mapping[str, Any] = {"theirs": line} if isinstance(line, str) else _table(line)
    for name, value in said.items():
        _check(name, value)
    _check("theirs", said.get("theirs"))
    if ("words" in said) != (said.get("codec") == "picklist"):
        raise BrokenRule('has `words` where the codec is not "picklist", or lacks them where it is')
    return Rule(ours=ours, **{**said, **_words_of(said)})


def _table(line: object) -> Mapping[str, Any]:
    if not isinstance(line, Mapping):
        raise BrokenRule("is neither the name of their field nor a table")
    return line


def _words_of(said: Mapping[str, Any]) -> dict[str, Mapping[str, tuple[Word, ...]]]:
    """The words with each of theirs as a tuple; each of theirs stands for one of ours only."""
    if "words" not in said:
        return {}
    words = {ours: tuple(one) if isinstance(one, list) else (one,) for ours, one in said["words"].items()}
    theirs = [str(one) for several in words.values() for one in several]
    if len(set(theirs)) != len(theirs):
        raise BrokenRule("has one of their words twice: what it means would be a guess")
    return {"words": words}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME and value.isprintable() and value == value.strip()


def _are_words(value: object) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(ours, str) and ours.strip() and _is_word(theirs) for ours, theirs in value.items())


def _is_word(theirs: object) -> bool:
    several = theirs if isinstance(theirs, list) else [theirs]
    return bool(several) and all(isinstance(one, (str, int)) and one != "" for one in several)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


# What a line may say -> whether it may say that, and what it should say.
_SAYS: Mapping[str, tuple[Any, str]] = {
    "theirs": (_is_name, f"the name of their field, 1 to {MAX_NAME} printable characters"),
    "codec": (_is_text, "the name of a codec"),
    "direction": (lambda value: value in DIRECTIONS, "in, out or both"),
    "required": (lambda value: isinstance(value, bool), "true or false"),
    "policy": (lambda value: value in POLICIES, f"one of {', '.join(POLICIES)}"),
    "words": (_are_words, "our words, each with one or several of theirs"),
    "note": (_is_text, "a text"),
    "lossy": (_is_text, "a sentence"),
    "currency": (_is_name, "the name of their field"),
    "separator": (lambda value: isinstance(value, str) and value != "", "a text that parts their list"),
    "kind": (lambda value: isinstance(value, str) and bool(_KIND.fullmatch(value)), "one of our objects"),
    "number": (lambda value: isinstance(value, bool), "true or false"),
}


def _check(name: str, value: object) -> None:
    if name not in _SAYS:
        raise BrokenRule(f"has `{name[:40]}`, which no line has; there are {', '.join(_SAYS)}")
    allowed, should = _SAYS[name]
    if not allowed(value):
        raise BrokenRule(f"has a `{name}` that cannot be used: it must be {should}")
