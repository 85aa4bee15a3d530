"""A conversation is the same for any order, grouping and copies of what was said and decided."""

from __future__ import annotations

import hashlib
import itertools
import json
from functools import reduce
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain import conversations as talk
from hub.domain.conversations import State
from hub.domain.marks import MOST_UNREAD

DAY = "2026-11-20T"


def time(minute: int) -> str:
    return f"2026-11-{20 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00.000Z"


def entry(number: int) -> str:
    """The id of an entry: a hash, of whose beginning a conversation keeps five characters."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:26]


def heard(minute: int, number: int, text: str = "Hello") -> State:
    return talk.inbound(time(minute), entry(number), text, "Hana")


def said(minute: int, number: int, text: str = "Yes") -> State:
    return talk.outbound(time(minute), entry(number), text)


def together(*states: State) -> State:
    return reduce(talk.join, states, {})


NUMBERS = st.integers(0, 40)
MINUTES = st.integers(0, 1440 * 9)
# A message has one time: its number decides it.
HEARD = NUMBERS.map(lambda number: heard(number * 131 % 12_000, number))
SAID = NUMBERS.map(lambda number: said(number * 377 % 12_000, 100 + number))
OTHERS = st.one_of(
    MINUTES.map(lambda minute: talk.read_until(time(minute))),
    MINUTES.map(lambda minute: talk.seen_until(time(minute))),
    st.builds(lambda one, other: talk.windowed(time(one), time(other)), MINUTES, MINUTES),
    st.builds(lambda n, minute: talk.met(f"2026-11-2{n % 10}{n}", time(minute)), NUMBERS, MINUTES),
    st.builds(lambda n, minute, text: talk.corrected(time(minute), entry(n), text), NUMBERS, MINUTES, st.text()),
    st.builds(
        lambda name, minute, number, value: talk.act(name, time(minute), f"act{number}", value),
        st.sampled_from(["standing", "assignee", "handled_by"]),
        MINUTES,
        NUMBERS,
        st.sampled_from(["open", "closed", "bot", None]),
    ),
)
STATES = st.one_of(HEARD, HEARD, SAID, OTHERS)


@given(st.lists(STATES, max_size=60), st.randoms(use_true_random=False))
def test_any_order_and_any_copies_make_the_same_conversation(states: list[State], random: Random) -> None:
    shuffled = states + [state for state in states if random.random() < 0.3]
    random.shuffle(shuffled)
    assert together(*shuffled) == together(*states)


@given(st.lists(st.lists(STATES, max_size=40), min_size=3, max_size=3))
def test_states_can_be_joined_in_any_grouping(thirds: list[list[State]]) -> None:
    a, b, c = (together(*states) for states in thirds)
    assert talk.join(talk.join(a, b), c) == talk.join(a, talk.join(b, c))
    assert talk.join(a, b) == talk.join(b, a)
    assert talk.join(a, a) == a


def slow(events: list[tuple[str, int]], read: int) -> tuple[int, str | None]:
    """Unread and waiting since, counted from all that was said."""
    ours = max((minute for way, minute in events if way == "out"), default=-1)
    theirs = [minute for way, minute in events if way == "in"]
    waiting = [minute for minute in theirs if minute > ours]
    return sum(minute > read for minute in theirs), time(min(waiting)) if waiting else None


@given(
    st.lists(st.tuples(st.sampled_from(["in", "out"]), MINUTES), max_size=MOST_UNREAD, unique=True),
    st.integers(-1, 1440 * 9),
    st.randoms(use_true_random=False),
)
def test_unread_and_waiting_are_exact_up_to_twenty_five_messages(
    events: list[tuple[str, int]], read: int, random: Random
) -> None:
    states = [(heard if way == "in" else said)(minute, 2 * minute + (way == "in")) for way, minute in events]
    states += [talk.read_until(time(read))] if read >= 0 else []
    random.shuffle(states)
    state = together(*states, *states[:5])
    assert (talk.unread(state), talk.waiting_since(state)) == slow(events, read)


def test_more_than_twenty_five_unread_are_said_to_be_more_and_nothing_grows() -> None:
    state = together(*(heard(minute, minute) for minute in range(500)))
    assert talk.unread(state) == MOST_UNREAD + 1
    assert talk.waiting_since(state) == time(0), "the first of the day is remembered"
    assert len(str(state)) < 1100


def test_who_waits_for_days_waits_since_the_first_of_them() -> None:
    state = together(said(0, 1), *(heard(30 + minute, 10 + minute) for minute in range(0, 4000, 20)))
    waiting = talk.waiting_since(state)
    assert waiting is not None
    assert waiting <= time(1440 + 30)


def test_a_late_answer_takes_away_only_what_it_answered() -> None:
    state = together(heard(1, 1), heard(5, 2), heard(9, 3))
    assert talk.waiting_since(state) == time(1)
    assert talk.waiting_since(talk.join(state, said(6, 4))) == time(9)
    assert talk.waiting_since(talk.join(state, said(9, 4))) is None


def test_a_late_message_does_not_become_the_last_one() -> None:
    state = together(heard(10, 1, "new"), heard(3, 2, "old"))
    last = talk.last_said(state, "in")
    assert last == {"at": time(10), "entry": entry(1), "text": "new"}
    assert talk.unread(state) == 2


def test_copies_with_other_times_are_one_message_in_any_order() -> None:
    """A platform without times of its own: each copy is dated by its arrival."""
    first, copy, other = (
        talk.inbound(time(at), entry(of), text) for at, of, text in ((5, 1, "A"), (10, 1, "A"), (7, 2, "B"))
    )
    seen = [together(*order) for order in itertools.permutations((first, copy, other))]
    assert all(one == seen[0] for one in seen)
    assert talk.last_said(seen[0], "in") == {"at": time(7), "entry": entry(2), "text": "B"}
    assert talk.last_activity(seen[0]) == time(7)


def test_who_has_a_number_next_has_nothing_of_what_was_decided_before() -> None:
    before = together(
        talk.inbound(time(1), entry(1), "Hello", "Mira"),
        talk.act("assignee", time(2), "a", "ann"),
        talk.act("handled_by", time(2), "b", "bot"),
        talk.read_until(time(3)),
        talk.inbound(time(100), entry(2), "Good morning"),
    )
    mine = talk.during(before, time(50), "~")
    assert mine is not None
    assert (talk.assignee(mine), talk.handled_by(mine), talk.unread(mine), mine.get("name")) == (
        None,
        "nobody",
        1,
        None,
    )
    theirs = talk.during(before, "", time(50))
    assert theirs is not None
    assert (talk.assignee(theirs), theirs["name"][1], talk.unread(theirs)) == ("ann", "Mira", 0)


def test_a_later_message_opens_what_was_closed_and_a_late_one_that_was_not_seen_too() -> None:
    closed = together(heard(10, 1), talk.act("standing", time(20), "a", "closed"), talk.seen_until(time(10)))
    assert (talk.standing(closed), talk.waiting_since(closed)) == ("closed", None)
    assert talk.standing(talk.join(closed, heard(5, 2))) == "closed"
    again = talk.join(closed, heard(15, 3))  # sent before it was closed, received after
    assert (talk.standing(again), talk.waiting_since(again)) == ("open", time(15))
    assert talk.standing(talk.join(closed, said(30, 4))) == "closed"
    assert talk.standing(talk.join(closed, talk.act("standing", time(21), "b", "open"))) == "open"


def test_of_two_decisions_the_later_counts_and_of_two_at_once_always_the_same() -> None:
    acts = [
        talk.act("assignee", time(minute), name, who)
        for minute, name, who in [(5, "b", "x"), (5, "a", "y"), (1, "z", None)]
    ]
    assert talk.assignee(together(*acts)) == talk.assignee(together(*reversed(acts))) == "x"
    assert talk.handled_by(together(*acts)) == "person"
    assert talk.handled_by({}) == "nobody"
    assert talk.handled_by(together(*acts, talk.act("handled_by", time(9), "c", "bot"))) == "bot"


def test_the_window_is_a_day_from_the_last_message_and_longer_where_the_platform_says_so() -> None:
    state = together(heard(0, 1), heard(60, 2))
    assert talk.window_until(state, "whatsapp") == time(60 + 1440)
    assert talk.window_until(state, "sms") is None
    assert talk.window_until(together(state, talk.windowed(time(60 + 3 * 1440), time(61))), "whatsapp") == time(
        60 + 3 * 1440
    )
    assert talk.window_until(together(state, talk.windowed(time(70), time(61))), "whatsapp") == time(60 + 1440)
    assert talk.window_until(said(1, 1), "whatsapp") is None


def test_the_last_message_is_shown_as_it_is_now_and_a_revoked_one_without_words() -> None:
    def last(*states: State) -> Any:
        found = talk.last_said(together(*states), "in")
        return found and found["text"]

    edited, revoked = talk.corrected(time(2), entry(1), "Hi"), talk.corrected(time(3), entry(1), "")
    assert last(edited, heard(1, 1)) == "Hi"
    assert last(revoked, edited, heard(1, 1)) is None
    assert last(heard(1, 1, ""), talk.corrected(time(3), entry(7), "x")) == ""


def test_a_long_text_is_cut_between_characters() -> None:
    text = talk.inbound(time(1), entry(1), "漢" * 200)["in"][entry(1)][1]
    assert text == "漢" * (talk.MAX_TEXT_BYTES // 3)
    assert talk.inbound(time(1), entry(1), "a\ud800b")["in"][entry(1)][1] == "a?b"


def test_of_a_number_that_changed_hands_each_holder_sees_only_their_own() -> None:
    state = together(heard(10, 1), said(11, 2), heard(100, 3))
    assert talk.during(state, time(200), "~") is None
    theirs = talk.during(state, "", time(50))
    assert theirs is not None
    assert (talk.last_activity(theirs), talk.last_said(theirs, "in")) == (
        time(11),
        {"at": time(10), "entry": entry(1), "text": "Hello"},
    )
    mine = talk.during(state, time(50), "~")
    assert mine is not None
    assert (talk.unread(mine), talk.last_said(mine, "out"), talk.waiting_since(mine)) == (1, None, time(100))
    assert talk.during(state, "", "~") == state


def test_nothing_of_one_holder_is_the_next_ones() -> None:
    before = [
        talk.inbound(time(10), entry(1), "Secret", "Mira"),
        *(talk.act(name, time(12), "a", value) for name, value in [("assignee", "ann"), ("handled_by", "bot")]),
        talk.read_until(time(10)),
        talk.windowed(time(9000), time(12)),
        talk.corrected(time(13), entry(1), "Secrets"),
    ]
    after = talk.inbound(time(2000), entry(2), "New", None)
    state = together(*before, after)
    assert talk.during(state, time(50), "~") == after
    theirs = talk.during(state, "", time(50))
    assert theirs is not None
    assert (talk.assignee(theirs), theirs["name"][1], talk.unread(theirs)) == ("ann", "Mira", 0)
    assert talk.during(talk.join(state, talk.read_until(time(2000))), "", time(50)) == {**theirs, "read": time(50)}


def test_a_decision_is_about_whose_the_number_was_when_the_last_was_said() -> None:
    act = talk.act("assignee", time(300), "a", "ann", time(10))
    state = together(heard(10, 1), act, heard(100, 2))
    theirs, mine = talk.during(state, "", time(50)), talk.during(state, time(50), "~")
    assert theirs is not None
    assert mine is not None
    assert (talk.assignee(theirs), talk.assignee(mine)) == ("ann", None)


def test_of_a_former_holder_of_whom_no_text_is_left_it_is_known_that_they_wrote() -> None:
    state = together(heard(10, 1), *(heard(100 + minute, 10 + minute) for minute in range(9)))
    theirs = talk.during(state, "", time(50))
    assert theirs is not None
    assert (talk.last_activity(theirs), talk.last_said(theirs, "in")) == (time(10), None)


def test_what_is_decided_about_a_former_holder_is_as_of_their_time() -> None:
    act = talk.decided_during(talk.act("assignee", time(200), "a", "ann"), time(50))
    state = together(heard(10, 1), heard(100, 2), act)
    theirs, mine = talk.during(state, "", time(50)), talk.during(state, time(50), "~")
    assert theirs is not None
    assert mine is not None
    assert (talk.assignee(theirs), talk.assignee(mine)) == ("ann", None)
    assert talk.decided_during(act, "~") == act


# Some platforms give a message no time: each copy has the time at which it came.
COPIES = st.lists(st.tuples(st.integers(0, 1), MINUTES), max_size=12)


def copies(of: list[tuple[int, int]]) -> list[State]:
    """Two messages each way, copies at any time."""
    return [(heard, said)[way](minute, 2 * way + minute % 2) for way, minute in of]


def told(state: State) -> tuple[State, Any]:
    """All but the first of each day, which counts only where more is unread than is counted."""
    return {name: value for name, value in state.items() if name != "days"}, talk.waiting_since(state)


@given(COPIES, st.lists(OTHERS, max_size=6), st.randoms(use_true_random=False))
def test_copies_with_other_times_make_the_same_conversation_in_any_order(
    of: list[tuple[int, int]], others: list[State], random: Random
) -> None:
    states = [state for state in copies(of) + others if "read" not in state]
    shuffled = states + states[:3]
    random.shuffle(shuffled)
    assert told(together(*shuffled)) == told(together(*states))
    a, b, c = together(*states[:4]), together(*states[4:8]), together(*states[8:])
    assert told(talk.join(talk.join(a, b), c)) == told(talk.join(a, talk.join(b, c))) == told(together(*states))
    assert told(talk.join(b, a)) == told(talk.join(a, b))


@given(
    st.lists(st.tuples(st.sampled_from(["in", "out"]), MINUTES), min_size=1, max_size=20, unique=True),
    st.integers(1, 3000),
    st.integers(-1, 1440 * 9),
    st.randoms(use_true_random=False),
)
def test_a_message_that_is_first_heard_of_by_a_late_copy_is_where_it_belongs(
    events: list[tuple[str, int]], late: int, read: int, random: Random
) -> None:
    said_at = [(way, minute, 2 * minute + (way == "in")) for way, minute in events]
    moved = {way: number for way, _, number in said_at}  # the last listed each way
    states = [(heard if way == "in" else said)(minute, number) for way, minute, number in said_at]
    early = [
        (heard if way == "in" else said)(minute + late, number)
        for way, minute, number in said_at
        if moved[way] == number
    ]
    states += [talk.read_until(time(read))] if read >= 0 else []
    random.shuffle(states)
    state = together(*early, *states)
    assert (talk.unread(state), talk.waiting_since(state)) == slow(events, read)
    assert talk.last_activity(state) == time(max(minute for _, minute in events))


def test_the_state_of_an_ordinary_talk_is_below_a_kilobyte() -> None:
    text = "Could you tell me when it comes, please? It is a present for Sunday."
    talked = [one for n in range(40) for one in (heard(3 * n, n, text), said(3 * n + 1, 100 + n, text))]
    acts = [talk.act(name, time(100), "a" * 26, "b" * 36) for name in ("assignee", "standing")]
    state = together(*talked, *acts, talk.read_until(time(120)), talk.met("2026-11-20abcdefgh", time(1)))
    assert len(json.dumps(state, separators=(",", ":"))) < 1000
