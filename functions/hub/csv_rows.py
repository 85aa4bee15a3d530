"""A row of a file -> a contact as the file claims it, or why not, in sentences that hold no value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.csv_dates import NO_OFFSET, moment
from hub.csv_headers import ID, UPDATED_AT
from hub.csv_phones import repaired
from hub.domain.customers import STAGES
from hub.domain.events import Claim, Identifier, RecordChangedData, RecordRef
from hub.emails import email_identifier
from hub.names_written import full_name

# When a file does not say since when: before everything, so that it only fills gaps.
BEFORE_ALL = "2000-01-01T00:00:00.000Z"
MAX_VALUE = 2_000
IMPORTED, PARTLY, REFUSED, EMPTY = "imported", "imported in part", "refused", "empty"
_GRANTED = frozenset({"granted", "yes", "y", "true", "1", "opt-in", "optin", "subscribed", "はい", "同意", "有", "可"})
_DENIED = frozenset(
    {"denied", "no", "n", "false", "0", "opt-out", "optout", "unsubscribed", "いいえ", "拒否", "無", "不可"}
)


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is read: our field of each column, the headers, its country, offset from UTC and order of day and month."""

    headers: tuple[str, ...]
    mapping: tuple[str | None, ...]
    region: str | None = None
    zone: str = NO_OFFSET
    order: str | None = None


@dataclass(slots=True)
class Row:
    """What became of a row: `found` is None where it is refused or empty; `notes` are sentences."""

    outcome: str
    found: RecordChangedData | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """All notes."""
        return " ".join(self.notes)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A value as it is taken, None where it is left out; `note` says what was done, or why."""

    value: str | None
    note: str = ""


class Rows:
    """Reads rows of one file; remembers whom it has seen, so that the first row about somebody counts."""

    def __init__(self, options: Options, hashed: Callable[[str], str], source: str) -> None:
        """`hashed` is `Directory.hashed`: ids of people are no part of a subject. `source` is the file's connection."""
        self._options = options
        self._hashed = hashed
        self._source = source
        self._seen: dict[str, int] = {}

    def pass_over(self, number: int, cells: Sequence[str]) -> None:
        """Remembers a row that was read before."""
        self._key(number, self._given(cells))

    def read(self, number: int, cells: Sequence[str]) -> Row:
        """The row; `number` counts from 1, the header's."""
        given = self._given(cells)
        if not given:
            return Row(EMPTY)
        if len([cell for cell in cells[len(self._options.mapping) :] if cell.strip()]):
            return Row(REFUSED, notes=["The row has more cells than the header: a separator stands in a value."])
        key = self._key(number, given)
        if key is None:
            return Row(REFUSED, notes=["Nothing in the row tells whose it is: no id, no e-mail address, no phone."])
        if self._seen[key] != number:
            return Row(REFUSED, notes=[f"Row {self._seen[key]} is about the same person, and counts."])
        return self._row(key, given)

    def _given(self, cells: Sequence[str]) -> dict[str, str]:
        """The cells that hold something, by our field."""
        pairs = zip(self._options.mapping, cells, strict=False)
        return {target: cell.strip() for target, cell in pairs if target and cell.strip()}

    def _key(self, number: int, given: Mapping[str, str]) -> str | None:
        """Who the row is about: its id, else its address, else its number, as written."""
        key = next(
            (f"{name}\n{given[name].casefold()}" for name in (ID, "email", "phone", "mobile") if name in given), None
        )
        if key is not None:
            self._seen.setdefault(key, number)
        return key

    def _row(self, key: str, given: Mapping[str, str]) -> Row:
        cells = {name: self._cell(name, text) for name, text in given.items() if name not in (ID, UPDATED_AT)}
        at = moment(given[UPDATED_AT], self._options.order, self._options.zone) if UPDATED_AT in given else None
        notes = [f"{self._column(name)}: {cell.note}" for name, cell in cells.items() if cell.note]
        if UPDATED_AT in given and at is None:
            notes.append(
                f"{self._column(UPDATED_AT)}: This is no date that can be told for certain; the row only fills gaps."
            )
        taken = {name: cell.value for name, cell in cells.items() if cell.value}
        identifiers = _identifiers(taken)
        if not taken or (ID not in given and not identifiers):
            return Row(REFUSED, notes=[*notes, "Nothing is left that tells whose the row is."])
        found = self._found(key, _named(taken), at or BEFORE_ALL, identifiers)
        return Row(PARTLY if len(taken) < len(cells) else IMPORTED, found, notes)

    def _found(
        self, key: str, taken: Mapping[str, str | None], at: str, identifiers: tuple[Identifier, ...]
    ) -> RecordChangedData:
        claims = tuple(Claim(field=name, value=value, at=at, precision="row") for name, value in sorted(taken.items()))
        record = RecordRef(object="contact", id=self._hashed(f"csv\n{self._source}\n{key}"), native_object="row")
        return RecordChangedData(record=record, claims=claims, identifiers=identifiers, origin="import")

    def _column(self, name: str) -> str:
        return self._options.headers[self._options.mapping.index(name)].strip() or name

    def _cell(self, name: str, text: str) -> _Cell:
        if name in ("phone", "mobile"):
            phone = repaired(text, self._options.region)
            return _Cell(phone.value, phone.note)
        if len(text) > MAX_VALUE:
            return _Cell(None, f"This is longer than {MAX_VALUE} characters.")
        reader = _READERS.get("consent" if name.startswith("consent_") else name)
        return reader(text) if reader else _Cell(text)


def _email(text: str) -> _Cell:
    found = email_identifier(text)
    return _Cell(found.value) if found else _Cell(None, "This is no e-mail address.")


def _consent(text: str) -> _Cell:
    word = text.casefold()
    if word in _GRANTED | _DENIED:
        return _Cell("granted" if word in _GRANTED else "denied")
    return _Cell(None, "This is neither yes nor no.")


def _lifecycle(text: str) -> _Cell:
    word = text.casefold().replace(" ", "")
    return _Cell(word) if word in STAGES else _Cell(None, f"This is none of the stages {', '.join(STAGES)}.")


_READERS: Mapping[str, Callable[[str], _Cell]] = {
    "email": _email,
    "owner": _email,
    "consent": _consent,
    "lifecycle": _lifecycle,
}


def _named(taken: Mapping[str, str | None]) -> dict[str, str | None]:
    """With the whole name where only its parts are given."""
    name = taken.get("name") or full_name(taken.get("first_name"), taken.get("last_name"))
    return {**taken, **({"name": name} if name else {})}


def _identifiers(taken: Mapping[str, str | None]) -> tuple[Identifier, ...]:
    """The address and the numbers: that of a mobile first, for landlines are shared."""
    phones = [value for name in ("mobile", "phone") if (value := taken.get(name))]
    email = taken.get("email")
    found = [Identifier(kind="phone", value=one) for one in dict.fromkeys(phones)]
    return tuple(found) + ((Identifier(kind="email", value=email),) if email else ())
