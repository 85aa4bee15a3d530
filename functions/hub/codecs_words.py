"""Codecs of words and ids with a meaning of the account: picklists, owners, references. What is unknown is held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from hub.codec import Codec, Unfit
from hub.field_rules import Rule, Word

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


class User(Protocol):
    """A user of the platform (hub.domain.sync.Owner)."""

    @property
    def id(self) -> str: ...
    @property
    def email(self) -> str | None: ...


Emails: TypeAlias = Mapping[str, str]  # the platform's id of a user -> e-mail address
Owners: TypeAlias = Emails | Iterable[User]


def emails_of(owners: Owners | None) -> Emails | None:
    """The owners as a mapping, which they may be already."""
    return owners if owners is None or isinstance(owners, Mapping) else owners_by_id(owners)


def owners_by_id(users: Iterable[User]) -> dict[str, str]:
    """What a field map wants of a platform's users; those without an e-mail address cannot be told in our words."""
    return {user.id: user.email.strip().lower() for user in users if user.email}


def picklist(rule: Rule) -> Codec:
    """One of the rule's words; any other value is held and told, never guessed."""
    ours = {str(theirs): our for our, several in rule.words.items() for theirs in several}
    theirs = {our: several[0] for our, several in rule.words.items()}

    def read(value: Any) -> str:
        found = ours.get(_word(value))
        if found is None:
            raise Unfit("the map has no word of ours for what the platform holds")
        return found

    def write(value: str) -> Word:
        found = theirs.get(value)
        if found is None:
            raise Unfit("the map has no word of the platform for ours")
        return found

    return Codec(read, write)


def _word(value: Any) -> str:
    """As a word is kept; JSON's true is not Python's name of it."""
    return str(value).strip() if isinstance(value, (str, int)) else ""


def owner(rule: Rule) -> Codec:
    """The user's e-mail address for their id, through the account's owners."""

    def read(value: Any, owners: Emails | None) -> str:
        if owners is None:
            raise Unfit("the users of the account are not known here")
        if _word(value) not in owners:
            raise Unfit("the account has no user of that id with an e-mail address")
        return owners[_word(value)]

    def write(value: str, owners: Emails | None) -> str | int:
        wanted = value.strip().casefold()
        found = [user for user, email in (owners or {}).items() if email.casefold() == wanted]
        if len(found) != 1:
            raise Unfit("several users have that e-mail address" if found else "no user has that e-mail address")
        return _id(rule, found[0])

    return Codec(read, write, lambda one, other: one.strip().casefold() == other.strip().casefold(), given="owners")


def reference(rule: Rule) -> Codec:
    """`<object>:<id>` of the record that the platform's id means."""
    prefix = f"{rule.kind}:"

    def read(value: Any) -> str:
        native_id = "" if isinstance(value, bool) else _word(value)
        if not native_id:
            raise Unfit("it is no id of a record")
        return prefix + native_id

    def write(value: str) -> str | int:
        if not value.startswith(prefix) or value == prefix:
            raise Unfit(f"it refers to no {rule.kind} of this account")
        return _id(rule, value.removeprefix(prefix))

    return Codec(read, write)


def _id(rule: Rule, native_id: str) -> str | int:
    if not rule.number:
        return native_id
    if not _DIGITS.fullmatch(native_id):
        raise Unfit("ids of this platform are whole numbers, and this is none")
    return int(native_id)
