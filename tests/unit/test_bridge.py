"""The bridge beside an on-premises PBX: nothing that it heard is lost, nothing is delivered as two things."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from connectors.asterisk import CONNECTOR as ASTERISK
from hub.delivery import Connection, Delivery, Request
from hub.errors import Unauthorized
from hub.schemes_bridge import BRIDGE
from infra.bridge.config import BadConfig, Config, Source, read
from infra.bridge.post import Answer, post, signed
from infra.bridge.run import deliver_once, open_spool, run, wait_s
from infra.bridge.spool import Spool

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"secret-of-the-bridge"
AT = datetime(2026, 11, 22, 9, 0, 0, 250_000, UTC)
HEARD = [{"Event": "Newchannel", "Uniqueid": f"1795338000.{number}"} for number in range(5)]
LOGIN = b"Response: Success\r\nActionID: renkei-login\r\nMessage: Authentication accepted\r\n\r\n"


class Hub:
    """Takes batches on loopback: answers with `answers` in turn, then 200; refuses what is not signed."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.tried = 0
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, more = hub.take(body, headers)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/telephony/{'c' * 26}"

    def take(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        self.tried += 1
        try:
            BRIDGE.verify(
                Request("POST", self.url, headers, body), [SECRET], Connection("c" * 26, "asterisk"), time.time()
            )
        except Unauthorized:
            return 401, {}
        status, more = self.answers.pop(0) if self.answers else (200, {})
        if status == 200:
            self.bodies.append(body)
        return status, more

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)["events"]]


@pytest.fixture
def hub() -> Iterator[Hub]:
    found = Hub()
    yield found
    found.server.shutdown()
    found.server.server_close()


def config(hub: Hub | None, folder: Path, **source: Any) -> Config:
    return Config(
        url=hub.url if hub else "http://127.0.0.1:9/none",
        secret=SECRET,
        spool=folder / "spool" / "bridge.db",
        source=Source(**{"kind": "ami", "user": "renkei", "password": "pbx-password", **source}),
        node="pbx-1",
        linger_s=0.02,
        first_wait_s=0.02,
        longest_wait_s=0.05,
        timeout_s=2.0,
    )


def spooled(settings: Config, count: int = 5) -> Spool:
    spool = open_spool(settings)
    for event in HEARD[:count]:
        assert spool.add(event, AT)
    return spool


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.01)


async def bridged(settings: Config, reached: Callable[[], bool]) -> None:
    """Runs the bridge until that is so."""
    spool = open_spool(settings)
    running = asyncio.create_task(run(settings, spool))
    try:
        await until(reached)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        spool.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def ami_block(event: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in event.items()).encode() + b"\r\n"


# --- the spool: crashes lose nothing, copies are equal -------------------------------------------------------------------


def test_a_crash_after_the_hub_accepted_sends_the_same_bytes_again(tmp_path: Path, hub: Hub) -> None:
    settings = config(hub, tmp_path)
    spool = spooled(settings)

    def accepted_and_died(*arguments: Any) -> Answer:
        assert post(*arguments).accepted
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(deliver_once(settings, spool, accepted_and_died))
    spool.close()
    again = open_spool(settings)
    again.add(HEARD[0], AT)  # what is heard meanwhile does not change a batch that was made
    assert asyncio.run(deliver_once(settings, again)) == Answer(200)
    first, second = hub.bodies
    assert first == second
    deliveries = [
        Delivery("c" * 26, "asterisk", "telephony", at, first) for at in ("2026-11-22T09:00:01.000Z", "later")
    ]
    assert deliveries[0].id == deliveries[1].id


def test_what_was_spooled_is_there_after_a_restart_in_its_order(tmp_path: Path, hub: Hub) -> None:
    settings = config(hub, tmp_path)
    spooled(settings, 3).close()
    spool = open_spool(settings)
    for event in HEARD[3:]:
        spool.add(event, AT)
    assert asyncio.run(deliver_once(settings, spool)) == Answer(200)
    assert [event["event"] for event in hub.events] == HEARD
    assert len({event["id"] for event in hub.events}) == 5
    assert {event["at"] for event in hub.events} == {"2026-11-22T09:00:00.250Z"}
    assert (asyncio.run(deliver_once(settings, spool)), spool.waiting()) == (None, (0, 0))


def test_a_batch_that_was_made_and_not_sent_is_sent_after_a_restart(tmp_path: Path) -> None:
    settings = config(None, tmp_path)
    spool = spooled(settings)
    made = spool.next(2)
    spool.close()
    again = open_spool(settings)
    assert (again.next(100), again.waiting()) == (made, (3, 1))


