"""What an administrator declares about a sender's JSON: where a value stands, or which it always is. Never evaluated.

A value is one of
  "data.person.email"                      a path: keys, and whole numbers for places in a list. A key that is the whole
                                           text comes first, so names with dots in them can be written as they are
  ["data", "first.name"]                   a path whose keys hold dots
  {"const": "JPY"}                         always this
  {"path": "data.state", "words": {...}}   a path, and what each of the sender's words is in ours
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_STEPS = 16
MAX_STEP = 200  # characters
MAX_WORDS = 200
Complain = Callable[[str, str], None]
"""Takes a place (`map[0].fields.email`) and a sentence about what is wrong there."""


@dataclass(frozen=True, slots=True)
class Value:
    """A declared value, ready to be read from any document."""

    whole: str = ""
    steps: tuple[str, ...] = ()
    const: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def found(self, document: Any) -> Any:
        """What lies at the path, of any kind; the constant where it is one; None where the path breaks."""
        if self.const is not None:
            return self.const
        if self.whole and isinstance(document, dict) and self.whole in document:
            return document[self.whole]
        for step in self.steps:
            document = _step(document, step)
        return document

    def text(self, document: Any) -> str | None:
        """It as a text in our words; None for lists, objects, nulls and empty texts."""
        text = as_text(self.found(document))
        return self.words.get(text, text) if text else None


def as_text(value: Any) -> str | None:
    """A text, number or boolean as the text that JSON writes, without spaces around it; None for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return value.strip() or None if isinstance(value, str) else None


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) <= 4:
        return value[int(step)] if int(step) < len(value) else None
    return None


def read_value(declared: Any, place: str, complain: Complain) -> Value:
    """The value that is declared; an empty one, and a complaint, where it is none."""
    if isinstance(declared, dict):
        return _from_object(declared, place, complain)
    steps = declared.split(".") if isinstance(declared, str) else declared
    if not isinstance(steps, list) or not steps or not all(_is_step(step) for step in steps) or len(steps) > MAX_STEPS:
        complain(place, 'It must be a path such as "data.email", {"const": …} or {"path": …, "words": {…}}.')
        return Value()
    return Value(whole=declared if isinstance(declared, str) else "", steps=tuple(steps))


def _is_step(step: object) -> bool:
    return isinstance(step, str) and 0 < len(step) <= MAX_STEP


def _from_object(declared: Mapping[str, Any], place: str, complain: Complain) -> Value:
    if declared.keys() == {"const"}:
        const = as_text(declared["const"])
        if const is None:
            complain(f"{place}.const", "It must be a text, a number, true or false.")
        return Value(const=const or "")
    if not {"path"} <= declared.keys() <= {"path", "words"} or isinstance(declared["path"], dict):
        complain(place, "It must have either const, or path with or without words, and nothing else.")
        return Value()
    path = read_value(declared["path"], f"{place}.path", complain)
    return Value(whole=path.whole, steps=path.steps, words=_words(declared.get("words", {}), place, complain))


def _words(declared: Any, place: str, complain: Complain) -> Mapping[str, str]:
    plain = isinstance(declared, dict) and all(isinstance(word, str) and word for word in declared.values())
    if not plain or len(declared) > MAX_WORDS:
        complain(f"{place}.words", f"It must be an object of at most {MAX_WORDS} texts: the sender's word and ours.")
        return {}
    return dict(declared)


def known_keys(declared: Any, known: tuple[str, ...], place: str, complain: Complain) -> Mapping[str, Any]:
    """The object with those keys that are known; a complaint about every other key, and where it is no object."""
    if not isinstance(declared, dict):
        complain(place, f"It must be an object with {', '.join(known)}.")
        return {}
    for name in declared.keys() - set(known):
        complain(f"{place}.{name[:64]}", f"There is no such part; known are {', '.join(known)}.")
    return {name: declared[name] for name in known if name in declared}


def complaints() -> tuple[list[str], Complain]:
    """A list, and what fills it: `place: sentence`."""
    found: list[str] = []
    return found, lambda place, sentence: found.append(f"{place}: {sentence}")


def flat(document: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The names and values of an object, those inside of objects with their path; at most four objects deep."""
    for name, value in document.items() if isinstance(document, dict) else ():
        if isinstance(value, dict) and depth < 3:
            yield from flat(value, f"{before}{name}.", depth + 1)
        else:
            yield f"{before}{name}", value
