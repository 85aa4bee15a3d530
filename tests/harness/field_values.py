"""Values of each codec, in our words and in a platform's, and the laws that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from hub.codec import Codec, Unfit
from hub.domain.events import instant
from hub.field_rules import Rule

OWNERS = {"101": "ama@example.com", "102": "yuki@example.com", "103": "both@example.com", "104": "both@example.com"}
UNAMBIGUOUS = ("ama@example.com", "yuki@example.com")
Values = st.SearchStrategy[Any]

_SIGNS = st.characters(exclude_categories=("Z", "C"))
WORDS = st.text(_SIGNS, min_size=1, max_size=12)
_PLAIN_WORDS = WORDS.filter(lambda word: word.strip() == word)
_LINES = st.lists(st.lists(_PLAIN_WORDS, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=3)
_DIGITS = st.integers(1, 10**12).map(str)
_PHONES = st.one_of(
    st.integers(2_000_000, 9_999_999).map(lambda last: f"+4930{last}"),
    st.integers(200_0000, 999_9999).map(lambda last: f"+1 (212) {str(last)[:3]}-{str(last)[3:]}"),
    st.just("ext. 12"),
)
_EMAILS = st.from_regex(r"[A-Za-z][a-z0-9.]{0,6}[a-z]\+?@(example|Example)\.(com|org)", fullmatch=True)
_DECIMALS = st.decimals(-(10**12), 10**12, places=4).map(lambda number: format(number, "f"))
_SECONDS = st.integers(0, 90_000)
_PARTS_OF_SECONDS = st.integers(0, 90_000_000).map(lambda ms: f"{ms // 1000}.{ms % 1000:03d}")
_UNIX_MS = st.integers(946_684_800_000, 4_102_444_799_999)
_DAYS = st.integers(0, 73_000).map(lambda days: date(1900, 1, 1) + timedelta(days))
_ENTRIES = st.lists(st.text("abc déß-_", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=4, unique=True)
_CURRENCIES = st.sampled_from(["EUR", "JPY", "USD", "KWD"])


def _ours_of_words(rule: Rule) -> Values:
    return st.sampled_from(sorted(rule.words))


# codec -> values in our words that a platform can hold, for a rule.
OURS: Mapping[str, Callable[[Rule], Values]] = {
    "text": lambda _rule: _LINES.map("\n".join),
    "name": lambda _rule: st.lists(_PLAIN_WORDS, min_size=1, max_size=3).map(" ".join),
    "phone": lambda _rule: _PHONES,
    "email": lambda _rule: _EMAILS,
    "html": lambda _rule: _LINES.map("\n".join) | st.sampled_from(["a < b & c", "<b>no tag</b>", "&amp;", "a\n\nb"]),
    "list": lambda _rule: _ENTRIES.map("; ".join),
    "integer": lambda _rule: st.integers(-(10**15), 10**15).map(str),
    "decimal": lambda _rule: _DECIMALS,
    "boolean": lambda _rule: st.sampled_from(["true", "false"]),
    "money": lambda _rule: st.tuples(_DECIMALS, _CURRENCIES).map(" ".join),
    "seconds": lambda _rule: _SECONDS.map(str) | _PARTS_OF_SECONDS,
    "milliseconds": lambda _rule: _SECONDS.map(str) | _PARTS_OF_SECONDS,
    "minutes": lambda _rule: _SECONDS.map(str),
    "mm_ss": lambda _rule: _SECONDS.map(str),
    "date": lambda _rule: _DAYS.map(date.isoformat),
    "instant": lambda _rule: _UNIX_MS.map(instant),
    "instant_s": lambda _rule: _UNIX_MS.map(instant),
    "instant_ms": lambda _rule: _UNIX_MS.map(instant),
    "picklist": _ours_of_words,
    "owner": lambda _rule: st.sampled_from(UNAMBIGUOUS),
    "reference": lambda rule: _DIGITS.map(lambda digits: f"{rule.kind}:{digits}"),
}


def _padded(values: Values) -> Values:
    return st.tuples(st.sampled_from(["", " "]), values, st.sampled_from(["", "  "])).map("".join)


def _as_html(lines: list[str]) -> str:
    return "".join(f"<p>{line.replace('&', '&amp;').replace('<', '&lt;')}</p>\n" for line in lines)


def _theirs_of_words(rule: Rule) -> Values:
    return st.sampled_from([one for several in rule.words.values() for one in several] + ["neither of them"])


def _theirs_of_list(rule: Rule) -> Values:
    return _ENTRIES.map(rule.separator.join) if rule.separator else _ENTRIES | st.just([])


# codec -> values as a platform sends them, for a rule; a few that mean nothing to us are among them.
THEIRS: Mapping[str, Callable[[Rule], Values]] = {
    "text": lambda _rule: _padded(WORDS) | st.integers() | st.sampled_from(["", " "]),
    "name": lambda _rule: _padded(st.lists(_PLAIN_WORDS, max_size=3).map("  ".join)),
    "phone": lambda _rule: _padded(_PHONES) | st.integers(10**9, 10**12),
    "email": lambda _rule: _padded(_EMAILS) | st.just("n/a"),
    "html": lambda _rule: (
        _LINES.map(_as_html) | st.sampled_from(["<br>", "a<br/>b", "<ul><li>a<li>b</ul>", "a &lt; b"])
    ),
    "list": _theirs_of_list,
    "integer": lambda _rule: st.integers() | st.integers().map(str) | st.just("many"),
    "decimal": lambda _rule: _DECIMALS | st.integers() | st.floats(-1e9, 1e9) | st.just("1,5"),
    "boolean": lambda _rule: st.sampled_from([True, False, "true", "False", "1", "0", "maybe"]),
    "money": lambda _rule: _DECIMALS | st.integers(0, 10**9) | st.just("a lot"),
    "seconds": lambda _rule: _SECONDS | _SECONDS.map(str) | st.just(-1),
    "milliseconds": lambda _rule: st.integers(0, 10**9) | st.integers(0, 10**9).map(str) | st.just("1 s"),
    "minutes": lambda _rule: st.integers(0, 10_000) | st.sampled_from([1.5, "soon"]),
    "mm_ss": lambda _rule: st.sampled_from(["00:00", "1:05", "75:30", "01:15:30", "1:75", "90"]),
    "date": lambda _rule: (
        _DAYS.map(date.isoformat) | st.sampled_from(["2026-02-30", "2026-11-23T00:00:00Z", 86_400_000])
    ),
    "instant": lambda _rule: _UNIX_MS.map(instant) | st.sampled_from(["2026-11-23T12:00:00+09:00", "2026-11-23"]),
    "instant_s": lambda _rule: _UNIX_MS.map(lambda ms: ms // 1000) | st.sampled_from(["1763900000", 12, "soon"]),
    "instant_ms": lambda _rule: _UNIX_MS | _UNIX_MS.map(str) | st.just(1_763_900_000),
    "picklist": _theirs_of_words,
    "owner": lambda _rule: st.sampled_from(["101", 102, "103", "999"]),
    "reference": lambda _rule: _DIGITS | st.integers(1, 10**9),
}


def given_beside(codec: Codec, currency: str | None = "EUR") -> tuple[Any, ...]:
    """What the codec's reading is given beside the value."""
    return {"": (), "owners": (OWNERS,), "currency": (currency,)}[codec.given]


def written_and_read(codec: Codec, ours: str) -> str | None:
    """Our value as it is read back after it was written."""
    written = codec.write(ours, OWNERS) if codec.given == "owners" else codec.write(ours)
    if codec.given == "currency":
        return codec.read(*written)
    return codec.read(written, *given_beside(codec))


def check_written(codec: Codec, ours: str) -> None:
    """What we write and read back is what we wrote; AssertionError where it is not."""
    back = written_and_read(codec, ours)
    assert back is not None and codec.same(ours, back), f"{ours!r} is read back as {back!r}"


def check_read(codec: Codec, theirs: Any) -> None:
    """What we read and write back is read as the same again, and a second writing is the same; AssertionError else."""
    try:
        ours = codec.read(theirs, *given_beside(codec)) if theirs not in ("", None) else None
        back = written_and_read(codec, ours) if ours else None
    except Unfit as unfit:
        assert str(unfit) and str(theirs) not in str(unfit).split(), "a value stands in the reason"
        return
    assert (ours is None) == (back is None)
    assert ours is None or back is None or codec.same(ours, back), f"{theirs!r} is {ours!r}, then {back!r}"
