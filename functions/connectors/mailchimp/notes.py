"""Notes on members. They have no field for an id of ours, so a note's last line holds it: it is looked for there.

A note cannot be moved: a copy is written on the other member, and the first one then only says where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from connectors.mailchimp.api import Api
from connectors.mailchimp.members import parts
from hub.domain.commands import AddNote
from hub.errors import Reject
from hub.parsing import id_at, list_at, text_at

LONGEST = 1000
MOST = 1000
_ID = re.compile(r"\A([A-Za-z0-9]{1,40}/[0-9a-f]{32})/([0-9]{1,20})\Z", re.ASCII)
_MOVED = re.compile(r"\[renkei moved ([A-Za-z0-9]{1,40}/[0-9a-f]{32}/[0-9]{1,20})\]", re.ASCII)
_REFERENCE = re.compile(r"\[renkei ([!-Z\\^-~]{1,200})\]\s*\Z", re.ASCII)


def add(api: Api, command: AddNote) -> str:
    """Writes the note, or changes the one with our reference; its id holds the member's."""
    note = _text(command)
    return _put(api, command.contact_id, f"[renkei {command.reference}]", note)


def move(api: Api, native_id: str, new_contact: str) -> None:
    """Copies the note to another member; a repetition finds the copy."""
    member, number = _split(native_id)
    shown = api.find(f"{_path(member)}/{number}")
    text = text_at(shown, "note") or ""
    reference = _REFERENCE.search(text)
    if reference is None:  # moved already, or taken back
        return
    copy = _put(api, new_contact, reference[0].strip(), text)
    api.change(f"{_path(member)}/{number}", {"note": f"This note belongs to another contact. [renkei moved {copy}]"})


def take(api: Api, native_id: str) -> None:
    """Deletes the note, and the copy where it was moved."""
    member, number = _split(native_id)
    shown = api.find(f"{_path(member)}/{number}")
    moved = _MOVED.search(text_at(shown, "note") or "")
    if moved:
        take(api, moved[1])
    api.remove(f"{_path(member)}/{number}")


def _put(api: Api, member: str, mark: str, note: str) -> str:
    path = _path(member)
    number = next(_found(api, path, mark), None)
    if number is None:
        number = id_at(api.add(path, {"note": note}), "id")
    else:
        api.change(f"{path}/{number}", {"note": note})
    return f"{member}/{number}"


def _found(api: Api, path: str, mark: str) -> Iterator[str]:
    """The ids of notes that end with our reference."""
    answer = api.get(path, {"count": MOST, "sort_field": "created_at", "sort_dir": "DESC"})
    shown: list[Any] = list_at(answer, "notes")
    for one in shown:
        number = id_at(one, "id")
        if number and (text_at(one, "note") or "").rstrip().endswith(mark):
            yield number


def _text(command: AddNote) -> str:
    when = command.written_at[:16].replace("T", " ") + " UTC"
    head = f"{when}, {command.author}:" if command.author else f"{when}:"
    mark = f"\n[renkei {command.reference}]"
    whole = f"{head}\n{command.text}"
    room = LONGEST - len(mark)
    return (whole if len(whole) <= room else whole[: room - 1] + "…") + mark


def _split(native_id: str) -> tuple[str, str]:
    found = _ID.match(native_id)
    if found is None:
        raise Reject("the note's id is none of Mailchimp's")
    return found[1], found[2]


def _path(member: str) -> str:
    where = parts(member)
    if where is None:
        raise Reject("the contact's id is none of a Mailchimp member")
    return f"/lists/{where[0]}/members/{where[1]}/notes"
