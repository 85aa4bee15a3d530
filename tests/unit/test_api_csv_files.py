"""Files as people have them, through the API: any encoding, mangled numbers, wrong kinds of file, everything sent twice."""

from __future__ import annotations

import base64
import codecs
from typing import Any

import pytest

from hub.csv_files import MAX_BYTES, PART_BYTES
from hub.jobs import JobStore
from hub.memory import MemoryQueue
from tests.harness.listed import Listed
from tests.harness.working import drain, published
from tests.unit.api_client import ADMIN, Answer, Client, event, jwt_of

JAPANESE = "顧客番号,氏名,メールアドレス\n7,佐藤 花子,hanako@example.com\n8,髙橋 一郎,ichiro@example.com\n"
GERMAN = "id;Name;Email\n7;Jörg Müller;joerg@example.com\n"


def sent(here: Client, method: str, path: str, body: bytes = b"", key: str | None = None) -> Answer:
    headers = {"content-type": "text/csv", **({"idempotency-key": key} if key else {})}
    request = event(method, path, None, base64.b64encode(body).decode(), headers, jwt_of(ADMIN))
    return here.send({**request, "isBase64Encoded": True})


def room(here: Client, region: str | None = "JP") -> str:
    draft = {"name": "people.csv", **({"region": region} if region else {})}
    return str(here.post("/v1/csv-imports", draft).json["id"])


def uploaded(here: Client, content: bytes, region: str | None = "JP") -> str:
    file = room(here, region)
    assert sent(here, "POST", f"/v1/csv-imports/{file}/parts/1", content).status == 200
    return file


def shown(here: Client, content: bytes, region: str | None = "JP") -> dict[str, Any]:
    answer = here.get(f"/v1/csv-imports/{uploaded(here, content, region)}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize(
    ("text", "written", "encoding"),
    [
        (JAPANESE, "utf-8", "utf-8"),
        (JAPANESE, "utf-8-sig", "utf-8"),
        (JAPANESE, "utf-16", "utf-16-le"),
        (JAPANESE, "utf-16-be", "utf-16-be"),
        (JAPANESE, "cp932", "cp932"),
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "windows-1252", "windows-1252"),
    ],
)
def test_a_file_reads_the_same_in_every_encoding(text: str, written: str, encoding: str) -> None:
    found = shown(Client(), text.encode(written))
    assert (found["encoding"], found["complaint"]) == (encoding, None)
    assert [one["field"] for one in found["columns"]] == ["id", "name", "email"]
    assert [row["fields"]["name"] for row in found["rows"]] in (["佐藤 花子", "髙橋 一郎"], ["Jörg Müller"])


def test_a_part_may_end_within_a_letter_and_parts_may_come_in_any_order() -> None:
    here, content = Client(), codecs.BOM_UTF8 + JAPANESE.encode()
    file = room(here)
    cuts = {3: content[61:], 1: content[:20], 2: content[20:61]}
    for number, part in cuts.items():
        assert sent(here, "POST", f"/v1/csv-imports/{file}/parts/{number}", part).status == 200
    assert here.get(f"/v1/csv-imports/{file}").json["rows"][1]["fields"]["name"] == "髙橋 一郎"


@pytest.mark.parametrize(
    ("cell", "region", "phone", "why"),
    [
        ("9012345678", "JP", "+819012345678", ""),
        ("819012345678", "JP", "+819012345678", ""),
        ("8.19012345678E+11", "JP", "+819012345678", ""),
        ("8.19E+11", "JP", None, "rounded"),
        ("'+819012345678", None, "+819012345678", ""),
        ("090-1234-5678", None, None, ""),
        ("ask reception", "JP", None, ""),
    ],
)
def test_a_number_that_a_spreadsheet_took_for_a_number_is_repaired_or_refused_never_guessed(
    cell: str, region: str | None, phone: str | None, why: str
) -> None:
    [row] = shown(Client(), f"email,phone\nann@example.com,{cell}\n".encode(), region)["rows"]
    assert row["fields"].get("phone") == phone
    assert row["outcome"] == ("imported" if phone else "imported in part")
    assert why in row["why"] and cell not in row["why"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04" + bytes(60), "The file is an Excel workbook or an archive: save it as CSV"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), "The file is an Excel workbook of the old kind"),
        (b"%PDF-1.7\n", "The file is a PDF document"),
        (b"\x1f\x8b\x08\x00", "The file is a compressed file"),
        (b"email\n\x81\x8d\x8f\x90\xff\n", "line 2 holds bytes that it does not know"),
        (b'email,name\nann@example.com,"Ann\n' + b"x" * 30_000, "The file cannot be read on from line"),
    ],
)
def test_a_file_that_is_none_is_told_what_it_is_and_never_starts(content: bytes, sentence: str) -> None:
    here = Client()
    file = uploaded(here, content)
    for answer in (here.get(f"/v1/csv-imports/{file}"), here.post(f"/v1/csv-imports/{file}/start")):
        assert answer.status == 422
        assert sentence in answer.json["detail"] and answer.json["detail"].endswith(".")
    assert not JobStore(here.store).page(10).items


