"""A difference that has no form on the platform is held and told, instead of written as nothing."""

from __future__ import annotations

import pytest

from hub.delivery import Connection
from hub.fields import FieldMap, map_of
from sync_crm.differences import Difference
from sync_crm.planning import _unmapped

CONNECTION = Connection("h" * 26, "hubspot")
LINES = {
    "x_rank": {"theirs": "rank", "codec": "integer"},
    "x_since": {"theirs": "since", "codec": "date"},
    "lifecycle": {"theirs": "stage", "codec": "picklist", "words": {"lead": "1"}},
    "phone": {"theirs": "phone", "codec": "phone"},
    "title": "jobtitle",
    "owner": {"theirs": "owner_id", "codec": "owner"},
}


def fields() -> FieldMap:
    return map_of("contacts", {"object": "contact", "fields": LINES}, "example")


@pytest.mark.parametrize(("field", "value"), [("x_rank", "first"), ("x_since", "long ago"), ("lifecycle", "friend")])
def test_a_value_without_a_form_there_is_held_and_its_value_is_not_in_the_reason(field: str, value: str) -> None:
    doubt = _unmapped(Difference(field, value, {}), fields(), CONNECTION)
    assert doubt is not None
    assert doubt.field == field
    assert doubt.why.startswith("held: It is not written: ")
    assert value not in doubt.why


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("x_rank", "7"),
        ("x_since", "2026-11-23"),
        ("lifecycle", "lead"),
        ("phone", "+81300000001"),
        ("title", "CTO"),
        ("owner", "mai@example.com"),
        ("x_rank", None),
        ("lifecycle", None),
    ],
)
def test_what_can_be_said_and_what_is_emptied_is_written(field: str, value: str | None) -> None:
    assert _unmapped(Difference(field, value, {}), fields(), CONNECTION) is None
