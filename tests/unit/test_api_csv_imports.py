"""A file is uploaded in parts, looked at, corrected, imported, and reported on."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

from hub.csv_files import MAX_PARTS, PART_BYTES
from hub.jobs import JobStore
from tests.harness.listed import Listed
from tests.harness.working import drain, published
from tests.unit.api_client import ADMIN, Answer, Client, event, jwt_of

PEOPLE = "氏名,メールアドレス,携帯電話\n佐藤 花子,hanako@example.com,9012345678\n鈴木,,8.19E+11\n"


def room(here: Client, **more: str) -> str:
    answer = here.post("/v1/csv-imports", {"name": "people.csv", "region": "JP", **more})
    assert answer.status == 200, answer.text
    return str(answer.json["id"])


def upload(here: Client, file: str, content: bytes, number: str = "1", binary: bool = True) -> Answer:
    body = base64.b64encode(content).decode() if binary else content.decode()
    headers = {"content-type": "application/octet-stream"}
    request = event("POST", f"/v1/csv-imports/{file}/parts/{number}", None, body, headers, jwt_of(ADMIN))
    return here.send({**request, "isBase64Encoded": binary})


def shown(here: Client, content: bytes, **more: str) -> tuple[str, dict[str, Any]]:
    file = room(here, **more)
    assert upload(here, file, content).status == 200
    answer = here.get(f"/v1/csv-imports/{file}")
    assert answer.status == 200, answer.text
    return file, answer.json


def test_a_file_is_shown_as_it_would_be_imported() -> None:
    here = Client()
    _file, found = shown(here, PEOPLE.encode("cp932"))
    assert (found["encoding"], found["separator"], found["complaint"]) == ("cp932", ",", None)
    assert [one["field"] for one in found["columns"]] == ["name", "email", "mobile"]
    first, second = found["rows"]
    assert (first["row"], first["outcome"], first["fields"]["mobile"]) == (2, "imported", "+819012345678")
    assert (second["outcome"], second["fields"]) == ("refused", {})
    assert "rounded" in second["why"]


def test_parts_are_joined_by_their_numbers_and_may_be_sent_again() -> None:
    here = Client()
    file, content = room(here), PEOPLE.encode()
    upload(here, file, content[40:], "2")
    upload(here, file, b"nonsense", "1")
    answer = upload(here, file, content[:40], "1", binary=False) if content[:40].isascii() else None
    answer = answer or upload(here, file, content[:40], "1")
    assert (answer.json["parts"], answer.json["size_bytes"]) == (2, len(content))
    assert here.get(f"/v1/csv-imports/{file}").json["rows"][0]["fields"]["name"] == "佐藤 花子"


def test_a_part_that_cannot_be_is_refused() -> None:
    here = Client()
    file = room(here)
    assert upload(here, file, b"").status == 422
    assert upload(here, file, b"x" * (PART_BYTES + 1)).status == 422
    assert upload(here, file, b"x", str(MAX_PARTS + 1)).status == 422
    assert upload(here, file, b"x", "one").status == 422
    assert upload(here, "unknown", b"x").status == 404
    assert here.get(f"/v1/csv-imports/{file}").json["detail"] == "The file is empty."


def test_what_was_told_wrongly_is_corrected_and_remembered_for_the_same_headers() -> None:
    here = Client()
    content = b"Nr;Who;Contact\n7;Ann;ann@example.com\n"
    file, found = shown(here, content)
    assert [one["field"] for one in found["columns"]] == [None, None, None]
    assert found["complaint"].startswith("No column tells people apart")
    assert here.post(f"/v1/csv-imports/{file}/start").status == 409
    wrong = here.call("PATCH", f"/v1/csv-imports/{file}", {"mapping": ["id", "id", None]})
    assert (wrong.status, "twice" in wrong.json["detail"]) == (422, True)
    changed = here.call("PATCH", f"/v1/csv-imports/{file}", {"mapping": ["id", "name", "email"]})
    assert changed.json["rows"][0]["fields"] == {"email": "ann@example.com", "name": "Ann"}
    _other, again = shown(here, content + b"8;Bob;bob@example.com\n")
    assert [one["field"] for one in again["columns"]] == ["id", "name", "email"]


def test_an_encoding_that_does_not_fit_is_refused_when_it_is_said() -> None:
    here = Client()
    file, _found = shown(here, PEOPLE.encode("cp932"))
    answer = here.call("PATCH", f"/v1/csv-imports/{file}", {"encoding": "utf-8"})
    assert (answer.status, "line 1" in answer.json["detail"]) == (422, True)


def test_a_file_is_imported_once_and_its_report_can_be_opened_in_a_spreadsheet() -> None:
    here = Client()
    file, _found = shown(here, PEOPLE.encode())
    assert here.get(f"/v1/csv-imports/{file}/report").status == 404
    job = here.post(f"/v1/csv-imports/{file}/start").json
    assert (job["kind"], job["status"]) == ("csv", "waiting")
    assert here.post(f"/v1/csv-imports/{file}/start").status == 409
    assert upload(here, file, b"more", "2").status == 422
    assert here.call("PATCH", f"/v1/csv-imports/{file}", {"region": "US"}).status == 409
    found = JobStore(here.store).get(job["id"])
    assert found
    assert drain(here.hub, Listed(), found).counts == {"read": 2, "imported": 1, "refused": 1}
    assert len(published(here.hub)) == 1
    answer = here.get(f"/v1/csv-imports/{file}/report")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="report-1.csv"'
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.text.startswith("\ufeffrow,")
    assert [row[:2] for row in rows] == [["row", "what happened"], ["2", "imported"], ["3", "refused"]]
    assert here.get(f"/v1/csv-imports/{file}/report", part="2").status == 404


def test_a_long_report_comes_in_parts_without_a_second_header() -> None:
    here = Client()
    rows = "".join(f"p{number}@example.com,Person {number}\n" for number in range(10_450))
    file, _found = shown(here, ("email,name\n" + rows).encode())
    job = JobStore(here.store).get(here.post(f"/v1/csv-imports/{file}/start").json["id"])
    assert job
    drain(here.hub, Listed(), job)
    parts = [here.get(f"/v1/csv-imports/{file}/report", part=str(part)) for part in (1, 2, 3)]
    assert [part.status for part in parts] == [200, 200, 404]
    lines = (parts[0].text + parts[1].text).removeprefix("\ufeff").splitlines()
    assert len(lines) == 10_451
    assert lines[-1].startswith("10451,imported")
