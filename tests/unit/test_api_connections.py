"""Connections: created once, changed conditionally, rotated with overlap, and never telling a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from api.connection_store import new_id
from hub.connections import StoredConnections, signing_secrets
from hub.connector import load
from hub.errors import Conflict, Retry
from hub.memory import FakeHttp, HttpCall, MemorySecrets, MemoryStore, memory_hub
from hub.ports import HttpResponse, Item
from hub.settings import Settings
from tests.unit.api_client import Answer, Client

SIGNING = "1st-signing-secret-0001"
TOKEN = "pat-access-token-0002"
SECOND, THIRD = "second-signing-secret-0003", "third-signing-secret-0004"
SECRETS = (SIGNING, TOKEN, SECOND, THIRD, "shorttext", "elevenchars")
DAY_S = 86_400
SOURCE = "aws.partner/salesforce.com/00D000000000001AAA/channel"

HUBSPOT: dict[str, Any] = {
    "platform": "hubspot",
    "name": "CRM of the Tokyo office",
    "settings": {"portal_id": "4242", "default_region": "JP"},
    "secrets": {"signing": SIGNING, "access_token": TOKEN},
}
SALESFORCE: dict[str, Any] = {
    "platform": "salesforce",
    "name": "Sales",
    "settings": {
        **dict.fromkeys(load("salesforce").required_settings, "x"),
        "organization_id": "00D000000000001AAA",
        "event_source": SOURCE,
    },
    "secrets": {"signing": "a-token-for-the-url-0005"},
}


@pytest.fixture
def client() -> Iterator[Client]:
    """A caller none of whose answers, and no line of whose telemetry, may hold more than a secret's end."""
    caller = Client()
    yield caller
    for answer in caller.answers:
        for secret in (*SECRETS, "a-token-for-the-url-0005"):
            assert secret not in answer.text
            assert secret[:5] not in answer.text
    assert not any(secret[:6] in str(caller.telemetry.__dict__) for secret in SECRETS)


def create(client: Client, draft: Mapping[str, Any] = HUBSPOT, **changes: Any) -> Any:
    answer = client.post("/v1/connections", {**draft, **changes})
    assert answer.status == 201, answer.text
    return answer.json


def settings_error(answer: Answer) -> list[str]:
    assert answer.status == 422
    return [error["field"] for error in answer.json["errors"]]


def test_a_new_connection_has_an_id_its_webhook_urls_and_the_ends_of_its_secrets(client: Client) -> None:
    created = create(client)
    assert client.get(f"/v1/connections/{created['id']}").json == created
    assert len(created["id"]) == 26
    assert created["webhooks"] == {"crm": f"https://hooks.renkei.test/webhooks/crm/{created['id']}"}
    (signing,) = created["secrets"]["signing"]
    assert (signing["last_four"], signing["not_after"]) == ("0001", None)
    assert created["secrets"]["named"] == {"access_token": {"last_four": "0002"}}
    assert created["secrets"]["missing"] == []
    assert (created["status"], created["version"], created["created_at"]) == ("active", 1, "2026-09-21T14:13:20Z")


def test_what_the_api_creates_is_what_ingest_finds(client: Client) -> None:
    created = create(client)
    found = StoredConnections(client.connection_items, client.clock).get(created["id"])
    assert found is not None
    assert (found.platform, found.status, found.default_region) == ("hubspot", "active", "JP")
    assert found.settings == HUBSPOT["settings"]
    assert signing_secrets(client.secrets.read(created["id"]), client.clock.now()) == [SIGNING.encode()]


def test_ids_have_the_alphabet_of_the_webhook_route_and_sort_by_time() -> None:
    ids = [new_id(second) for second in (1_700_000_000.0, 1_700_000_000.002, 1_800_000_000.0)]
    assert ids == sorted(ids)
    assert all(len(one) == 26 and set(one) <= set("0123456789abcdefghjkmnpqrstvwxyz") for one in ids)
    assert new_id(1.0) != new_id(1.0)


