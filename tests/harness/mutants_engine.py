"""Mistakes in the lines of the sync engine, seeded one at a time: a scene in the office must notice each.

Those of tests.harness.mutants_sync sit where the functions meet the world; these are in the code (tests.harness.miswritten).
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.harness import office_scenes as scenes
from tests.harness.miswritten import Slip, handlers_with
from tests.harness.office import Office
from tests.harness.office_scenes import Scene
from tests.harness.office_stage import Mistake, Stage


def as_it_is(_office: Office) -> None:
    """No mistake."""


def with_slip(slip: Slip) -> Mistake:
    """An office whose functions have the mistake."""
    return lambda office: office.world.handlers.update(handlers_with(slip))


def played(name: str) -> Stage:
    """The scene that shall show the mistake, played with it."""
    slip, scene = ENGINE_MUTANTS[name]
    return scene(with_slip(slip))


TOLD, PLANNING, LEDGER = "hub.domain.told", "sync_crm.planning", "sync_crm.ledger"
DIFFERENCES, ACTIVITIES = "sync_crm.differences", "sync_crm.activities"

ENGINE_MUTANTS: Mapping[str, tuple[Slip, Scene]] = {
    "echoes are not recognized": (
        Slip(TOLD, "elif number in echoes:", "elif number in echoes and not sight.own:"),
        scenes.an_echo_and_a_later_edit,
    ),
    "writings are not noted before they are sent": (
        Slip(LEDGER, "    store.put(noted)\n    return replace(noted, version=noted.version + 1)", "    return noted"),
        scenes.a_death_and_a_later_edit,
    ),
    "a note is never used up": (
        Slip(
            TOLD,
            "        else:\n            flipped =",
            '        elif again := [one for one in registers.get("wrote", {}).values() if _shows(one, sight)]:\n'
            "            known = replace(known, held=sight, ours=again[0])\n        else:\n            flipped =",
        ),
        scenes.the_same_value_again,
    ),
    "what was read back is not kept": (
        Slip(LEDGER, '"fields": _noted(seen, came)}', '"fields": _noted(item.body["fields"], came)}'),
        scenes.an_echo_that_never_comes,
    ),
    "the first writer wins": (
        Slip("hub.domain.criteria", '    return str(claim["at"])', '    return str(9999 - int(claim["at"][17:19]))'),
        scenes.an_edit,
    ),
    "policies are ignored": (
        Slip(
            "hub.domain.customers",
            "    return policies.get(name) or policies.get(f\"{name.partition('_')[0]}_*\") or LAST_WRITER",
            "    return LAST_WRITER",
        ),
        scenes.an_owner_of_a_field,
    ),
    "what was refused is sent again": (
        Slip(LEDGER, "    return None if reason is None else str(reason)", "    return None"),
        scenes.a_value_that_is_refused,
    ),
    "what has no counterpart is not told": (
        Slip(
            PLANNING,
            "_refused(one, record, connection) or _unmapped(one, fields, connection)",
            "_refused(one, record, connection)",
        ),
        scenes.a_word_without_counterpart,
    ),
    "the loop breaker is off": (
        Slip(LEDGER, "    return len(flips) >= min(MOST_FLIPS, MOST_WRITTEN - 1)", "    return len(flips) < 0"),
        scenes.a_storm,
    ),
    "one pause stops all": (
        Slip(
            PLANNING,
            "        if self._paused[connection.id]:\n            return True",
            "        if any(self._paused.values()):\n            return True",
        ),
        scenes.a_storm,
    ),
    "what waits is never taken up": (
        Slip(
            "reconcile_records.overdue",
            "    for start in range(0, len(events), 10):",
            "    for start in range(len(events), len(events), 10):",
        ),
        scenes.a_storm,
    ),
    "what is put off is forgotten": (
        Slip(PLANNING, "            self.put_off(plan)\n            return False", "            return False"),
        scenes.a_storm,
    ),
    "deleted records are written to": (
        Slip(PLANNING, ' and not one.get("deleted")', ""),
        scenes.a_deleted_record,
    ),
    "imports are spread": (
        Slip(DIFFERENCES, 'chosen["claims"][0].get("imported") and not asked.imports', "False"),
        scenes.an_import,
    ),
    "what is held is written again": (
        Slip(DIFFERENCES, "asked.same(name, held, value) or (", "("),
        scenes.an_edit,
    ),
    "conflicts from before the link are decided by time": (
        Slip(DIFFERENCES, "    if rivals:\n", "    if rivals and not rivals:\n"),
        scenes.a_conflict_from_before,
    ),
    "what was logged is logged again": (
        Slip(ACTIVITIES, 'log.body.get("digest") == digest and not met', "met and not met"),
        scenes.an_activity_announced_twice,
    ),
}

__all__ = ["ENGINE_MUTANTS", "as_it_is", "played", "with_slip"]
