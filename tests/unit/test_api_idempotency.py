"""A write with an Idempotency-Key is done once, whatever happens on the way, and answered as the first time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api import idempotency
from api.access import SCOPES
from api.idempotency import KEPT_S, LEASE_S, Asked, applies, once
from api.problems import Problem
from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.errors import Retry
from hub.memory import MemoryStore, memory_hub
from hub.ports import Item
from tests.unit.api_client import AGENT, Answer, Client, event, jwt_of

FIRST = Identifier(kind="phone", value="+819012345678")
SECOND = Identifier(kind="email", value="hanako@example.com")
KEY = "5b0f6b5e-6f0c-4c3e-8d57-1f0b54a5a001"
BY = "someone"


def asked(what: str = "POST /x", key: str | None = KEY, by: str = BY) -> Asked:
    return Asked(by, key, what)


def counting(status: int = 200) -> tuple[list[Any], Callable[[Any], dict[str, Any]]]:
    """The works that were done, and what does them."""
    done: list[Any] = []

    def run(work: Any) -> dict[str, Any]:
        done.append(work)
        return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": f"answer {len(done)}"}

    return done, run


@dataclass
class Two:
    """Two customers, and somebody who may decide about them."""

    client: Client
    one: str
    other: str

    def merge(self, key: str | None = KEY, why: str = "They say so.", caller: str = BY) -> Answer:
        headers = {} if key is None else {"Idempotency-Key": key}
        jwt = jwt_of(AGENT)
        jwt["claims"]["sub"] = caller
        body = f'{{"with": "{self.other}", "why": "{why}"}}'
        return self.client.send(event("POST", f"/v1/customers/{self.one}/merge", None, body, headers, jwt))

    def decisions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/v1/customers/{self.one}/decisions").json["decisions"]
        return found


@pytest.fixture
def two() -> Two:
    client = Client(memory_hub(), (AGENT,))
    who = Directory(client.store, client.secrets.hash_key())
    for identifier in (FIRST, SECOND):
        who.attach([identifier], reason="message.received", event="e1")
    return Two(client, who.persona_id(FIRST), who.persona_id(SECOND))


def test_the_same_request_with_the_same_key_gets_the_first_answer_and_is_done_once(two: Two) -> None:
    first, second = two.merge(), two.merge()
    assert (first.status, second.status) == (200, 200)
    assert first.text == second.text
    assert first.headers["etag"] == second.headers["etag"]
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")
    assert len(two.decisions()) == 1


def test_without_a_key_each_request_is_work_of_its_own(two: Two) -> None:
    assert [two.merge(key=None).status for _ in range(2)] == [200, 409]


def test_the_key_of_another_request_is_refused(two: Two) -> None:
    two.merge()
    answer = two.merge(why="Another reason.")
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    again = two.client.post(f"/v1/customers/{two.one}/unmerge", {"from": two.other, "why": "w"}, Idempotency_Key=KEY)
    assert again.status == 422
    assert [one["verdict"] for one in two.decisions()] == ["same"]


def test_a_key_belongs_to_whoever_sent_it(two: Two) -> None:
    assert two.merge(caller="one").status == 200
    answer = two.merge(caller="another")
    assert (answer.status, "one customer already" in answer.json["detail"]) == (409, True)


def test_a_refusal_frees_the_key() -> None:
    hub = memory_hub()
    for status in (404, 409, 412, 422):
        done, run = counting(status)
        once(hub, asked("first"), run)
        once(hub, asked("second"), run)
        assert [work.id for work in done] != [done[0].id] * 2, "nothing was done: it is new work"


def test_while_the_first_one_runs_the_second_waits() -> None:
    hub = memory_hub()
    seen: list[Problem] = []

    def run(_work: Any) -> dict[str, Any]:
        with pytest.raises(Problem) as refused:
            once(hub, asked(), run)
        seen.append(refused.value)
        return {"statusCode": 200, "body": "done"}

    once(hub, asked(), run)
    assert [(one.status, one.headers) for one in seen] == [(409, {"Retry-After": "2"})]


def test_of_two_at_the_same_instant_one_works() -> None:
    class Late(MemoryStore):
        """Somebody else claims the key between the reading and the writing."""

        def put(self, item: Item) -> None:
            if not self.everything():
                super().put(replace(item, body={**item.body, "run": "theirs"}))
            super().put(item)

    done, run = counting()
    with pytest.raises(Problem) as refused:
        once(replace(memory_hub(), store=Late()), asked(), run)
    assert (refused.value.status, done) == (409, [])


def test_a_key_claimed_by_ourselves_whose_answer_was_lost_is_ours() -> None:
    class Lossy(MemoryStore):
        """The first write takes effect, is sent again below us, and then is refused."""

        def put(self, item: Item) -> None:
            before = len(self.changes)
            super().put(item)
            if not before:
                super().put(item)

    done, run = counting()
    assert once(replace(memory_hub(), store=Lossy()), asked(), run)["statusCode"] == 200
    assert len(done) == 1


def test_work_that_broke_off_is_done_again_as_the_same_work_at_the_same_time() -> None:
    hub = memory_hub()
    works: list[Any] = []

    def crash(work: Any) -> dict[str, Any]:
        works.append(work)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        once(hub, asked(), crash)
    hub.clock.sleep(LEASE_S)
    done, run = counting()
    assert once(hub, asked(), run)["statusCode"] == 200
    assert works == done


def test_work_that_failed_is_done_again_at_once_as_the_same_work() -> None:
    hub = memory_hub()
    failed, fail = counting(503)
    once(hub, asked(), fail)
    with pytest.raises(Problem):
        once(hub, asked("another"), fail)
    done, run = counting()
    once(hub, asked(), run)
    assert done == failed


def test_a_key_is_forgotten_after_a_day_and_then_means_new_work() -> None:
    hub = memory_hub()
    done, run = counting()
    once(hub, asked("first"), run)
    hub.clock.sleep(KEPT_S - 1)
    assert once(hub, asked("first"), run)["headers"]["Idempotent-Replayed"] == "true"
    hub.clock.sleep(1)
    once(hub, asked("second"), run)
    assert len({work.id for work in done}) == len(done) == 2


def test_an_answer_too_long_to_keep_is_made_anew_by_the_same_work() -> None:
    hub = memory_hub()
    works: list[Any] = []

    def run(work: Any) -> dict[str, Any]:
        works.append(work)
        return {"statusCode": 200, "body": "x" * idempotency.MAX_ANSWER_BYTES}

    for _ in range(2):
        once(hub, asked(), run)
    assert works[0] == works[1]


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "with\nbreak", "鍵", "trailing ", "\x7f"])
def test_what_is_no_key_is_refused(two: Two, key: str) -> None:
    answer = two.merge(key=key)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert two.decisions() == []


@pytest.mark.parametrize("key", ["1", "a" * 255, "~!@#$%^&*() _+"])
def test_any_printable_key_will_do(two: Two, key: str) -> None:
    assert two.merge(key=key).status == 200


def test_nothing_personal_and_no_key_is_part_of_a_table_key(two: Two) -> None:
    two.merge(key="hanako@example.com")
    keys = [f"{item.pk} {item.sk} {item.index}" for item in two.client.store.everything()]
    assert not any("hanako" in key or BY in key for key in keys)
    kept = [item for item in two.client.store.everything() if item.pk.startswith("IDEM#")]
    assert [item.expires_at for item in kept] == [int(two.client.clock.now()) + KEPT_S]


def test_every_write_takes_a_key_but_those_about_connections() -> None:
    writes = {path for method, path in SCOPES if method != "GET" and applies(method, path)}
    assert {"/v1/customers/<customer_id>/merge", "/v1/identifiers/<persona>/shared"} <= writes
    assert not any(path.startswith("/v1/connections") for path in writes)
    assert {path for method, path in SCOPES if method != "GET"} - writes == {
        path for method, path in SCOPES if method != "GET" and path.startswith("/v1/connections")
    }


class Failing(MemoryStore):
    """A table whose n-th write from now on fails, before or after it took effect."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.after = -1, False

    def put_all(self, items: Any) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Retry("the table is away")
        super().put_all(items)
        if self.left == 0:
            raise Retry("the answer was lost")


