"""People start jobs, watch them, hold and stop them, and decide where too much differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.connections import item_of
from hub.delivery import Connection
from hub.domain.sync import Owner
from hub.errors import Reject
from hub.job_worker import start
from hub.jobs import Job, JobStore
from hub.memory import MemoryConnections, memory_hub
from hub.owners import keep_owners
from hub.reconciling import Drift, States
from tests.harness.listed import LISTED, account
from tests.harness.working import drain, file, job_in, queue_of
from tests.unit.api_client import AGENT, Client

CONNECTION = Connection(LISTED, "hubspot", "Sales", created_at="2026-01-01T00:00:00Z")
KEY = "8a3c7f0e-5a1b-4a57-9d2f-0c1e2b3a4d5f"


def client(*connections: Connection) -> Client:
    known = connections or (CONNECTION,)
    here = Client(memory_hub(connections=MemoryConnections(known)))
    for one in known:
        here.connection_items.put(item_of(one))
    return here


def started(here: Client, **draft: Any) -> dict[str, Any]:
    answer = here.post("/v1/jobs", {"kind": "import", "connection": LISTED, **draft})
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def job_of(here: Client, shown: dict[str, Any]) -> Job:
    job = JobStore(here.store).get(shown["id"])
    assert job
    return job


def test_an_import_is_started_and_shown_with_its_progress() -> None:
    here, listed = client(), account(2500, modified_ms=1_780_000_000_000)
    shown = started(here)
    assert (shown["status"], shown["by"], shown["kinds"]) == ("waiting", "someone", [])
    done = drain(here.hub, listed, job_of(here, shown))
    assert done.status == "done"
    half = replace(done, status="running", kinds=("contact",), read={"owner": 2, "contact": 1000}, worked_ms=10_000)
    JobStore(here.store).change(half, here.clock.now())
    answer = here.get(f"/v1/jobs/{shown['id']}").json
    assert (answer["read"], answer["total"], answer["rate"], answer["left_s"]) == (1002, 2502, 100.2, 15)
    assert answer["kinds"] == [
        {"kind": "owner", "read": 2, "total": None, "done": True},
        {"kind": "contact", "read": 1000, "total": 2500, "done": False},
    ]
    assert answer["counts"]["new"] == 2500


def test_the_same_request_with_the_same_key_starts_one_job() -> None:
    here = client()
    draft = {"kind": "import", "connection": LISTED}
    answers = [here.post("/v1/jobs", draft, Idempotency_Key=KEY) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(here.get("/v1/jobs").json["jobs"]) == 1


@pytest.mark.parametrize(
    ("connection", "draft", "status", "detail"),
    [
        (CONNECTION, {"connection": "unknown"}, 404, "no such connection"),
        (replace(CONNECTION, status="disabled"), {}, 409, "disabled"),
        (replace(CONNECTION, platform="whatsapp_cloud"), {}, 409, "cannot be listed"),
        (CONNECTION, {"kinds": ["shoes"]}, 422, ""),
        (CONNECTION, {"kind": "csv"}, 422, ""),
        (CONNECTION, {"speed": 3}, 422, ""),
    ],
)
def test_a_job_that_cannot_be_is_not_started(
    connection: Connection, draft: dict[str, Any], status: int, detail: str
) -> None:
    here = client(connection)
    answer = here.post("/v1/jobs", {"kind": "import", "connection": LISTED, **draft})
    assert answer.status == status
    assert detail in answer.json["detail"]
    assert here.get("/v1/jobs").json["jobs"] == []


def test_a_second_import_or_comparison_of_a_connection_waits_for_the_first() -> None:
    here = client()
    first = started(here)
    assert here.post("/v1/jobs", {"kind": "import", "connection": LISTED}).status == 409
    here.post(f"/v1/jobs/{first['id']}/cancel")
    assert here.post("/v1/jobs", {"kind": "import", "connection": LISTED}).status == 200
    started(here, kind="reconcile")
    assert here.post("/v1/jobs", {"kind": "reconcile", "connection": LISTED}).status == 409


def test_a_job_is_held_goes_on_and_is_stopped() -> None:
    here, listed = client(), account(300, modified_ms=1_780_000_000_000)
    path = f"/v1/jobs/{started(here)['id']}"
    held = here.post(f"{path}/pause")
    assert (held.json["status"], held.json["reason"]) == ("paused", "Paused by a person.")
    assert here.post(f"{path}/pause").json["status"] == "paused"
    queue_of(here.hub).messages.clear()
    assert here.post(f"{path}/resume").json["status"] == "waiting"
    assert len(queue_of(here.hub).bodies("import-records")) == 1
    assert here.post(f"{path}/cancel").json["status"] == "stopped"
    assert here.post(f"{path}/cancel").json["status"] == "stopped"
    for word in ("pause", "resume", "approve"):
        assert here.post(f"{path}/{word}").status == 409
    assert drain(here.hub, listed, job_of(here, here.get(path).json)).status == "stopped"
    assert listed.calls.total() == 0


def test_a_job_that_failed_goes_on_where_it_was_once_the_cause_is_mended() -> None:
    here, listed = client(), account(500, modified_ms=1_780_000_000_000)
    listed.busy = lambda method: Reject("the token lacks a scope") if listed.calls[method] == 3 else None
    job = job_of(here, started(here))
    path = f"/v1/jobs/{job.id}"
    drain(here.hub, listed, job)
    failed = here.get(path).json
    assert (failed["status"], failed["counts"]["read"]) == ("failed", 200)
    other = started(here)
    assert here.post(f"{path}/resume").status == 409
    here.post(f"/v1/jobs/{other['id']}/cancel")
    assert here.post(f"{path}/resume").json["status"] == "waiting"
    done = drain(here.hub, listed, job)
    assert (done.status, done.counts["read"], listed.calls["page"]) == ("done", 500, 6)


def test_a_comparison_above_its_threshold_goes_on_only_when_somebody_approves_it() -> None:
    here, listed = client(), account(100, modified_ms=1_780_000_000_000)
    drain(here.hub, listed, job_of(here, started(here)))
    file(here.hub)
    for row in listed.rows.values():
        row.title, row.modified_ms = "?", 1_790_000_100_000
    shown = started(here, kind="reconcile")
    path = f"/v1/jobs/{shown['id']}"
    drain(here.hub, listed, job_of(here, shown))
    waiting = here.get(path).json
    assert (waiting["status"], waiting["needs_approval"]) == ("paused", True)
    assert "100 of 100 records differ" in waiting["reason"]
    refused = here.post(f"{path}/resume")
    assert (refused.status, "approve" in refused.json["detail"]) == (409, True)
    assert here.get(f"/v1/connections/{LISTED}/drift").json["repaired"] == 0
    assert here.post(f"{path}/approve").json["status"] == "waiting"
    done = drain(here.hub, listed, job_of(here, shown))
    assert (done.status, done.counts["repaired"]) == ("done", 100)
    drift = here.get(f"/v1/connections/{LISTED}/drift").json
    assert (drift["compared"], drift["differing"], drift["repaired"]) == (100, 100, 100)
    assert drift["job"] == shown["id"]


def test_before_any_comparison_there_is_no_drift_to_show() -> None:
    here = client()
    answer = here.get(f"/v1/connections/{LISTED}/drift").json
    assert (answer["compared"], answer["at"], answer["complete_at"]) == (None, None, "")
    States(here.store).measured(LISTED, Drift(3, 1, 1, "2026-01-02T00:00:00.000Z", "j"))
    assert here.get(f"/v1/connections/{LISTED}/drift").json["differing"] == 1
    assert here.get("/v1/connections/other/drift").status == 404


def test_owners_are_shown_as_they_were_listed() -> None:
    here = client()
    assert here.get(f"/v1/connections/{LISTED}/owners").json == {"owners": []}
    keep_owners(here.store, LISTED, [Owner(id="2", email="ito@example.com", name="伊藤")])
    assert here.get(f"/v1/connections/{LISTED}/owners").json == {
        "owners": [{"id": "2", "email": "ito@example.com", "name": "伊藤"}]
    }


def test_jobs_are_listed_page_by_page_the_latest_first() -> None:
    here = client()
    for number in range(5):
        start(here.hub, Job(f"{number}", "csv", "csv", "csv"))
        here.clock.sleep(1)
    first = here.get("/v1/jobs", limit="3").json
    rest = here.get("/v1/jobs", limit="3", cursor=first["next"]).json
    assert [job["id"] for job in [*first["jobs"], *rest["jobs"]]] == ["4", "3", "2", "1", "0"]
    assert rest["next"] is None


def test_a_person_who_decides_while_the_job_moves_on_is_heard() -> None:
    here, listed = client(), account(300, modified_ms=1_780_000_000_000)
    shown = started(here)
    job = job_of(here, shown)

    def pausing(_method: str) -> None:
        if listed.calls["page"] == 2:
            here.post(f"/v1/jobs/{shown['id']}/pause")

    listed.busy = pausing
    assert drain(here.hub, listed, job).status == "paused"
    assert job_in(here.hub, job).counts["read"] == 200


def test_only_administrators_see_jobs() -> None:
    here = client()
    here.scopes = (AGENT,)
    assert here.get("/v1/jobs").status == 403
    assert here.get("/v1/jobs/unknown").status == 403
    here.scopes = ("renkei/admin",)
    assert here.get("/v1/jobs/unknown").status == 404