def test_a_url_of_the_connections_own_goes_before_the_deployments(client: Client) -> None:
    created = create(client, settings={**HUBSPOT["settings"], "public_url": "https://hooks.example.jp"})
    assert created["webhooks"]["crm"] == f"https://hooks.example.jp/webhooks/crm/{created['id']}"


def test_a_platform_that_is_known_by_its_url_has_a_place_for_the_secret_and_not_the_secret(client: Client) -> None:
    created = create(client, SALESFORCE)
    assert created["webhooks"]["crm"].endswith(f"{created['id']}/<signing secret>")


def test_an_unknown_platform_is_refused_with_the_known_ones(client: Client) -> None:
    answer = client.post("/v1/connections", {**HUBSPOT, "platform": "../hub"})
    assert settings_error(answer) == ["platform"]
    assert "hubspot" in answer.json["detail"]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({}, ["settings.portal_id"]),
        ({"portal_id": ""}, ["settings.portal_id"]),
        ({"portal_id": "1", "default_region": "Japan"}, ["settings.default_region"]),
        ({"portal_id": "1", "public_url": "http://hooks.example"}, ["settings.public_url"]),
        ({"portal_id": "1", "public_url": "https://hooks.example/"}, ["settings.public_url"]),
        ({"portal_id": "1", "base_url": "http://127.0.0.1:9000"}, ["settings.base_url"]),
        ({"portal_id": "1", "event_source": SOURCE}, ["settings.event_source"]),
        ({"access_token": "elevenchars"}, ["settings.portal_id", "settings.access_token"]),
    ],
)
def test_settings_that_make_no_connection_are_named(
    client: Client, settings: Mapping[str, str], wrong: list[str]
) -> None:
    assert settings_error(client.post("/v1/connections", {**HUBSPOT, "settings": settings})) == wrong
    assert client.connection_items.everything() == []


def test_a_number_with_a_fraction_is_no_setting_for_the_table_holds_none(client: Client) -> None:
    answer = client.post("/v1/connections", {**HUBSPOT, "settings": {"portal_id": 1.5}})
    assert answer.status == 422


def test_a_local_stack_may_name_a_stand_in() -> None:
    client = Client(memory_hub(settings=Settings(allow_private_hosts="1")))
    settings = {"portal_id": "1", "base_url": "http://127.0.0.1:9000", "public_url": "http://localhost:4566"}
    assert create(client, settings=settings)["settings"] == settings


@pytest.mark.parametrize("secrets", [{"password": "elevenchars"}, {"signing": " " + SIGNING}, {"signing": "a\nbcdefg"}])
def test_secrets_that_the_platform_does_not_have_or_that_were_mispasted_are_refused(
    client: Client, secrets: Mapping[str, str]
) -> None:
    assert settings_error(client.post("/v1/connections", {**HUBSPOT, "secrets": secrets})) == ["secrets"]
    assert client.secrets.stored == {}


@pytest.mark.parametrize("token", ["elevenchars", "sixteen-chars-or/more", "sixteen chars or more"])
def test_a_secret_that_is_part_of_the_url_must_fit_into_one(client: Client, token: str) -> None:
    assert settings_error(client.post("/v1/connections", {**SALESFORCE, "secrets": {"signing": token}})) == ["secrets"]


def test_of_a_short_secret_nothing_is_shown(client: Client) -> None:
    created = create(client, secrets={"signing": "elevenchars", "access_token": "twelve-chars"})
    assert created["secrets"]["signing"][0]["last_four"] == ""
    assert created["secrets"]["named"]["access_token"]["last_four"] == "hars"


def test_a_connection_without_secrets_says_what_is_missing(client: Client) -> None:
    created = create(client, secrets={})
    assert created["secrets"] == {"signing": [], "named": {}, "missing": ["access_token"]}


