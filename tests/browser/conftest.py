"""A real server and a real browser for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import fonts
from tests.browser.visit import FLAGS, Visit, chromium_program, serving


@pytest.fixture(scope="session")
def executable() -> str:
    """Return the browser's program; without one the tests fail, for they prove the main job."""
    found = chromium_program()
    if not found:
        pytest.fail(
            "No Chromium or Chrome was found: `make test` installs one, or name it in CHROMIUM."
        )
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app for the session; return its address."""
    with serving(tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture(scope="session")
def chromium(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start one headless browser for the session; it draws Chinese on every machine."""
    own = {"FONTCONFIG_FILE": str(fonts.settings(tmp_path_factory.mktemp("fonts")))}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=executable, args=list(FLAGS), env={**os.environ, **own}
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, server: str) -> Iterator[Visit]:
    """Open a fresh browser profile on the app; whatever went wrong meanwhile fails the test."""
    with Visit.of(chromium, server) as made:
        yield made
        assert made.wrong() == []
