"""The one outbound client: where it goes, how often it asks, and what it tells when that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hub.errors import Busy, Reject, Retry
from hub.http import MOST_ATTEMPTS, TOTAL_S, HttpClient, checked_host
from hub.http_transport import MaybeSent, NotSent, Refused
from hub.memory import FakeClock
from hub.ports import HttpResponse

HOSTS = ("api.crm.example", "*.files.example")
URL = "https://api.crm.example/records?email=hanako%40customer.example"
SECRETS_IN_REQUEST = ("hanako", "tok-123", "body-value", "answer-value")


class Script:
    """Answers in order; an exception is raised, a number becomes that status. The last one repeats."""

    def __init__(self, clock: FakeClock, *answers: int | HttpResponse | Exception, seconds_each: float = 0) -> None:
        self.clock, self.answers, self.seconds_each = clock, list(answers), seconds_each
        self.at: list[float] = []
        self.sent: list[tuple[str, str, Mapping[str, str], bytes | None]] = []

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, _deadline: float
    ) -> HttpResponse:
        self.at.append(self.clock.now())
        self.sent.append((method, url, headers, content))
        self.clock.sleep(self.seconds_each)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return HttpResponse(answer, {}, b"answer-value") if isinstance(answer, int) else answer

    @property
    def waits(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False)]


def client(
    *answers: int | HttpResponse | Exception, uniform: float = 0.5, seconds_each: float = 0
) -> tuple[HttpClient, Script]:
    clock = FakeClock()
    script = Script(clock, *answers, seconds_each=seconds_each)
    return HttpClient(clock=clock, exchange=script, uniform=lambda: uniform), script


def ask(http: HttpClient, *, idempotent: bool = True) -> HttpResponse:
    headers = {"Authorization": "Bearer tok-123"}
    return http.request("POST", URL, hosts=HOSTS, headers=headers, json={"name": "body-value"}, idempotent=idempotent)


def later(status: int, retry_after: str) -> HttpResponse:
    return HttpResponse(status, {"retry-after": retry_after}, b"")


# Where it goes.

FORBIDDEN_URLS = [
    "http://api.crm.example/x",
    "https://api.crm.example:8443/x",
    "https://user@api.crm.example/x",
    "https://api.crm.example@evil.example/x",
    "https://api.crm.example\\@evil.example/x",
    "https://evil.example\\.api.crm.example/x",
    "https://api.crm.example.evil.example/x",
    "https://evilapi.crm.example/x",
    "https://xapi.crm.example/x",
    "https://api.crm.example./x",
    "https://files.example/x",
    "https://evilfiles.example/x",
    "https://.files.example/x",
    "https://a..files.example/x",
    "https://a.files.example%2eevil.example/x",
    "https://a.files.example%00.evil.example/x",
    "https://evil.example/#.files.example",
    "https://evil.example?.files.example",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://\u2460\u2461\u2466.0.0.1/",
    "https://\u0430pi.crm.example/x",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[fe80::1%25eth0]/",
    "https://[::1/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https:///x",
    "https://api.crm.example /x",
    "https://api.crm.example/x\r\nHost: evil.example",
    "https://api.crm.example:abc/x",
    "https://api.crm.example:99999/x",
    "//api.crm.example/x",
    "/x",
    "",
    "file:///etc/passwd",
    "gopher://api.crm.example/x",
    "ftp://api.crm.example/x",
]


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_a_url_that_does_not_lead_to_a_listed_host_is_rejected_before_anything_is_sent(url: str) -> None:
    http, script = client(200)
    with pytest.raises(Reject):
        http.request("GET", url, hosts=HOSTS)
    assert script.sent == []


@pytest.mark.parametrize(
    "url",
    [
        "https://api.crm.example/x",
        "https://API.CRM.example:443/x",
        "https://a.files.example",
        "https://a.b.files.example/",
    ],
)
def test_a_listed_host_is_reached_in_any_case_and_a_suffix_pattern_covers_every_name_below_it(url: str) -> None:
    http, script = client(200)
    assert http.request("GET", url, hosts=HOSTS).status == 200
    assert [sent[1] for sent in script.sent] == [url]


@pytest.mark.parametrize("hosts", [(), ("*.crm.example.evil.example",), ("crm.example",), ("*",), ("*.",)])
def test_no_list_and_no_odd_pattern_lets_a_host_through(hosts: Sequence[str]) -> None:
    with pytest.raises(Reject):
        checked_host("https://api.crm.example/x", hosts)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8601/x", "http://localhost:8601/x"])
def test_this_machine_is_reached_only_where_private_hosts_are_allowed(url: str) -> None:
    assert checked_host(url, HOSTS, allow_private=True) in ("127.0.0.1", "localhost")
    with pytest.raises(Reject):
        checked_host(url, HOSTS)


@pytest.mark.parametrize(
    "url", ["http://user@127.0.0.1:8601/", "http://10.0.0.1/", "http://api.crm.example/", "file://localhost/etc"]
)
def test_allowing_private_hosts_allows_nothing_but_this_machine(url: str) -> None:
    with pytest.raises(Reject):
        checked_host(url, HOSTS, allow_private=True)


@pytest.mark.parametrize(
    "headers",
    [{"x-a": "1\r\nhost: evil"}, {"x-a": "1\n"}, {"x-a\r\nb": "1"}, {"x-a": "a\x00"}, {"x a": "1"}, {"x-a": "\u7530"}],
)
def test_a_header_with_a_line_break_or_other_odd_character_is_rejected_unsent(headers: Mapping[str, str]) -> None:
    http, script = client(200)
    with pytest.raises(Reject):
        http.request("GET", URL, hosts=HOSTS, headers=headers)
    assert script.sent == []


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    elsewhere = HttpResponse(302, {"location": "https://169.254.169.254/"}, b"")
    http, script = client(elsewhere)
    assert ask(http).status == 302
    assert len(script.sent) == 1


# What it sends.


def test_json_is_sent_as_utf_8_and_a_form_percent_encoded() -> None:
    http, script = client(200)
    http.request("POST", URL, hosts=HOSTS, json={"n": "花"})
    http.request("POST", URL, hosts=HOSTS, form={"a b": "1&2"})
    (_, _, json_headers, json_body), (_, _, form_headers, form_body) = script.sent
    assert (json_headers["content-type"], json_body) == ("application/json", '{"n":"花"}'.encode())
    assert (form_headers["content-type"], form_body) == ("application/x-www-form-urlencoded", b"a+b=1%262")


# How often it asks.


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_asked_again_and_the_later_answer_counts(status: int) -> None:
    http, script = client(status, 200)
    assert ask(http).status == 200
    assert len(script.sent) == 2


def test_after_the_last_attempt_the_server_error_is_busy_with_its_status_and_body() -> None:
    http, script = client(503)
    with pytest.raises(Busy) as raised:
        ask(http)
    assert (raised.value.status, raised.value.body, len(script.sent)) == (503, b"answer-value", MOST_ATTEMPTS)


def test_waits_grow_and_are_spread_over_their_whole_range() -> None:
    waits = {}
    for uniform in (0.0, 0.5, 1.0):
        http, script = client(503, uniform=uniform)
        with pytest.raises(Busy):
            ask(http)
        waits[uniform] = script.waits
    assert waits[0.0] == [0, 0, 0]
    assert waits[0.5] == pytest.approx([0.25, 0.5, 1.0])
    assert waits[1.0] == pytest.approx([0.5, 1.0, 2.0])


def test_a_short_retry_after_is_waited_for_even_where_the_jitter_says_less() -> None:
    http, script = client(later(429, "2"), 200, uniform=0.0)
    assert ask(http).status == 200
    assert script.waits == [2]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after_s", [3, 37])
def test_a_long_retry_after_is_handed_on_at_once(status: int, after_s: int) -> None:
    http, script = client(later(status, str(after_s)))
    with pytest.raises(Busy) as raised:
        ask(http)
    assert (raised.value.after_s, len(script.sent)) == (after_s, 1)


def test_a_retry_after_that_is_a_date_counts_from_now() -> None:
    # FakeClock starts at 2026-09-21 14:13:20 UTC.
    http, _ = client(later(429, "Mon, 21 Sep 2026 14:15:00 GMT"))
    with pytest.raises(Busy) as raised:
        ask(http)
    assert raised.value.after_s == 100


@pytest.mark.parametrize(
    ("text", "after_s"),
    [
        ("999999999999", 86_400),
        ("Mon, 21 Sep 2020 00:00:00 GMT", 0),
        ("soon", 10),
        ("-5", 10),
        ("\u0661", 10),
        ("", 10),
    ],
)
def test_an_odd_retry_after_is_bounded_or_replaced_by_the_usual_wait(text: str, after_s: int) -> None:
    http, _ = client(later(429, text))
    with pytest.raises(Busy) as raised:
        ask(http)
    assert raised.value.after_s == after_s


def test_a_record_lock_without_retry_after_is_waited_for_two_seconds() -> None:
    http, script = client(423, 200, uniform=0.0)
    assert ask(http).status == 200
    assert script.waits == [2]


def test_a_moving_account_is_not_asked_again_at_once() -> None:
    http, script = client(477)
    with pytest.raises(Busy) as raised:
        ask(http)
    assert (raised.value.after_s, len(script.sent)) == (900, 1)


@pytest.mark.parametrize("status", [200, 201, 204, 300, 400, 401, 403, 404, 409, 410, 422, 501])
def test_every_other_status_is_returned_for_the_connector_to_judge(status: int) -> None:
    http, script = client(status)
    assert ask(http).status == status
    assert len(script.sent) == 1


def test_all_attempts_together_end_before_the_total_time() -> None:
    http, script = client(503, seconds_each=4)
    started = script.clock.now()
    with pytest.raises(Busy):
        ask(http)
    assert len(script.sent) == 3
    assert script.clock.now() - started <= TOTAL_S + 4


@pytest.mark.parametrize("failure", [NotSent("ConnectError"), MaybeSent("ReadTimeout")])
def test_a_broken_connection_is_tried_again_and_then_retry(failure: Exception) -> None:
    http, script = client(failure, 200)
    assert ask(http).status == 200
    http, script = client(failure)
    with pytest.raises(Retry):
        ask(http)
    assert len(script.sent) == MOST_ATTEMPTS


# What may not be done twice.


def test_what_may_not_be_done_twice_is_sent_again_only_while_nothing_was_sent() -> None:
    http, script = client(NotSent("ConnectError"), NotSent("ConnectError"), 200)
    assert ask(http, idempotent=False).status == 200
    assert len(script.sent) == 3


def test_what_may_not_be_done_twice_is_never_repeated_once_it_may_have_arrived() -> None:
    http, script = client(MaybeSent("ReadTimeout"), 200)
    with pytest.raises(Reject, match="unknown"):
        ask(http, idempotent=False)
    assert len(script.sent) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_to_what_may_not_be_done_twice_is_returned_unrepeated(status: int) -> None:
    http, script = client(status, 200)
    assert ask(http, idempotent=False).status == status
    assert len(script.sent) == 1


@pytest.mark.parametrize("status", [423, 429, 477])
def test_a_definite_not_now_to_what_may_not_be_done_twice_is_busy(status: int) -> None:
    http, script = client(status, 200)
    with pytest.raises(Busy):
        ask(http, idempotent=False)
    assert len(script.sent) == 1


# What it tells.


@pytest.mark.parametrize(
    "answer", [503, 429, NotSent("ConnectError"), MaybeSent("ReadError"), Refused("is larger than 1000000 bytes")]
)
@pytest.mark.parametrize("idempotent", [True, False])
def test_an_error_names_the_host_and_nothing_of_the_request_or_the_answer(
    answer: int | Exception, idempotent: bool
) -> None:
    http, _ = client(answer)
    try:
        ask(http, idempotent=idempotent)
    except (Retry, Reject) as error:
        assert "api.crm.example" in str(error)
        assert not any(secret in f"{error} {error.reason}" for secret in SECRETS_IN_REQUEST)
    else:
        assert (answer, idempotent) == (503, False)


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_a_rejected_url_is_not_repeated_in_the_error(url: str) -> None:
    with pytest.raises(Reject) as raised:
        checked_host(url, HOSTS)
    assert not url or url not in str(raised.value)