def test_with_an_idempotency_key_a_connection_is_created_once(client: Client) -> None:
    first = client.post("/v1/connections", HUBSPOT, Idempotency_Key="click-1")
    client.post(f"/v1/connections/{first.json['id']}/secrets", {"signing": SECOND})
    again = client.post("/v1/connections", HUBSPOT, Idempotency_Key="click-1")
    other = client.post("/v1/connections", HUBSPOT, Idempotency_Key="click-2")
    assert (first.status, again.status, other.status) == (201, 201, 201)
    assert again.json["id"] == first.json["id"] != other.json["id"]
    assert [one["last_four"] for one in again.json["secrets"]["signing"]] == ["0003", "0001"]


def test_an_idempotency_key_is_not_used_twice_for_different_things(client: Client) -> None:
    client.post("/v1/connections", HUBSPOT, Idempotency_Key="click-1")
    assert client.post("/v1/connections", {**HUBSPOT, "name": "Other"}, Idempotency_Key="click-1").status == 409


def test_a_creation_that_broke_off_can_be_repeated() -> None:
    class Once(MemoryStore):
        failed = False

        def put_all(self, items: Any) -> None:
            if not self.failed:
                self.failed = True
                raise Retry("throttled", 1)
            super().put_all(items)

    client = Client(memory_hub(connection_items=Once()))
    assert client.post("/v1/connections", HUBSPOT, Idempotency_Key="click-1").status == 503
    assert client.post("/v1/connections", HUBSPOT, Idempotency_Key="click-1").status == 201
    assert len(client.get("/v1/connections").json["connections"]) == 1
    assert len(client.secrets.stored) == 1


