"""What a fast hand does at the levers: no key is lost, and slider, box, title and link agree."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import Visit, serving

pytestmark = pytest.mark.browser

THRESHOLD, RAISE = "Score threshold", "Raise"
KEYS = 15


def agree(visit: Visit, threshold: int) -> None:
    """Hold slider, box, title, card and link against the threshold that was asked for."""
    assert visit.lever(THRESHOLD) == threshold
    assert visit.page.get_by_label(f"{THRESHOLD}, typed").input_value() == str(threshold)
    assert f"from score {threshold}" in visit.page.locator("h2").first.inner_text()
    assert f"at {threshold}+" in visit.cards()["Accounts raised"]
    assert visit.link()["score_threshold"] == str(threshold)


@pytest.mark.parametrize("pause", [0.03, 0.1, 0.25])
def test_no_arrow_key_is_lost_however_fast_they_come(visit: Visit, pause: float) -> None:
    visit.open()
    visit._handle(THRESHOLD).focus()
    for _ in range(KEYS):
        visit.page.keyboard.press("ArrowLeft")
        time.sleep(pause)
    visit.settled()
    agree(visit, 800 - KEYS)


def test_a_typed_number_and_keys_after_it_follow_each_other(visit: Visit) -> None:
    visit.open()
    visit.type(f"{THRESHOLD}, typed", "700")
    visit.press(THRESHOLD, "ArrowRight", 2)
    visit.type(f"{THRESHOLD}, typed", "700")
    agree(visit, 700)
    visit.press(RAISE, "ArrowLeft", 1)
    agree(visit, 700)
    assert visit.lever(RAISE) == 19


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/?score_threshold=720&raise_rate=0.2", "Raise 20 % from score 720"),
        ("/frontier?score_threshold=720&raise_rate=0.2", "Raise 20 % from score 720"),
        ("/stress?score_threshold=720&raise_rate=0.2", "Raise 20 % from score 720"),
        ("/value?score_threshold=720&raise_rate=0.2", "Raise 20 % from score 720"),
        ("/customers?score_threshold=720&raise_rate=0.2", "Raise 20 % from score 720"),
        ("/assumptions", "plausible"),
        ("/load", "Load"),
        ("/profile", "Huabei-like sample"),
        ("/method", "Method"),
    ],
)
def test_the_first_page_of_a_fresh_server_is_there_at_once(
    chromium: Browser, tmp_path: Path, path: str, title: str
) -> None:
    """A deep link is the first thing that a server is asked for, after every restart."""
    with serving(tmp_path / "log.txt") as address, Visit.of(chromium, address) as visit:
        visit.open(path)
        assert visit.page.get_by_role("dialog").count() == 0
        assert "Page not found" not in visit.text()
        assert title in visit.text()
        assert visit.wrong() == []