def test_batches_are_bounded_and_a_large_event_goes_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "bridge.db", source="ami", node="pbx-1")
    for size in (10, 10, 5_000, 10):
        spool.add({"Event": "x" * size}, AT)
    sizes = []
    while batch := spool.next(100, 1_000):
        sizes.append(len(json.loads(batch.body)["events"]))
        spool.acknowledge(batch)
    assert sizes == [2, 1, 1]


def test_a_full_spool_counts_what_it_drops_and_takes_more_once_there_is_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "bridge.db", source="ami", node="pbx-1", most_bytes=200_000)
    while spool.add({"Event": "x" * 9_000}, AT):
        pass
    assert spool.dropped == 1
    while batch := spool.next():
        spool.acknowledge(batch)
    assert spool.add({"Event": "x"}, AT)


def test_a_disk_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    settings = config(None, tmp_path)
    spooled(settings, 2).close()
    spool = open_spool(settings)
    with sqlite3.connect(settings.spool) as other:
        other.execute("PRAGMA busy_timeout=0")
        other.execute("BEGIN IMMEDIATE")  # somebody else holds the file: SQLite raises as on a full disk
        spool.wait_at_most(0.01)
        assert not spool.add(HEARD[2], AT)
        answer = asyncio.run(deliver_once(settings, spool))
        assert answer == Answer(0, why="OperationalError")
    assert (spool.dropped, spool.waiting()) == (1, (2, 0))


