"""The guards of the app, asked over the network: headers, names, origins, messages, files."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from pages.server.uploads import MOST_FILES
from tests.browser.visit import serving
from tests.pages.server.client import PAGE, Browser, download_in

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}
PATIENCE = 6
"""Seconds that the server of these tests waits for a session without connection."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app with small bounds."""
    folder = tmp_path_factory.mktemp("guarded")
    settings = {
        "HEADROOM_HOSTS": "limits.example.org, *.example.net",
        "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "1",
        "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(2 * PATIENCE),
    }
    with serving(folder / "log.txt", settings=settings) as found:
        yield found


@pytest.fixture
def temporary(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder of the server."""
    del address
    return tmp_path_factory.getbasetemp() / "guarded0" / "temporary"


@pytest.fixture
def browser(address: str) -> Browser:
    return Browser(address)


def rules(policy: str) -> dict[str, str]:
    return dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 200),
        ("/load", "GET", 200),
        ("/load/", "GET", 301),
        ("/favicon.png", "GET", 200),
        ("/static/none.js", "GET", 200),
        ("/_stcore/health", "GET", 200),
        ("/_stcore/host-config", "GET", 200),
        ("/_stcore/metrics", "GET", 404),
        ("/media/none.csv", "GET", 404),
        ("/component/none/x.js", "GET", 404),
        ("/_stcore/upload_file/a/b", "PUT", 404),
        ("/_stcore/health", "POST", 405),
        ("//etc/passwd", "GET", 400),
        ("/..%2f..%2fetc/passwd", "GET", 400),
    ],
)
def test_every_answer_carries_the_headers_errors_and_files_included(
    browser: Browser, path: str, method: str, status: int
) -> None:
    answer = browser.ask(path, method)
    assert answer.status == status
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    found = rules(answer.headers["content-security-policy"])
    assert found["default-src"] == found["object-src"] == found["frame-ancestors"] == "'none'"
    assert found["base-uri"] == "'none'"
    assert found["form-action"] == "'self'"
    assert found["connect-src"] == f"'self' ws://{browser.host} wss://{browser.host}"
    assert found["img-src"] == "'self' data: blob:"
    assert re.fullmatch(r"'self' 'sha256-[\w+/]{43}='", found["script-src"])
    assert "camera=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "",
        "limits.example.org.x",
    ],
)
def test_another_name_of_the_host_gets_nothing_and_no_socket(browser: Browser, host: str) -> None:
    answer = browser.ask("/", headers={"Host": host})
    assert answer.status == 400
    assert b"HEADROOM_HOSTS" in answer.body or not host
    with (
        pytest.raises(InvalidStatus) as refused,
        browser.session(Host=host, Origin=f"http://{host}"),
    ):
        pass
    assert refused.value.response.status_code in {400, 403}


@pytest.mark.parametrize(
    "host", ["localhost", "limits.example.org", "a.example.net:443", "[::1]:8"]
)
def test_names_that_are_set_and_loopback_are_answered(browser: Browser, host: str) -> None:
    assert browser.ask("/", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "http://localhost", "null", "x://["]
)
def test_a_page_of_another_origin_gets_no_socket_and_changes_nothing(
    browser: Browser, origin: str
) -> None:
    with pytest.raises(InvalidStatus) as refused, browser.session(Origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert browser.put("/_stcore/upload_file/a/b", b"x", Origin=origin).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/prefix/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/%5fstcore/metrics",
    ],
)
def test_what_no_page_needs_is_not_there(browser: Browser, path: str) -> None:
    assert browser.ask(path).status == 404
    assert browser.ask(path, "POST").status == 404


def test_clear_cache_of_one_browser_ends_nobodys_session(browser: Browser, address: str) -> None:
    with browser.session() as session, Browser(address).session() as hostile:
        session.run(query_string="score_threshold=712")
        hostile.run()
        for message in (
            {"clear_cache": True},
            {"set_run_on_save": True},
            {"load_git_info": True},
            {"backend_operation_request": {"request_id": "1", "install_skills": {}}},
        ):
            hostile.send(**message)
        hostile.send(app_heartbeat=True)
        hostile.until(lambda message: message.heartbeat_ack)
        told = {message.WhichOneof("type") for message in hostile.heard}
        assert told.isdisjoint({"git_info_changed", "backend_operation_response"})
        # Its own session was not cleared either: the policy that it had chosen stands.
        assert b"712" in b"".join(m.SerializeToString() for m in session.run())


def test_a_file_is_given_to_its_own_browser_while_its_session_lives(
    browser: Browser, address: str
) -> None:
    other = Browser(address)
    with browser.session() as session, other.session() as others:
        file = download_in(session.run(query_string="score_threshold=713&raise_rate=0.31"))
        others.run()
        given = browser.ask(file)
        assert given.status == 200
        assert given.body.startswith(b"rule,")
        assert given.headers["cache-control"] == "no-store"
        assert other.ask(file).status == 404
        assert Browser(address).ask(file).status == 404
        forged = Browser(address)
        forged.cookies["headroom_browser"] = ""
        assert forged.ask(file).status == 404
    assert browser.ask(file).status == 200, "a network that stumbles loses no download"
    until = time.monotonic() + PATIENCE * 5
    while (answer := browser.ask(file)).status == 200 and time.monotonic() < until:
        time.sleep(0.3)
    assert answer.status == 404
    assert b"a session that has ended" in answer.body
    assert set(EVERYWHERE) <= set(answer.headers)


def test_a_text_that_looks_like_an_address_offers_no_file(browser: Browser, address: str) -> None:
    with browser.session() as session, Browser(address).session() as hostile:
        file = download_in(session.run(query_string="score_threshold=714&raise_rate=0.32"))
        hostile.run(query_string=f"name={file}")
        assert file.encode() in b"".join(m.SerializeToString() for m in hostile.heard)
        assert hostile.browser.ask(file).status == 404


def test_a_file_is_taken_only_where_a_session_of_the_browser_asked_for_it(
    browser: Browser, address: str
) -> None:
    other = Browser(address)
    with browser.session() as session, other.session() as others:
        session.run()
        others.run()
        (place,) = session.upload_addresses()
        assert other.put(place, b"a,b").status == 404
        base = place.rsplit("/", 1)[0]
        assert browser.put(f"{base}/{uuid.uuid4()}", b"a,b").status == 404
        assert browser.put(f"{base}/{others.upload_addresses()[0][-36:]}", b"a,b").status == 404
        assert browser.put(place, b"a,b").status == 204


def test_a_session_holds_no_more_than_a_few_files(browser: Browser) -> None:
    with browser.session() as session:
        session.run()
        for _ in range(MOST_FILES):
            (place,) = session.upload_addresses()
            assert browser.put(place, b"a,b").status == 204
        (place,) = session.upload_addresses()
        assert browser.put(place, b"a,b").status == 413


def test_the_files_of_a_session_weigh_no_more_than_twice_the_largest(browser: Browser) -> None:
    with browser.session() as session:
        session.run()
        places = session.upload_addresses(4)
        data = b"x" * 900_000
        assert [browser.put(place, data).status for place in places[:3]] == [204, 204, 413]
        deleted = browser.ask(
            places[0], "DELETE", {"X-Xsrftoken": browser.cookies["_streamlit_xsrf"]}
        )
        assert deleted.status == 204
        assert browser.put(places[3], data).status == 204


def test_an_upload_says_how_long_it_is(browser: Browser) -> None:
    with browser.session() as session:
        session.run()
        (place,) = session.upload_addresses()
        answer = browser.ask(place, "PUT", {"Transfer-Encoding": "chunked"}, b"0\r\n\r\n")
        assert answer.status == 411


def test_more_addresses_than_files_may_be_held_are_not_given(browser: Browser) -> None:
    with browser.session() as session:
        session.run()
        session.send(file_urls_request={"request_id": "1", "file_names": ["a"] * 50})
        session.send(app_heartbeat=True)
        session.until(lambda message: message.heartbeat_ack)
        assert not any(m.HasField("file_urls_response") for m in session.heard)


def test_the_accounts_that_a_session_brought_are_gone_after_it(
    browser: Browser, temporary: Path
) -> None:
    data = b"account_id,score,credit_limit,balance\n" + b"".join(
        b"A%d,%d,%d,%d\n" % (number, 400 + number % 500, 5000 + number, number)
        for number in range(999)
    )
    with browser.session() as session:
        session.run(page_name="load")
        before = len(list(temporary.iterdir()))
        box = session.element("file_uploader", "CSV, Parquet")
        (place,) = session.upload_addresses()
        assert browser.put(place, data).status == 204
        file = {"file_id": place[-36:], "name": "mine.csv", "size": len(data)}
        file["file_urls"] = {"file_id": place[-36:], "upload_url": place, "delete_url": place}
        held = {"id": box.id, "file_uploader_state_value": {"uploaded_file_info": [file]}}
        session.run(page_name="load", widget_states={"widgets": [held]})
        button = {"id": session.element("button", "Load this portfolio").id, "trigger_value": True}
        session.run(page_name="load", widget_states={"widgets": [held, button]})
        waited(temporary, lambda found: len(found) == before + 1)
    waited(temporary, lambda found: len(found) == before)


def waited(folder: Path, met: Callable[[list[Path]], bool]) -> None:
    """Wait until what lies in the temporary folder meets a condition."""
    until = time.monotonic() + 60
    while not met(found := list(folder.iterdir())):
        assert time.monotonic() < until, f"still there: {found}"
        time.sleep(0.2)


def test_the_document_brings_a_cookie_that_no_script_reads(browser: Browser) -> None:
    answer = browser.ask("/", headers=PAGE)
    assert re.fullmatch(
        r"headroom_browser=[\w-]{32}; Path=/; HttpOnly; SameSite=Lax",
        answer.headers["set-cookie"],
    )
    assert "set-cookie" not in browser.ask("/", headers=PAGE).headers
    fresh = browser.ask("/", headers={**PAGE, "If-None-Match": answer.headers["etag"]})
    assert fresh.status == 304


def test_a_link_of_another_site_leaves_the_tabs_that_are_open_their_files(
    browser: Browser,
) -> None:
    with browser.session() as session:
        file = download_in(session.run(query_string="score_threshold=715&raise_rate=0.33"))
        known = browser.cookies["headroom_browser"]
        answer = browser.follow("/?score_threshold=716")
        assert answer.status == 200
        assert "set-cookie" not in answer.headers
        assert browser.cookies["headroom_browser"] == known
        assert browser.ask(file).status == 200


@pytest.mark.parametrize(
    ("method", "further"),
    [
        ("POST", {"Origin": "https://evil.example", "Sec-Fetch-Dest": "document"}),
        ("POST", {}),
        ("GET", {"Sec-Fetch-Dest": "iframe"}),
        ("GET", {"Sec-Fetch-Dest": "empty"}),
    ],
)
def test_what_another_site_asks_for_without_the_cookie_replaces_none(
    address: str, method: str, further: dict[str, str]
) -> None:
    answer = Browser(address).ask("/", method, {**PAGE, "Sec-Fetch-Site": "cross-site", **further})
    assert "headroom_browser" not in answer.headers.get("set-cookie", "")


def test_what_the_server_writes_is_its_users_alone(address: str, tmp_path: Path) -> None:
    del address
    with serving(tmp_path / "log.txt") as own:
        with Browser(own).session() as session:
            session.run()
        written = [Path(at, name) for at, _, names in os.walk(tmp_path) for name in names]
        assert written
        shared = [path for path in written if path.stat().st_mode & 0o077]
        assert shared == [tmp_path / "log.txt"]
    assert list((tmp_path / "temporary").iterdir()) == []