MADE_READY = {
    "merge": (),
    "unmerge": ("merge",),
    "not-the-same": (),
    "not-the-same/forget": ("not-the-same",),
}
OTHER = {"merge": "with", "unmerge": "from"}
LEFT = {"merge": "same", "unmerge": "none", "not-the-same": "apart", "not-the-same/forget": "none"}


def body_of(what: str, two: Two) -> dict[str, str]:
    return {OTHER.get(what, "as"): two.other, "why": "They say so."}


def ready(what: str) -> tuple[Failing, Two]:
    """A hub over a table that can fail, with what must be so before the decision."""
    store = Failing()
    client = Client(replace(memory_hub(), store=store), (AGENT,))
    who = Directory(store, client.secrets.hash_key())
    for identifier in (FIRST, SECOND):
        who.attach([identifier], reason="message.received", event="e1")
    two = Two(client, who.persona_id(SECOND), who.persona_id(FIRST))  # the path's is not what the merged is anchored to
    for before in MADE_READY[what]:
        client.post(f"/v1/customers/{two.one}/{before}", body_of(before, two))
        client.clock.sleep(1)
    return store, two


def seen(two: Two) -> tuple[Any, ...]:
    """What people see in the end, but for ids and the times of the decision."""
    found = [two.client.get(f"/v1/customers/{one}").json["personas"] for one in (two.one, two.other)]
    timelines = [two.client.get(f"/v1/customers/{one}/timeline").json["entries"] for one in (two.one, two.other)]
    decisions = [(one["verdict"], one["in_force"]) for one in two.decisions()]
    return found, [[one["shown"]["verdict"] for one in entries] for entries in timelines], decisions


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("what", MADE_READY)
def test_a_decision_that_breaks_off_at_any_write_is_finished_by_its_repetition(what: str, after: bool) -> None:
    """Each write in turn fails, before or after it took effect; the client repeats its request until it is answered."""
    whole = ready(what)[1]
    assert whole.client.post(f"/v1/customers/{whole.one}/{what}", body_of(what, whole)).status == 200
    broke_off = 0
    for broken_write in range(1, 8):
        store, two = ready(what)
        path = f"/v1/customers/{two.one}/{what}"
        headers = {"Idempotency-Key": KEY, "If-Match": two.client.get(f"/v1/customers/{two.one}").headers["etag"]}
        store.left, store.after = broken_write, after
        statuses: list[int] = []
        while 200 not in statuses:
            assert len(statuses) < 3, (broken_write, two.client.answers[-1].text)
            statuses.append(two.client.call("POST", path, body_of(what, two), headers).status)
            two.client.clock.sleep(LEASE_S)
        broke_off += len(statuses) > 1
        assert two.decisions()[0]["verdict"] == LEFT[what]
        assert seen(two) == seen(whole), broken_write
    assert broke_off >= 4, "the key, the turn, the pair, the entry"


