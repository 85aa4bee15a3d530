"""The wire: real httpx over a fake network, so that what is proven is what runs."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import pytest

from hub.addresses import is_public
from hub.errors import Reject, Retry
from hub.http import TOTAL_S, HttpClient
from hub.http_transport import MOST_BODY_BYTES, MaybeSent, NotSent, Refused, Wire
from hub.memory import FakeClock
from hub.ports import HttpResponse

PUBLIC = "93.184.215.14"
METADATA = "169.254.169.254"

PRIVATE_ADDRESSES = [
    # IPv4: this network, private, carrier-grade NAT, loopback, link-local
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254", METADATA, "172.16.0.1",
    "172.31.255.255", "192.168.0.1",
    # special purpose, documentation, benchmarking, relays, multicast, reserved, broadcast, a cloud's host agent
    "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    # IPv6: unspecified, loopback, mapped, compatible, NAT64 (both prefixes), Teredo, 6to4, ORCHID, documentation
    "::", "::1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::169.254.169.254", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2002:a9fe:a9fe::", "2001:20::1", "2001:db8::1",
    "3fff::1",
    # discard, unique local, link-local (with a zone too), site-local, multicast, not allocated
    "100::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1",
    "4000::1",
    # not addresses
    "", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "crm.example",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_an_address_that_is_not_global_unicast_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00::1"],
)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


class Stream(httpcore.NetworkStream):
    """One connection that hands out what the server says, chunk by chunk; reading may take time."""

    def __init__(self, network: Network) -> None:
        self._network, self._chunks = network, iter(network.answer())

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._network.clock.sleep(self._network.seconds_per_read)
        self._network.read_timeouts.append(timeout or 0)
        return next(self._chunks, b"")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._network.write_fails:
            raise httpcore.WriteError("reset")
        self._network.written += buffer

    def close(self) -> None:
        pass

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._network.tls_names.append(server_hostname or "")
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


class Network(httpcore.NetworkBackend):
    """Notes every connection; `refuses` are addresses that do not answer."""

    def __init__(self, clock: FakeClock, answer: Callable[[], Iterable[bytes]]) -> None:
        self.clock, self.answer = clock, answer
        self.connected: list[str] = []
        self.tls_names: list[str] = []
        self.read_timeouts: list[float] = []
        self.written = b""
        self.refuses: frozenset[str] = frozenset()
        self.seconds_per_read = 0.0
        self.write_fails = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append(host)
        if host in self.refuses:
            raise httpcore.ConnectError("refused")
        return Stream(self)


class Resolver:
    """Gives the next list of addresses at each question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def ok(body: bytes = b"{}", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s" % (headers, len(body), body)


class Exchange:
    """A wire with its network, ready to be asked."""

    def __init__(self, *chunks: bytes, resolver: Resolver | None = None, allow_private: bool = False) -> None:
        self.clock = FakeClock()
        self.network = Network(self.clock, lambda: iter(chunks or (ok(),)))
        self.resolver = resolver or Resolver([PUBLIC])
        self.wire = Wire(resolve=self.resolver, clock=self.clock, allow_private=allow_private, network=self.network)

    def ask(self, url: str = "https://api.crm.example/x?q=1") -> HttpResponse:
        return self.wire("POST", url, {"x-a": "1"}, b"{}", self.clock.now() + TOTAL_S)


def test_the_address_that_was_checked_is_the_one_connected_to_and_the_name_stays_in_tls_and_host() -> None:
    exchange = Exchange()
    assert exchange.ask().status == 200
    assert exchange.network.connected == [PUBLIC]
    assert exchange.network.tls_names == ["api.crm.example"]
    assert b"Host: api.crm.example\r\n" in exchange.network.written
    assert exchange.resolver.asked == 1


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_a_name_that_resolves_to_a_private_address_gets_no_connection(address: str) -> None:
    exchange = Exchange(resolver=Resolver([address]))
    with pytest.raises(Refused, match="not public"):
        exchange.ask()
    assert exchange.network.connected == []


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    exchange = Exchange(resolver=Resolver([PUBLIC, METADATA]))
    with pytest.raises(Refused):
        exchange.ask()
    assert exchange.network.connected == []


def test_a_name_that_changes_its_address_after_the_check_never_leads_to_the_new_one() -> None:
    exchange = Exchange(resolver=Resolver([PUBLIC], [METADATA]))
    exchange.ask()
    with pytest.raises(Refused):
        exchange.ask()
    assert exchange.network.connected == [PUBLIC]


def test_a_private_address_is_reached_where_it_is_allowed() -> None:
    exchange = Exchange(resolver=Resolver(["127.0.0.1"]), allow_private=True)
    assert exchange.ask("http://localhost:8601/x").status == 200
    assert exchange.network.connected == ["127.0.0.1"]


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    exchange = Exchange(resolver=Resolver(["93.184.215.13", PUBLIC]))
    exchange.network.refuses = frozenset({"93.184.215.13"})
    assert exchange.ask().status == 200
    assert exchange.network.connected == ["93.184.215.13", PUBLIC]


def test_nothing_was_sent_where_no_address_answers_or_none_is_found() -> None:
    exchange = Exchange()
    exchange.network.refuses = frozenset({PUBLIC})
    with pytest.raises(NotSent):
        exchange.ask()

    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    wire = Wire(resolve=unknown, clock=exchange.clock, network=exchange.network)
    with pytest.raises(NotSent):
        wire("GET", "https://api.crm.example/", {}, None, exchange.clock.now() + TOTAL_S)


def test_a_connection_that_breaks_while_writing_or_before_the_answer_may_have_sent() -> None:
    for write_fails in (True, False):
        exchange = Exchange(b"")
        exchange.network.write_fails = write_fails
        with pytest.raises(MaybeSent):
            exchange.ask()


def test_a_redirect_is_returned_and_not_followed() -> None:
    exchange = Exchange(b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n")
    answer = exchange.ask()
    assert (answer.status, answer.headers["location"]) == (302, "https://evil.example/")
    assert exchange.network.connected == [PUBLIC]


@pytest.mark.parametrize("size", [MOST_BODY_BYTES, MOST_BODY_BYTES + 1])
def test_a_body_of_one_megabyte_is_taken_and_one_byte_more_is_refused(size: int) -> None:
    exchange = Exchange(ok(b"a" * size))
    if size == MOST_BODY_BYTES:
        assert len(exchange.ask().body) == size
    else:
        with pytest.raises(Refused, match="larger"):
            exchange.ask()


def test_an_endless_chunked_body_is_cut_off() -> None:
    def endless() -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"10000\r\n" + b"a" * 0x10000 + b"\r\n"

    exchange = Exchange()
    exchange.network.answer = endless
    with pytest.raises(Refused, match="larger"):
        exchange.ask()


def test_a_compressed_answer_is_refused_instead_of_unpacked() -> None:
    bomb = gzip.compress(b"\x00" * 10_000_000)
    with pytest.raises(Refused, match="compressed"):
        Exchange(ok(bomb, b"Content-Encoding: gzip\r\n")).ask()


@pytest.mark.parametrize("slow_part", ["headers", "body"])
def test_an_answer_that_drips_is_cut_off_at_the_deadline(slow_part: str) -> None:
    def dripping() -> Iterable[bytes]:
        if slow_part == "body":
            yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        else:
            yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        while True:
            yield b"a"

    exchange = Exchange()
    exchange.network.answer, exchange.network.seconds_per_read = dripping, 1.0
    started = exchange.clock.now()
    with pytest.raises(MaybeSent):
        exchange.ask()
    assert exchange.clock.now() - started <= TOTAL_S + 1


def test_each_read_waits_no_longer_than_the_time_that_is_left() -> None:
    exchange = Exchange(b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2\r\n\r\n", b"{}")
    exchange.network.seconds_per_read = 3.0
    exchange.ask()
    # httpx's own limit for a read, then 10 s less what has passed.
    assert exchange.network.read_timeouts == [8.0, 7.0, 4.0]


def test_the_client_rejects_a_name_with_a_private_address_and_retries_one_that_is_down() -> None:
    clock = FakeClock()
    network = Network(clock, lambda: iter((ok(),)))
    wire = Wire(resolve=Resolver([METADATA]), clock=clock, network=network)
    http = HttpClient(clock=clock, exchange=wire)
    with pytest.raises(Reject, match=r"api\.crm\.example resolves to an address that is not public"):
        http.request("GET", "https://api.crm.example/x", hosts=["api.crm.example"])
    assert network.connected == []
    network.refuses = frozenset({PUBLIC})
    http = HttpClient(clock=clock, exchange=Wire(resolve=Resolver([PUBLIC]), clock=clock, network=network))
    with pytest.raises(Retry, match="could not be reached"):
        http.request("GET", "https://api.crm.example/x", hosts=["api.crm.example"])
    assert network.connected == [PUBLIC] * 4