def test_the_spool_is_for_its_user_alone(tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text(
        '[hub]\nurl = "https://hub.example/x"\nsecret_file = "secret"\n[spool]\npath = "spool.db"\n'
        '[source]\nkind = "esl"\npassword_file = "secret"\n'
    )
    (tmp_path / "secret").write_text("s3cret")
    command = [sys.executable, "-m", "infra.bridge", str(tmp_path / "bridge.toml"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "events waiting: 0, batches waiting: 0\n"
    assert (tmp_path / "spool.db").stat().st_mode & 0o077 == 0


def test_numbers_of_a_new_spool_are_not_those_of_a_lost_one(tmp_path: Path) -> None:
    ids = set()
    for name in ("one", "two"):
        batch = spooled(config(None, tmp_path / name), 1).next()
        assert batch is not None
        ids |= {event["id"] for event in json.loads(batch.body)["events"]}
    assert len(ids) == 2


def test_a_killed_bridge_goes_on_where_it_was(tmp_path: Path, hub: Hub) -> None:
    """The real program, SIGKILL while the hub is down; then again with the hub up: every event arrives, each once."""
    hub.answers = [(503, {})] * 10_000

    async def scenario() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"Asterisk Call Manager/11.0.0\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(LOGIN + b"".join(ami_block(event) for event in HEARD[:3] if not hub.bodies and first))
            await reader.read()

        async with listening(talk) as port:
            (tmp_path / "secret").write_text(SECRET.decode())
            (tmp_path / "bridge.toml").write_text(
                f'[hub]\nurl = "{hub.url}"\nsecret_file = "secret"\nlongest_wait_s = 0.1\n[spool]\npath = "spool.db"\n'
                f'[source]\nkind = "ami"\nport = {port}\nuser = "renkei"\npassword_file = "secret"\n'
            )
            await program(lambda: hub.tried >= 2, signal.SIGKILL)
            first.clear()
            hub.answers = []
            await program(lambda: len(hub.events) >= 3, signal.SIGTERM)

    async def program(reached: Callable[[], bool], stop: signal.Signals) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.bridge", str(tmp_path / "bridge.toml")], cwd=ROOT, env={**os.environ}
        )
        try:
            await until(reached)
        finally:
            process.send_signal(stop)
            process.wait(10)

    first = [True]
    asyncio.run(scenario())
    assert [event["event"] for event in hub.events] == HEARD[:3]


# --- posting -------------------------------------------------------------------------------------------------------------


def test_whatever_the_hub_answers_the_batch_stays_until_it_is_accepted(tmp_path: Path, hub: Hub) -> None:
    settings = config(hub, tmp_path)
    spool = spooled(settings, 1)
    hub.answers = [(status, {}) for status in (503, 401, 404, 413, 302, 500)]
    statuses = []
    while answer := asyncio.run(deliver_once(settings, spool)):
        statuses.append(answer.status)
    assert statuses == [503, 401, 404, 413, 302, 500, 200]
    assert len(hub.bodies) == 1


def test_a_hub_that_is_not_there_is_no_error_of_ours(tmp_path: Path) -> None:
    answer = post("http://127.0.0.1:9/none", b"{}", SECRET, 0.0, 1.0)
    assert (answer.status, answer.accepted, answer.why) == (0, False, "ConnectionRefusedError")


def test_retry_after_is_read_where_it_is_seconds(hub: Hub) -> None:
    hub.answers = [(429, {"retry-after": "7"}), (429, {"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT"})]
    found = [post(hub.url, b"{}", SECRET, time.time(), 2.0).retry_after_s for _ in range(2)]
    assert found == [7.0, None]


def test_the_hub_accepts_our_signature_for_these_bytes_and_this_time_only() -> None:
    request = Request("POST", "https://hub.example/x", signed(b"body", SECRET, 1_795_338_000.9), b"body")
    connection = Connection("c" * 26, "asterisk")
    BRIDGE.verify(request, [SECRET], connection, 1_795_338_010.0)
    assert dict(BRIDGE.sign(request, SECRET, 1_795_338_000.0)) == dict(request.headers)
    for secret, now in (
        (b"another", 1_795_338_010.0),
        (SECRET, 1_795_338_000.0 + 301),
        (SECRET, 1_795_338_000.0 - 301),
    ):
        with pytest.raises(Unauthorized):
            BRIDGE.verify(request, [secret], connection, now)


def test_waits_double_and_have_an_end(tmp_path: Path) -> None:
    settings = Config(url="https://hub.example", secret=SECRET, spool=tmp_path, source=Source("ami"))
    waits = [wait_s(settings, attempt) for attempt in range(60)]
    assert 0.5 <= waits[0] <= 1.0
    assert 4.0 <= waits[3] <= 8.0
    assert all(150.0 <= wait <= 300.0 for wait in waits[9:])


# --- the three sources ---------------------------------------------------------------------------------------------------


def test_ami_events_are_delivered_also_after_the_pbx_broke_off(tmp_path: Path, hub: Hub) -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        noise = ami_block({"Event": "RTCPSent", "Uniqueid": "x"})
        many = b"Event: Newchannel\r\nUniqueid: 9\r\nChanVariable: a=1\r\nChanVariable: b=2: 3\r\n\r\n"
        writer.write(LOGIN + noise + (ami_block(HEARD[0]) if len(asked) == 1 else many))
        await writer.drain()
        if len(asked) > 1:
            await reader.read()

    async def scenario() -> None:
        async with listening(talk) as port:
            await bridged(config(hub, tmp_path, port=port), lambda: len(hub.events) >= 2)

    asyncio.run(scenario())
    assert asked[0] == b"Action: Login\r\nUsername: renkei\r\nSecret: pbx-password\r\nActionID: renkei-login\r\n\r\n"
    assert [event["event"] for event in hub.events][:2] == [
        HEARD[0],
        {"Event": "Newchannel", "Uniqueid": "9", "ChanVariable": ["a=1", "b=2: 3"]},
    ]
    head = json.loads(hub.bodies[0])
    assert (head["bridge"], head["source"], head["node"]) == (1, "ami", "pbx-1")


def test_esl_events_are_delivered_and_heartbeats_are_not(tmp_path: Path, hub: Hub) -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Content-Type: auth/request\n\n")
        asked.append(await reader.readuntil(b"\n\n"))
        writer.write(b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n")
        asked.append(await reader.readuntil(b"\n\n"))
        writer.write(b"Content-Type: command/reply\nReply-Text: +OK event listener enabled json\n\n")
        for name in ("HEARTBEAT", "CHANNEL_CREATE"):
            body = json.dumps({"Event-Name": name, "Caller-Caller-ID-Name": "Zoë"}).encode()
            writer.write(b"Content-Length: %d\nContent-Type: text/event-json\n\n" % len(body) + body)
        await reader.read()

    async def scenario() -> None:
        async with listening(talk) as port:
            await bridged(config(hub, tmp_path, kind="esl", port=port), lambda: len(hub.events) >= 1)

    asyncio.run(scenario())
    assert asked[0] == b"auth pbx-password\n\n"
    assert asked[1].startswith(b"event json HEARTBEAT CHANNEL_CREATE ")
    assert asked[1].endswith(b" CUSTOM callcenter::info vm::maintenance\n\n")
    assert [event["event"] for event in hub.events] == [
        {"Event-Name": "CHANNEL_CREATE", "Caller-Caller-ID-Name": "Zoë"}
    ]


def test_ari_events_are_delivered(tmp_path: Path, hub: Hub) -> None:
    asked: list[tuple[str, str]] = []

    async def talk(socket: ServerConnection) -> None:
        assert socket.request is not None
        asked.append((socket.request.path, socket.request.headers["Authorization"]))
        await socket.send(json.dumps({"type": "PlaybackFinished"}))
        await socket.send(json.dumps({"type": "ChannelCreated", "channel": {"id": "1"}}))
        if len(asked) > 1:
            await socket.wait_closed()

    async def scenario() -> None:
        async with serve(talk, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            await bridged(config(hub, tmp_path, kind="ari", port=port), lambda: len(hub.events) >= 2)

    asyncio.run(scenario())
    assert asked[0] == ("/ari/events?app=renkei&subscribeAll=true", "Basic cmVua2VpOnBieC1wYXNzd29yZA==")
    assert [event["event"]["type"] for event in hub.events][:2] == ["ChannelCreated"] * 2


def test_what_the_pbx_said_is_a_call_in_the_hub(tmp_path: Path, hub: Hub) -> None:
    spoken = {"Uniqueid": "1795338000.17", "Linkedid": "1795338000.17", "CallerIDNum": "+442079460100", "Exten": "1001"}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LOGIN + ami_block({"Event": "Newchannel", **spoken}) + ami_block({"Event": "Hangup", **spoken}))
        await reader.read()

    async def scenario() -> None:
        async with listening(talk) as port:
            await bridged(config(hub, tmp_path, port=port), lambda: len(hub.events) >= 2)

    asyncio.run(scenario())
    connection = Connection("c" * 26, "asterisk")
    received = [Delivery("c" * 26, "asterisk", "telephony", "2026-11-22T10:00:00.000Z", body) for body in hub.bodies]
    events = [event for delivery in received for event in ASTERISK.map_delivery(delivery, connection).events]
    assert [(event.type, event.subject) for event in events] == [
        ("call.started", "1795338000.17"),
        ("call.ended", "1795338000.17"),
    ]
    assert {event.timequality for event in events} == {"platform"}


@pytest.mark.parametrize("kind", ["ami", "esl"])
def test_a_wrong_password_is_said_and_tried_again(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    came: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(1)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n" if kind == "ami" else b"Content-Type: auth/request\n\n")
        await reader.readuntil(b"\r\n\r\n" if kind == "ami" else b"\n\n")
        writer.write(
            b"Response: Error\r\nActionID: renkei-login\r\nMessage: Authentication failed\r\n\r\n"
            if kind == "ami"
            else b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"
        )
        await reader.read()

    async def scenario() -> None:
        async with listening(talk) as port:
            await bridged(config(None, tmp_path, kind=kind, port=port), lambda: len(came) >= 2)

    asyncio.run(scenario())
    assert "refused" in caplog.text or "wrong user" in caplog.text
    assert "pbx-password" not in caplog.text


# --- the configuration ---------------------------------------------------------------------------------------------------


def document(folder: Path, **changes: Any) -> dict[str, Any]:
    (folder / "secret").write_text("s3cret\n")
    (folder / "empty").write_text("\n")
    (folder / "lines").write_text("a\r\nAction: Originate")
    whole: dict[str, dict[str, Any]] = {
        "hub": {"url": "https://hub.example/x", "secret_file": "secret"},
        "spool": {"path": "spool.db"},
        "source": {"kind": "esl", "password_file": "secret"},
    }
    for path, value in changes.items():
        table, _, name = path.partition("__")
        whole[table][name] = value
    return whole


def test_a_configuration_is_read_with_its_defaults(tmp_path: Path) -> None:
    found = read(document(tmp_path, source__events=["CHANNEL_CREATE"], hub__node="berlin"), tmp_path)
    assert (found.secret, found.spool, found.node) == (b"s3cret", tmp_path / "spool.db", "berlin")
    assert (found.source.port, found.source.password, found.source.events) == (8021, "s3cret", ("CHANNEL_CREATE",))
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hub__url": "http://hub.example/x"}, "https"),
        ({"hub__url": ""}, "url"),
        ({"hub__secret_file": "empty"}, "secret_file"),
        ({"source__kind": "sip"}, "kind"),
        ({"source__user": "a\r\nb"}, "user"),
        ({"source__password_file": "lines"}, "password"),
        ({"source__events": ["A\nauth x"]}, "events"),
    ],
)
def test_a_configuration_that_cannot_be_right_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        read(document(tmp_path, **changes), tmp_path)
