"""A file of people becomes contacts that only fill gaps, with a report of each row."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from hub.csv_files import MAX_BYTES, File, Files, report_key
from hub.csv_headers import guess
from hub.csv_rows import BEFORE_ALL, Options, Rows
from hub.directory import Directory
from hub.domain.events import Event
from hub.errors import Reject
from hub.job_worker import start
from hub.jobs import Job
from hub.memory import MemoryBlobs
from hub.wiring import Hub
from tests.harness.faults import At, Injector, faults_of
from tests.harness.listed import Listed
from tests.harness.working import NOW, drain, hub_with, published

JOB = Job("f" * 26, "csv", "csv", "csv", ("contact",), ("contact",), by="someone", options={"file": "1"})
HEADERS = "顧客ID,氏名,メールアドレス,携帯電話,更新日時"
FILE = f"""{HEADERS}
1,佐藤 花子,hanako@example.com,090-1234-5678,2026-05-04 09:30
2,鈴木 一郎,ichiro@example.com,8.19012E+11,
3,高橋,,,soon
4,,not an address,,
,,,,
1,佐藤 はなこ,other@example.com,,
5,田中,tanaka@example.com,8022223333,
"""


def rows_of(headers: str, **options: Any) -> Rows:
    names = tuple(headers.split(","))
    return Rows(Options(names, tuple(guess(names)), **options), lambda text: f"h{len(text)}", "csv:1")


def uploaded(hub: Hub, text: str, **said: Any) -> Files:
    files = Files(hub.store, hub.blobs, Directory(hub.store, hub.secrets.hash_key()).hashed)
    file = files.create(File("1", "people.csv", region="JP", zone="+09:00", **said), NOW)
    body = text.encode("cp932")
    half = len(body) // 2
    files.add(file, 2, body[half:], NOW)
    files.add(file, 1, body[:half], NOW)
    return files


def report(hub: Hub, pages: int) -> list[list[str]]:
    blobs = getattr(hub.blobs, "_port", hub.blobs)
    assert isinstance(blobs, MemoryBlobs)
    text = "".join(blobs.stored[report_key("1", page)].decode() for page in range(pages))
    return list(csv.reader(io.StringIO(text)))


def values(event: Event) -> dict[str, str]:
    return {claim["field"]: claim["value"] for claim in event.data["claims"]}


def test_a_file_is_imported_and_each_row_is_reported() -> None:
    hub = hub_with()
    uploaded(hub, FILE)
    start(hub, JOB)
    job = drain(hub, Listed(), JOB)
    assert (job.status, job.counts) == ("done", {"read": 7, "imported": 3, "partly": 1, "refused": 2})
    assert job.totals == {"contact": 7}
    events = published(hub)
    assert [values(event) for event in events] == [
        {"email": "hanako@example.com", "mobile": "+819012345678", "name": "佐藤 花子"},
        {"email": "ichiro@example.com", "name": "鈴木 一郎"},
        {"name": "高橋"},
        {"email": "tanaka@example.com", "mobile": "+818022223333", "name": "田中"},
    ]
    assert {event.data["origin"] for event in events} == {"import"}
    outcomes = {int(number): (what, why) for number, what, why in report(hub, 1)}
    assert {number: what for number, (what, _why) in outcomes.items()} == {
        2: "imported",
        3: "imported in part",
        4: "imported",
        5: "refused",
        6: "empty",
        7: "refused",
        8: "imported",
    }
    assert outcomes[3][1].startswith("携帯電話: The spreadsheet has rounded this number")
    assert outcomes[7][1] == "Row 2 is about the same person, and counts."
    assert "put back" in outcomes[8][1]


def test_a_row_without_a_time_claims_the_beginning_of_all_and_one_with_it_its_own() -> None:
    hub = hub_with()
    uploaded(hub, FILE)
    start(hub, JOB)
    drain(hub, Listed(), JOB)
    dated, undated, *_others = published(hub)
    assert {(one["at"], one["precision"]) for one in dated.data["claims"]} == {("2026-05-04T00:30:00.000Z", "row")}
    assert {(one["at"], one["precision"]) for one in undated.data["claims"]} == {(BEFORE_ALL, "row")}


def test_no_address_and_no_number_is_part_of_a_subject() -> None:
    hub = hub_with()
    uploaded(hub, "Email,Phone\na@example.com,090-1234-5678\n")
    start(hub, JOB)
    drain(hub, Listed(), JOB)
    [event] = published(hub)
    assert "example.com" not in event.subject
    assert event.connection.startswith("csv:")
    assert event.platform == "csv"


def test_the_same_file_says_the_same_again_and_another_one_speaks_for_itself() -> None:
    ids = []
    for text in (FILE, FILE, FILE + "6,新,new@example.com,,\n"):
        hub = hub_with()
        uploaded(hub, text)
        start(hub, JOB)
        drain(hub, Listed(), JOB)
        ids.append({event.id for event in published(hub)})
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]


def test_the_first_names_are_joined_as_their_owners_write_them() -> None:
    row = rows_of("Last Name,First Name,Email").read(2, ["佐藤", "花子", "a@example.com"])
    assert row.found
    assert {one.field: one.value for one in row.found.claims}["name"] == "佐藤花子"


@pytest.mark.parametrize(
    ("headers", "cells", "outcome", "sentence"),
    [
        ("Name,Phone", ["Ann", "8.19012E+11"], "refused", "Phone: The spreadsheet has rounded"),
        ("Name,Phone", ["Ann", ""], "refused", "Nothing in the row tells whose it is"),
        ("ID,Email", ["7", "nobody"], "refused", "Nothing is left"),
        ("ID,Name,Email", ["7", "Ann", "nobody"], "imported in part", "Email: This is no e-mail address."),
        ("Email,Name", ["a@example.com", "Ann", "Berlin"], "refused", "more cells than the header"),
        ("Email,Lifecycle Stage", ["a@example.com", "VIP"], "imported in part", "none of the stages"),
        ("Email,Email opt-in", ["a@example.com", "perhaps"], "imported in part", "neither yes nor no"),
        ("Email,Name", ["a@example.com", "x" * 3000], "imported in part", "longer than 2000"),
        ("Email,Updated at", ["a@example.com", "3/4/2026"], "imported", "only fills gaps"),
        ("Email,Name", ["", ""], "empty", ""),
    ],
)
def test_what_became_of_a_row_is_said_without_its_values(
    headers: str, cells: list[str], outcome: str, sentence: str
) -> None:
    row = rows_of(headers, region="JP").read(2, cells)
    assert row.outcome == outcome
    assert sentence in row.sentence
    assert not [cell for cell in cells if len(cell) > 3 and cell in row.sentence]


def test_a_consent_is_granted_or_denied_in_the_words_people_use() -> None:
    rows = rows_of("Email,Email opt-in")
    found = [rows.read(n, [f"{n}@example.com", word]).found for n, word in enumerate(["はい", "No", "TRUE", "opt-out"])]
    said = [next(one.value for one in row.claims if one.field == "consent_email") for row in found if row]
    assert said == ["granted", "denied", "granted", "denied"]


def test_a_file_that_tells_nobody_apart_or_is_no_text_fails_with_a_sentence() -> None:
    for text, said, reason in (
        (
            "Name,City\nAnn,Berlin\n",
            {},
            "No column tells people apart: map an id, an e-mail address or a phone number.",
        ),
        (FILE, {"encoding": "utf-8"}, "The file is not written in utf-8: line 1 holds bytes that it does not know."),
    ):
        hub = hub_with()
        uploaded(hub, text, **said)
        start(hub, JOB)
        assert drain(hub, Listed(), JOB).reason == reason


def test_a_file_that_is_too_large_is_refused_as_it_comes() -> None:
    hub = hub_with()
    files = uploaded(hub, FILE)
    file = files.change("1", lambda one: replace(one, parts={"0001": [MAX_BYTES, "x"]}), NOW)
    with pytest.raises(Reject, match="30 MB"):
        files.add(file, 2, b"more", NOW)


def test_a_mapping_is_remembered_for_the_same_headers() -> None:
    hub = hub_with()
    files = uploaded(hub, FILE)
    table, _source = files.table(files.get("1") or File("1", ""))
    headers = next(table.rows())
    files.save(headers, ["x_number", "name", "email", "phone", None])
    assert files.options(File("1", ""), table).mapping == ("x_number", "name", "email", "phone", None)
    assert files.options(File("1", "", mapping=["id", None, None, None, None]), table).mapping[0] == "id"


class Brief:
    """An invocation with time for one page."""

    def __init__(self) -> None:
        self._asked = 0

    def get_remaining_time_in_millis(self) -> int:
        self._asked += 1
        return 60_000 if self._asked < 4 else 0


def long_file(people: int) -> str:
    rows = [f"{number},Person {number},p{number}@example.com,,\n" for number in range(people)]
    return HEADERS + "\n" + "".join(rows)


def played(injector: Injector) -> tuple[Hub, Job]:
    hub = injector.watch(hub_with())
    uploaded(hub, long_file(450))
    start(hub, JOB)

    def begin() -> Brief:
        injector.begin("import_records")
        return Brief()

    return hub, drain(hub, Listed(), JOB, begin)


def test_a_file_goes_on_where_it_was_whichever_call_fails() -> None:
    undisturbed = Injector()
    hub, job = played(undisturbed)
    said, told = sorted(event.id for event in published(hub)), report(hub, 3)
    assert (job.status, job.counts, job.pages) == ("done", {"read": 450, "imported": 450}, 3)
    assert len(set(said)) == 450
    chosen = [call for call in undisturbed.calls if call.function == "import_records"]
    seen: dict[tuple[int, str], Any] = {(call.invocation, call.operation): call for call in chosen}
    for call in seen.values():
        for fault in faults_of(call.operation):
            injector = Injector(At(call.number, call.invocation, call.operation, fault))
            hub, job = played(injector)
            assert injector.hits, (call, fault)
            assert (job.status, job.counts) == ("done", {"read": 450, "imported": 450}), (call, fault)
            assert sorted({event.id for event in published(hub)}) == said, (call, fault)
            assert report(hub, 3) == told
