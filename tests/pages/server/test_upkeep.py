"""What the guards remember of browsers, sessions and files, and for how long; what may pass."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.starlette import App

from pages.server.__main__ import allowed_hosts
from pages.server.browsers import MOST_OFFERED, Browsers
from pages.server.entry import _look_after
from pages.server.headers import policy
from pages.server.stream import OPERATIONS, PASSED, Sessions, may_pass
from pages.server.uploads import CLAIM_SECONDS, Uploads


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def offering(name: str) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.download_button.url = f"/media/{name}.csv"
    return message


def urls(*files: str) -> ForwardMsg:
    message = ForwardMsg()
    for file in files:
        message.file_urls_response.file_urls.add(file_id=file)
    return message


def test_a_browser_is_forgotten_when_it_has_been_away_for_too_long(clock: Clock) -> None:
    browsers = Browsers(45, clock)
    browsers.arrive("b")
    browsers.arrive("b")
    browsers.offer("b", offering("abc"))
    browsers.leave("b")
    clock.now += 1000
    assert browsers.may_fetch("b", "abc"), "another window of it is open"
    browsers.leave("b")
    clock.now += 44
    assert browsers.may_fetch("b", "abc")
    browsers.arrive("b")
    clock.now += 1000
    assert browsers.may_fetch("b", "abc"), "it has come back"
    browsers.leave("b")
    clock.now += 45
    assert not browsers.may_fetch("b", "abc")


def test_a_browser_without_a_cookie_is_given_no_file(clock: Clock) -> None:
    browsers = Browsers(45, clock)
    browsers.arrive("")
    browsers.offer("", offering("abc"))
    assert not browsers.may_fetch("", "abc")


def test_the_oldest_files_of_a_browser_are_forgotten_first(clock: Clock) -> None:
    browsers = Browsers(45, clock)
    browsers.arrive("b")
    for number in range(MOST_OFFERED + 1):
        browsers.offer("b", offering(f"f{number}"))
    assert not browsers.may_fetch("b", "f0")
    assert browsers.may_fetch("b", f"f{MOST_OFFERED}")


def test_a_file_that_no_box_holds_is_dropped_and_one_in_a_box_stays(clock: Clock) -> None:
    dropped: list[tuple[str, str]] = []
    uploads = Uploads(lambda *file: dropped.append(file), clock)
    uploads.begin("s", "b")
    uploads.offer("s", urls("held", "loose"))
    assert uploads.take("s", "held", 10)
    assert uploads.take("s", "loose", 10)
    uploads.claim("s", ["held"])
    clock.now += CLAIM_SECONDS - 1
    uploads.sweep()
    assert dropped == []
    clock.now += 1
    uploads.sweep()
    assert dropped == [("s", "loose")]
    clock.now += 10 * CLAIM_SECONDS
    uploads.sweep()
    assert dropped == [("s", "loose")], "a page may stand open for hours"
    uploads.claim("s", [])
    clock.now += CLAIM_SECONDS
    uploads.sweep()
    assert dropped == [("s", "loose"), ("s", "held")]


def test_a_session_that_is_resumed_by_another_browser_is_that_ones(clock: Clock) -> None:
    uploads = Uploads(lambda *_: None, clock)
    uploads.begin("s", "b")
    uploads.offer("s", urls("f"))
    assert uploads.may_send("s", "f", "b")
    uploads.begin("s", "c")
    assert not uploads.may_send("s", "f", "b")
    assert uploads.may_send("s", "f", "c")
    uploads.end("s")
    assert not uploads.may_send("s", "f", "c")


def test_a_session_ends_when_nobody_has_come_back_to_it(clock: Clock) -> None:
    closed: list[str] = []
    sessions = Sessions(45, closed.append, clock)
    for session in ("s", "t"):
        sessions.arrive(session)
        sessions.leave(session)
    clock.now += 40
    sessions.arrive("t")
    clock.now += 5
    assert sessions.sweep() == closed == ["s"]
    clock.now += 1000
    assert sessions.sweep() == []


def test_a_session_that_cannot_be_ended_once_keeps_no_other_and_is_ended_later(
    clock: Clock,
) -> None:
    tried: list[str] = []

    def close(session: str) -> None:
        tried.append(session)
        if tried == ["s"]:
            raise RuntimeError(session)

    sessions = Sessions(45, close, clock)
    for session in ("s", "t"):
        sessions.arrive(session)
        sessions.leave(session)
    clock.now += 45
    assert sessions.sweep() == ["t"]
    assert sessions.sweep() == []
    clock.now += 45
    assert sessions.sweep() == ["s"]
    assert tried == ["s", "t", "s"]


def test_the_upkeep_goes_on_after_a_sweep_that_failed() -> None:
    class Failing:
        """Fails once."""

        patience = 0.01

        def __init__(self) -> None:
            self.sweeps = 0
            self.third = asyncio.Event()

        def sweep(self) -> bool:
            """Note that it was asked."""
            self.sweeps += 1
            if self.sweeps == 1:
                raise RuntimeError
            if self.sweeps == 3:
                self.third.set()
            return False

    async def some_time() -> None:
        guards = Failing()
        upkeep = asyncio.create_task(_look_after(cast("App", SimpleNamespace(guards=guards))))
        try:
            await asyncio.wait_for(guards.third.wait(), 20)
        finally:
            upkeep.cancel()

    asyncio.run(some_time())


def test_of_all_messages_that_the_framework_knows_only_those_of_pages_pass() -> None:
    descriptor = BackMsg.DESCRIPTOR
    passed = set()
    for kind in descriptor.oneofs_by_name["type"].fields:
        message = BackMsg()
        if kind.message_type is None:
            setattr(message, kind.name, True)
        else:
            getattr(message, kind.name).SetInParent()
        if may_pass(message):
            passed.add(kind.name)
    assert passed == {*PASSED, "file_urls_request"}
    requests = descriptor.fields_by_name["backend_operation_request"].message_type
    operations = set()
    for kind in requests.oneofs_by_name["payload"].fields:
        message = BackMsg()
        getattr(message.backend_operation_request, kind.name).SetInParent()
        if may_pass(message):
            operations.add(kind.name)
    assert operations == OPERATIONS
    assert "install_skills" not in operations


def test_the_names_of_a_server_are_loopback_its_address_and_those_that_are_set() -> None:
    loopback = ["localhost", "127.0.0.1", "::1"]
    assert allowed_hosts({}, {}) == loopback
    assert allowed_hosts({"server.address": "0.0.0.0"}, {}) == loopback  # noqa: S104 - no name
    given = {"server.address": "192.0.2.7", "server.allowedHosts": ("b.example", "localhost")}
    found = allowed_hosts(given, {"HEADROOM_HOSTS": " a.example, ,*.example.org,"})
    assert found == [*loopback, "192.0.2.7", "b.example", "a.example", "*.example.org"]


@pytest.mark.parametrize("host", ["a b", "x;script-src *", "a\r\nb", "'self'", ""])
def test_a_name_that_is_none_is_written_into_no_rule(host: str) -> None:
    found = policy(host)
    assert "connect-src 'self';" in found
    assert "ws:" not in found
