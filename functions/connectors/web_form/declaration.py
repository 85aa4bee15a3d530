"""What the connection's settings declare of its form, compiled once: where our fields, the form and its answers stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from hub.declared import Complain, Value, complaints, known_keys, read_value
from hub.declared_events import CONTACT

PLACES = ("form_id", "form_name", "submission_id", "page_url", "time", "answers")
NAMES = ("honeypot", "json_field")
MAX_NAME, MAX_URL = 200, 2048


@dataclass(frozen=True, slots=True)
class Declaration:
    """`fields` by our names, `places` of the form itself; `honeypot` are fields that people leave empty."""

    fields: Mapping[str, Value]
    places: Mapping[str, Value]
    honeypot: tuple[str, ...]
    json_field: str | None


def declared(settings: Mapping[str, Any]) -> tuple[Declaration, list[str]]:
    """The declaration, and everything that is wrong with it as `place: sentence`."""
    names = ("fields", "thanks_url", *PLACES, *NAMES)
    return _declared(
        json.dumps({name: settings[name] for name in names if name in settings}, sort_keys=True, default=str)
    )


@lru_cache(maxsize=64)
def _declared(written: str) -> tuple[Declaration, list[str]]:
    settings = json.loads(written)
    wrong, complain = complaints()
    fields = known_keys(settings.get("fields", {}), CONTACT, "fields", complain)
    _check_page(settings.get("thanks_url"), complain)
    declaration = Declaration(
        fields={name: read_value(value, f"fields.{name}", complain) for name, value in fields.items()},
        places={name: read_value(settings[name], name, complain) for name in PLACES if name in settings},
        honeypot=tuple(_names(settings.get("honeypot", []), "honeypot", complain)),
        json_field=next(iter(_names(settings.get("json_field", []), "json_field", complain)), None),
    )
    return declaration, wrong


def _names(value: Any, place: str, complain: Complain) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and 0 < len(name) <= MAX_NAME for name in listed):
        complain(place, "It must be the name of a field of the form.")
        return []
    return listed


def _check_page(page: Any, complain: Complain) -> None:
    plain = isinstance(page, str) and page.isascii() and page.isprintable() and len(page) <= MAX_URL
    if page is not None and not (
        plain and " " not in page and urlsplit(page).scheme == "https" and urlsplit(page).netloc
    ):
        complain("thanks_url", "It must be an https URL.")
