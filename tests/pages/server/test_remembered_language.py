"""A browser's language is kept in a cookie of its own, which only pages of ours can set."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest

from tests.browser.visit import serving
from tests.pages.server.client import Browser

PATH = "/headroom_language"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("language") / "log.txt") as found:
        yield found


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("below", ["", "/a/prefix"])
def test_a_choice_is_kept_for_a_year_and_away_from_scripts(
    address: str, language: str, below: str
) -> None:
    answer = Browser(address).ask(f"{below}{PATH}/{language}")
    assert (answer.status, answer.body) == (204, b"")
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie.key, cookie.value) == ("headroom_language", language)
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == ("/", "31536000", "lax")
    assert cookie["httponly"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_sets_no_language(address: str, site: str) -> None:
    answer = Browser(address).ask(f"{PATH}/zh_CN", headers={"Sec-Fetch-Site": site})
    assert (answer.status, answer.headers.get("set-cookie")) == (204, None)


@pytest.mark.parametrize("path", [f"{PATH}/fr", f"{PATH}/", f"{PATH}/zh_CN/more"])
def test_no_other_language_is_kept(address: str, path: str) -> None:
    answer = Browser(address).ask(path)
    assert "headroom_language" not in answer.headers.get("set-cookie", "")
