"""A day of decisions about the story's people, asked of the API: every write that it has about customers."""

from __future__ import annotations

from functools import cache
from typing import Any

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import MemorySecrets, MemoryStore
from tests.harness import story
from tests.harness.accounts import story_world
from tests.harness.world import World

PHONE = Identifier(kind="phone", value=story.PHONE)
CONTACT = Identifier(kind="record", scope=story.HUBSPOT, value=f"contact:{story.HUBSPOT_CONTACT}")
STRANGER = Identifier(kind="phone", value=story.STRANGER_PHONE)
NAMESAKE_PHONE, OTHER_PHONE = "+819011112222", "+819033334444"
NAMESAKE = Identifier(kind="phone", value=NAMESAKE_PHONE)
OTHER = Identifier(kind="phone", value=OTHER_PHONE)
WHY = "they said so"
PAUSE_S = 60.0


def _wrote(number: int, phone: str, name: str) -> Any:
    said = story.message(f"wamid.NAMESAKE{number}", 300 + number, "text", {"body": "hello"}, **{"from": phone[1:]})
    return story.whatsapp("namesake", contacts=[{"profile": {"name": name}, "wa_id": phone[1:]}], messages=[said])


NAMESAKES = (_wrote(1, NAMESAKE_PHONE, "高橋 美咲"), _wrote(2, OTHER_PHONE, "高橋美咲"))


def _steps() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Name -> method, path, body: one after the other."""
    id_of = Directory(MemoryStore(), MemorySecrets().hash_key()).persona_id
    mira, phone, stranger, namesake, other = (id_of(one) for one in (CONTACT, PHONE, STRANGER, NAMESAKE, OTHER))
    talk, customer = f"/v1/conversations/{mira}-{story.WHATSAPP}-whatsapp", f"/v1/customers/{mira}"
    shared, title = f"/v1/identifiers/{phone}/shared", f"{customer}/fields/title/revert"
    return {
        "merge": ("POST", f"{customer}/merge", {"with": stranger, "why": WHY}),
        "assign and read": ("PATCH", talk, {"assignee": "me", "read_until": "2026-12-01T00:00:00Z"}),
        "unmerge": ("POST", f"{customer}/unmerge", {"from": stranger, "why": WHY}),
        "not the same": ("POST", f"{customer}/not-the-same", {"as": stranger, "why": WHY}),
        "not the same, forgotten": ("POST", f"{customer}/not-the-same/forget", {"as": stranger, "why": WHY}),
        "shared": ("POST", shared, {"shared": True, "why": WHY}),
        "not shared": ("POST", shared, {"shared": False, "why": WHY}),
        "pin": ("POST", title, {"value": story.TITLE_AFTER, "why": WHY}),
        "release": ("POST", title, {"value": None, "why": WHY}),
        "choose": ("POST", f"{customer}/fields/title/choose", {"value": "Director", "why": WHY}),
        "withdraw": ("POST", f"{customer}/fields/title/choose/withdraw", {"why": WHY}),
        "note": ("POST", f"{customer}/notes", {"text": "Calls back on Monday."}),
        "task": ("POST", f"{customer}/tasks", {"title": "Send the offer", "due_at": "2026-12-01T09:00:00Z"}),
        "close": ("PATCH", talk, {"state": "closed", "handled_by": "person"}),
        "refuse a suggestion": ("POST", f"{customer}/suggestions/{other}/not-the-same", {"why": WHY}),
        "accept a suggestion": ("POST", f"{customer}/suggestions/{namesake}/accept", {"why": WHY}),
    }


STEPS = _steps()
# What the steps set off, by itself: what it does to the CRMs is swept in the story.
SET_OFF = ("publish_changes", "match_customers")


def decide(world: World, step: str) -> None:
    """Everybody is known and all steps before this one are done; then somebody asks for it."""
    before = _before(step)
    world.clock.time = before.clock.time + PAUSE_S
    world.store._partitions = {pk: dict(items) for pk, items in before.store._partitions.items()}
    world.store._index = {name: dict(places) for name, places in before.store._index.items()}
    _ask(world, step)


@cache
def _before(step: str) -> World:
    """A world that only gives its state to others."""
    number = [*STEPS].index(step)
    world, _accounts = story_world()
    if number:
        decide(world, [*STEPS][number - 1])
        assert not world.people.refused, world.people.refused
        return world
    world.deliver(*story.GENUINE, story.STRANGER, *NAMESAKES)
    world.from_event_bus(story.TITLE)
    world.run()
    return world


def _ask(world: World, step: str) -> None:
    world.people.ask(*STEPS[step])
    world.run()