def test_a_file_of_no_rows_or_no_header_says_so_and_breaks_nothing() -> None:
    for content in (b"\n\n", b"email\n", "\ufeff".encode()):
        here = Client()
        file = uploaded(here, content)
        answer = here.get(f"/v1/csv-imports/{file}")
        assert answer.status in (200, 422)
        assert answer.json.get("complaint") or answer.json.get("detail") or answer.json["rows"] == []


def test_a_file_that_is_too_large_is_refused_with_the_part_that_makes_it_so() -> None:
    here = Client()
    file, whole = room(here), MAX_BYTES // PART_BYTES
    for number in range(1, whole + 1):
        assert sent(here, "POST", f"/v1/csv-imports/{file}/parts/{number}", b"x" * PART_BYTES).status == 200
    answer = sent(here, "POST", f"/v1/csv-imports/{file}/parts/{whole + 1}", b"x" * PART_BYTES)
    assert (answer.status, answer.json["detail"]) == (422, "A file may have 30 MB; divide it.")
    assert sent(here, "POST", f"/v1/csv-imports/{file}/parts/1", b"x").status == 200


def test_everything_sent_twice_is_done_once() -> None:
    here = Client()
    assert isinstance(here.hub.queue, MemoryQueue)
    drafts = [here.call("POST", "/v1/csv-imports", {"name": "p.csv"}, {"idempotency-key": "k-room"}) for _ in range(2)]
    file = drafts[0].json["id"]
    assert drafts[1].json["id"] == file
    part = f"/v1/csv-imports/{file}/parts/1"
    assert len({sent(here, "POST", part, JAPANESE.encode(), "k-part").text for _ in range(2)}) == 1
    starts = [
        here.call("POST", f"/v1/csv-imports/{file}/start", None, {"idempotency-key": "k-start"}) for _ in range(2)
    ]
    assert [one.status for one in starts] == [200, 200]
    assert starts[0].json["id"] == starts[1].json["id"]
    [item] = JobStore(here.store).page(10).items
    found = JobStore(here.store).get(starts[0].json["id"])
    assert found and item.pk == f"JOB#{found.id}"
    assert drain(here.hub, Listed(), found).counts == {"read": 2, "imported": 2}
    assert len(published(here.hub)) == 2


def test_one_key_does_not_stand_for_two_different_parts() -> None:
    here = Client()
    part = f"/v1/csv-imports/{room(here)}/parts/1"
    assert sent(here, "POST", part, b"email\na@example.com\n", "k-part").status == 200
    assert sent(here, "POST", part, b"email\nb@example.com\n", "k-part").status in (409, 422)


def test_a_correction_shows_at_once_what_becomes_of_the_rows_and_changes_the_job() -> None:
    here = Client()
    file = uploaded(here, b"Mobile,Mail\n9012345678,ann@example.com\n", None)
    [before] = here.get(f"/v1/csv-imports/{file}").json["rows"]
    assert "mobile" not in before["fields"]
    [after] = here.call("PATCH", f"/v1/csv-imports/{file}", {"region": "JP"}).json["rows"]
    assert after["fields"]["mobile"] == "+819012345678"
    job = JobStore(here.store).get(here.post(f"/v1/csv-imports/{file}/start").json["id"])
    assert job
    drain(here.hub, Listed(), job)
    [told] = published(here.hub)
    assert {claim["field"]: claim["value"] for claim in told.data["claims"]}["mobile"] == "+819012345678"