def test_an_unmerge_that_broke_off_between_two_merges_takes_back_the_other_one_too() -> None:
    """Two agents merged the same two at the same instant, by different identifiers."""
    store, two = ready("merge")
    who = Directory(store, two.client.secrets.hash_key())
    more = [Identifier(kind="record", scope="h" * 26, value="contact:1"), Identifier(kind="sip", value="a@example.com")]
    for other, persona in zip(more, (SECOND, FIRST), strict=True):
        who.attach([persona, other], reason="contact.changed", event="e2")
    for number, (one, other) in enumerate(((SECOND, FIRST), more)):
        said = Decision(f"merge {number}", BY, f"2026-05-0{number + 1}T00:00:00.000Z", "w")
        Decisions(who).decide(who.persona_id(one), who.persona_id(other), "same", said)
    path, headers = f"/v1/customers/{two.one}/unmerge", {"Idempotency-Key": KEY}
    store.left = 4  # the key, the turn, the first pair, and then
    statuses = [two.client.call("POST", path, body_of("unmerge", two), headers).status for _ in range(2)]
    assert statuses == [503, 200]
    assert two.other not in two.client.get(f"/v1/customers/{two.one}").json["personas"]
    assert [one["verdict"] for one in two.decisions() if one["in_force"]] == ["none", "none"]
