"""The two-way field map of a CRM connector: one line per field in `fields.toml`, read once."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Ours <-> theirs for one object of a platform (contact, lead, company in our words).

    `to_theirs` maps our field to the platform's (dotted for a part of a compound one). `whole_name` is the platform's
    field for a name that nobody has split; `placeholder` is what stands in for a last name the platform insists on.
    """

    our_object: str
    native_object: str
    to_theirs: Mapping[str, str]
    whole_name: str = ""
    placeholder: str = ""

    @property
    def properties(self) -> tuple[str, ...]:
        """The platform's fields that we read."""
        return tuple(self.to_theirs.values())

    def ours(self, theirs: Mapping[str, object]) -> dict[str, str | None]:
        """Our fields for the platform's fields present, with `name` where both its parts were given or one is set."""
        fields = {our: self._text(theirs[their]) for our, their in self.to_theirs.items() if their in theirs}
        if {"first_name", "last_name"} <= fields.keys() and "name" not in self.to_theirs:
            fields["name"] = full_name(fields["first_name"], fields["last_name"])
        return fields

    def theirs(self, ours: Mapping[str, str]) -> dict[str, str]:
        """The platform's fields for ours; fields without a counterpart are left out."""
        fields = {self.to_theirs[our]: value for our, value in ours.items() if our in self.to_theirs}
        if self.whole_name and "name" in ours and not ({"first_name", "last_name"} & ours.keys()):
            fields[self.whole_name] = ours["name"]
        return fields

    def _text(self, value: object) -> str | None:
        text = "" if value is None else str(value).strip()
        return None if text in ("", self.placeholder) else text


@cache
def load(path: Path) -> Mapping[str, FieldMap]:
    """The maps of a `fields.toml` by the platform's object; raises tomllib.TOMLDecodeError or KeyError where broken."""
    sections = tomllib.loads(path.read_text("utf-8"))
    return {native: _field_map(native, section) for native, section in sections.items()}


def _field_map(native: str, section: Mapping[str, object]) -> FieldMap:
    fields = section["fields"]
    if not isinstance(fields, dict):
        raise KeyError(f"{native}.fields")
    return FieldMap(
        our_object=str(section["object"]),
        native_object=native,
        to_theirs=fields,
        whole_name=str(section.get("whole_name", "")),
        placeholder=str(section.get("placeholder", "")),
    )


def full_name(first: str | None, last: str | None) -> str | None:
    """The name as its owner writes it: family name first and unspaced where both parts are in kanji or kana."""
    parts = [part for part in (first, last) if part]
    if len(parts) == 2 and all(_east_asian(part) for part in parts):
        return parts[1] + parts[0]
    return " ".join(parts) or None


def _east_asian(text: str) -> bool:
    return all(unicodedata.name(letter, "").startswith(_SCRIPTS) for letter in text)


_SCRIPTS = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC ITERATION")