def test_the_list_is_paged_by_id_and_complete(client: Client) -> None:
    ids = []
    for number in range(5):
        client.clock.sleep(1)
        ids.append(create(client, name=f"number {number}")["id"])
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = client.get("/v1/connections", **query).json
        seen += [one["id"] for one in page["connections"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == ids


@pytest.mark.parametrize("connection_id", ["0" * 26, "x", "0" * 400])
def test_an_unknown_connection_is_404(client: Client, connection_id: str) -> None:
    path = f"/v1/connections/{connection_id}"
    answers = [
        client.get(path),
        client.call("PATCH", path, {"name": "x"}),
        client.post(f"{path}/secrets", {"signing": SECOND}),
        *(client.post(f"{path}/{action}") for action in ("disable", "enable", "sync/resume")),
        client.post(f"{path}/sync/pause", {"why": "We move"}),
        client.post(f"{path}/set-up", {"agreed": True}),
        *(client.get(f"{path}/{what}") for what in ("set-up", "sync")),
    ]
    assert {answer.status for answer in answers} == {404}
    assert client.secrets.stored == {}


def test_a_change_touches_only_what_it_names_and_null_removes(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    changed = client.call("PATCH", path, {"settings": {"default_region": None, "owner": "sales"}}).json
    assert changed["settings"] == {"portal_id": "4242", "owner": "sales"}
    assert (changed["name"], changed["version"]) == (HUBSPOT["name"], 2)
    assert client.call("PATCH", path, {"name": "New"}).json["name"] == "New"
    assert settings_error(client.call("PATCH", path, {"settings": {"portal_id": None}})) == ["settings.portal_id"]


def test_a_change_of_nothing_writes_nothing(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    assert client.call("PATCH", path, {"settings": {"default_region": "JP"}}).json["version"] == 1


def test_a_change_of_an_older_version_is_refused(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    assert client.call("PATCH", path, {"name": "A", "version": 1}).status == 200
    assert client.call("PATCH", path, {"name": "B", "version": 1}).status == 409
    assert client.get(path).json["name"] == "A"


def test_two_changes_at_once_both_hold() -> None:
    class Contended(MemoryStore):
        """Lets somebody else write just before the first change."""

        meanwhile: Item | None = None

        def put_all(self, items: Any) -> None:
            if self.meanwhile:
                other, self.meanwhile = self.meanwhile, None
                super().put_all([other])
            super().put_all(items)

    store = Contended()
    client = Client(memory_hub(connection_items=store))
    connection_id = create(client)["id"]
    item = store.get(f"CONN#{connection_id}", "CONN")
    assert item is not None
    store.meanwhile = Item(item.pk, item.sk, {**item.body, "status": "disabled"}, item.version, item.index)
    changed = client.call("PATCH", f"/v1/connections/{connection_id}", {"name": "New"}).json
    assert (changed["name"], changed["status"], changed["version"]) == ("New", "disabled", 3)


def test_a_connection_that_everybody_writes_at_is_a_conflict() -> None:
    class Crowded(MemoryStore):
        crowded = False

        def put_all(self, items: Any) -> None:
            if self.crowded:
                raise Conflict("lost")
            super().put_all(items)

    store = Crowded()
    client = Client(memory_hub(connection_items=store))
    connection_id = create(client)["id"]
    store.crowded = True
    assert client.call("PATCH", f"/v1/connections/{connection_id}", {"name": "New"}).status == 409


def test_disable_and_enable_can_be_repeated(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    assert [client.post(f"{path}/disable").json["status"] for _ in range(2)] == ["disabled", "disabled"]
    assert client.get(path).json["version"] == 2
    assert [client.post(f"{path}/enable").json["status"] for _ in range(2)] == ["active", "active"]
    assert client.get(path).json["version"] == 3


def test_an_event_source_leads_to_its_connection_and_moves_with_it(client: Client) -> None:
    created = create(client, SALESFORCE)
    connections = StoredConnections(client.connection_items, client.clock)
    found = connections.by_event_source(SOURCE)
    assert found is not None and found.id == created["id"]
    moved = client.call("PATCH", f"/v1/connections/{created['id']}", {"settings": {"event_source": SOURCE + "2"}})
    assert moved.status == 200
    client.clock.sleep(120)
    assert connections.by_event_source(SOURCE) is None
    after = connections.by_event_source(SOURCE + "2")
    assert after is not None and after.id == created["id"]


def test_a_connection_may_hold_several_event_sources_and_lets_go_of_those_it_no_longer_names(client: Client) -> None:
    several = {**SALESFORCE, "settings": {**SALESFORCE["settings"], "event_source": [SOURCE, SOURCE + "2"]}}
    created = create(client, several)
    assert settings_error(client.post("/v1/connections", SALESFORCE)) == ["settings.event_source"]
    client.call("PATCH", f"/v1/connections/{created['id']}", {"settings": {"event_source": [SOURCE + "2"]}})
    assert create(client, SALESFORCE)["settings"]["event_source"] == SOURCE
    wrong = {"settings": {"event_source": [SOURCE + "2", "elsewhere"]}}
    answer = client.call("PATCH", f"/v1/connections/{created['id']}", wrong)
    assert settings_error(answer) == ["settings.event_source"]


def test_an_event_source_belongs_to_one_connection(client: Client) -> None:
    first = create(client, SALESFORCE)
    assert settings_error(client.post("/v1/connections", SALESFORCE)) == ["settings.event_source"]
    assert len(client.secrets.stored) == 1
    client.call("PATCH", f"/v1/connections/{first['id']}", {"settings": {"event_source": None}})
    assert create(client, SALESFORCE)["settings"]["event_source"] == SOURCE


def test_an_event_source_that_nobody_names_any_more_can_be_taken(client: Client) -> None:
    client.connection_items.put(Item(f"SOURCE#{SOURCE}", "SOURCE", {"connection": "gone"}))
    created = create(client, SALESFORCE)
    item = client.connection_items.get(f"SOURCE#{SOURCE}", "SOURCE")
    assert item is not None and item.body == {"connection": created["id"]}


def rotate(client: Client, path: str, secret: str, **body: Any) -> Any:
    answer = client.post(f"{path}/secrets", {"signing": secret, **body})
    assert answer.status == 200, answer.text
    return answer.json["secrets"]["signing"]


def valid(client: Client, path: str) -> list[str]:
    stored = client.secrets.read(path.rpartition("/")[2])
    return [secret.decode() for secret in signing_secrets(stored, client.clock.now())]


def test_after_a_rotation_both_secrets_are_valid_until_the_overlap_ends(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    new, old = rotate(client, path, SECOND)
    assert (new["last_four"], new["not_after"]) == ("0003", None)
    assert (old["last_four"], old["not_after"]) == ("0001", "2026-09-22T14:13:20Z")
    client.clock.sleep(DAY_S - 1)
    assert valid(client, path) == [SECOND, SIGNING]
    client.clock.sleep(2)
    assert valid(client, path) == [SECOND]
    assert [one["last_four"] for one in client.get(path).json["secrets"]["signing"]] == ["0003"]


def test_a_third_rotation_keeps_all_that_have_not_ended_and_shortens_none_by_more_than_the_overlap(
    client: Client,
) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    rotate(client, path, SECOND, overlap_s=3600)
    client.clock.sleep(60)
    ends = [one["not_after"] for one in rotate(client, path, THIRD, overlap_s=7200)]
    assert ends == [None, "2026-09-21T16:14:20Z", "2026-09-21T15:13:20Z"]
    assert valid(client, path) == [THIRD, SECOND, SIGNING]
    client.clock.sleep(3600)
    assert valid(client, path) == [THIRD, SECOND]


def test_a_rotation_without_overlap_ends_the_others_at_once(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    rotate(client, path, SECOND)
    rotate(client, path, THIRD, overlap_s=0)
    assert valid(client, path) == [THIRD]


def test_a_rotation_sent_twice_counts_once(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    once = rotate(client, path, SECOND)
    client.clock.sleep(3600)
    assert rotate(client, path, SECOND) == once


def test_a_rotation_does_not_start_from_a_cached_copy_of_the_secrets() -> None:
    class Cached(MemorySecrets):
        """Answers with what it read first, unless asked for what is there now."""

        def __init__(self) -> None:
            super().__init__()
            self.cached: dict[str, Mapping[str, Any]] = {}

        def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
            if fresh or connection_id not in self.cached:
                self.cached[connection_id] = super().read(connection_id)
            return self.cached[connection_id]

        def write(self, connection_id: str, secrets: Mapping[str, Any]) -> None:
            super().write(connection_id, secrets)
            self.cached[connection_id] = secrets

    secrets = Cached()
    client = Client(memory_hub(secrets=secrets))
    path = f"/v1/connections/{create(client)['id']}"
    elsewhere = Client(replace(client.hub, secrets=MemorySecrets(secrets.stored)))
    elsewhere.secrets.stored = secrets.stored
    rotate(elsewhere, path, SECOND)
    assert [one["last_four"] for one in rotate(client, path, THIRD)] == ["0004", "0003", "0001"]


def test_of_two_rotations_at_the_same_moment_one_is_told_to_come_again() -> None:
    class Racing(MemorySecrets):
        """Lets somebody else change the connection between the read and the write."""

        def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
            if fresh:
                item = store.get(f"CONN#{connection_id}", "CONN")
                assert item is not None
                store.put(item)
            return super().read(connection_id)

    store = MemoryStore()
    client = Client(memory_hub(connection_items=store, secrets=Racing()))
    path = f"/v1/connections/{create(client)['id']}"
    assert client.post(f"{path}/secrets", {"signing": SECOND}).status == 409
    assert valid(client, path) == [SIGNING]


def test_a_rotation_can_be_taken_back(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    rotate(client, path, SECOND)
    rotate(client, path, SIGNING)
    assert valid(client, path) == [SIGNING, SECOND]


def test_no_more_secrets_are_valid_at_once_than_ingest_tries(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    for number in range(4):
        rotate(client, path, f"{number}-signing-secret-{number}")
    assert client.post(f"{path}/secrets", {"signing": SECOND}).status == 409
    assert len(valid(client, path)) == 5
    client.clock.sleep(DAY_S + 1)
    assert rotate(client, path, SECOND)[0]["last_four"] == "0003"


@pytest.mark.parametrize(
    "body", [{}, {"signing": ""}, {"signing": SECOND, "overlap_s": -1}, {"signing": SECOND, "overlap_s": 2_592_001}]
)
def test_a_rotation_that_makes_no_sense_changes_nothing(client: Client, body: Mapping[str, Any]) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    assert client.post(f"{path}/secrets", body).status == 422
    assert valid(client, path) == [SIGNING]


def test_a_named_secret_is_replaced_at_once_and_the_others_stay(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    answer = client.post(f"{path}/secrets", {"named": {"access_token": THIRD}})
    assert answer.json["secrets"]["named"] == {"access_token": {"last_four": "0004"}}
    assert client.secrets.read(path.rpartition("/")[2])["access_token"] == THIRD
    assert valid(client, path) == [SIGNING]
    assert settings_error(client.post(f"{path}/secrets", {"named": {"password": "elevenchars"}})) == ["secrets"]


def test_a_disabled_connection_is_not_set_up(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    client.post(f"{path}/disable")
    answer = client.post(f"{path}/set-up", {"agreed": True})
    assert (answer.status, answer.json["detail"]) == (409, "The connection is disabled.")


def test_a_platform_that_nothing_is_written_to_needs_no_set_up(client: Client) -> None:
    draft = {"platform": "whatsapp_cloud", "name": "Shop", "settings": {}, "secrets": {}}
    required = dict.fromkeys(load("whatsapp_cloud").required_settings, "1")
    path = f"/v1/connections/{create(client, draft, settings=required)['id']}"
    answer = client.post(f"{path}/set-up", {"agreed": True})
    assert (answer.status, answer.json["detail"]) == (409, "WhatsApp Cloud API (Meta) needs no set-up.")


def test_every_change_is_counted_with_its_platform(client: Client) -> None:
    path = f"/v1/connections/{create(client)['id']}"
    client.call("PATCH", path, {"name": "New"})
    rotate(client, path, SECOND)
    client.post(f"{path}/disable")
    client.post(f"{path}/enable")
    counted = [name for name, values in client.telemetry.dimensions if ("platform", "hubspot") in values]
    assert counted == [
        "api.connection_created",
        "api.connection_changed",
        "api.secrets_changed",
        "api.connection_disabled",
        "api.connection_active",
    ]


def set_up(answer: HttpResponse) -> tuple[Answer, list[HttpCall]]:
    http = FakeHttp(lambda _call: answer)
    client = Client(memory_hub(http=http))
    path = f"/v1/connections/{create(client)['id']}"
    response = client.post(f"{path}/set-up", {"agreed": True})
    assert TOKEN not in response.text
    return response, http.calls


def test_set_up_prepares_the_account_with_the_connections_own_token() -> None:
    answer, calls = set_up(HttpResponse(200, {}, b'{"name": "renkei_id", "hasUniqueValue": true}'))
    assert answer.status == 200
    assert {call.headers["authorization"] for call in calls} == {f"Bearer {TOKEN}"}


def test_an_account_that_cannot_be_set_up_is_a_problem_that_says_what_to_do() -> None:
    answer, _calls = set_up(HttpResponse(200, {}, b'{"name": "renkei_id", "hasUniqueValue": false}'))
    assert answer.status == 502
    assert "delete it and set up again" in answer.json["detail"]


@pytest.mark.parametrize(("status", "answered"), [(401, 503), (403, 502), (500, 503), (429, 503)])
def test_a_platform_that_refuses_the_set_up_is_a_problem_with_its_reason(status: int, answered: int) -> None:
    answer, _calls = set_up(HttpResponse(status, {}, b'{"message": "no", "category": "MISSING_SCOPES"}'))
    assert answer.status == answered
    assert answer.json["detail"].endswith(".") and not answer.json["detail"].endswith("..")
