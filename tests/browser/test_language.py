"""The language in the browser: its own, then the one switched to; links stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import Visit, serving

pytestmark = pytest.mark.browser

_DRAWN = """text => {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  pen.font = '40px "Source Sans", sans-serif';
  pen.fillText(text, 10, 60);
  return canvas.toDataURL();
}"""
SELECT = "[data-testid=stSelectbox] input"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("language")
    with serving(folder / "log.txt") as found:
        yield found


@contextmanager
def visiting(browser: Browser, address: str, locale: str) -> Iterator[Visit]:
    """Open a fresh profile of a browser that speaks a language."""
    context = browser.new_context(viewport={"width": 1600, "height": 900}, locale=locale)
    try:
        yield Visit(context.new_page(), address)
    finally:
        context.close()


def title(visit: Visit) -> str:
    return visit.page.locator("h2").first.inner_text()


def test_a_switch_survives_a_reload_and_a_page_and_leaves_the_link(
    chromium: Browser, address: str
) -> None:
    with visiting(chromium, address, "en-US") as visit:
        visit.open("/?score_threshold=700&raise_rate=0.1")
        assert title(visit).startswith("Raise 10 % from score 700")
        chosen = visit.page.locator(SELECT).first
        chosen.click()
        visit.page.get_by_role("option", name="Payback", exact=True).click()
        visit.settled()
        link = visit.link()
        visit.click("中文")
        assert title(visit).startswith("评分 700 起提额 10%")
        assert visit.page.locator(SELECT).first.input_value() == "回本"
        assert visit.link() == link
        visit.page.reload()
        assert title(visit.settled()).startswith("评分 700 起提额 10%")
        visit.turn_to("压力测试")
        visit.page.reload()
        assert title(visit.settled()).startswith("评分 700 起提额 10%")
        assert visit.faults() == []
        with visiting(chromium, address, "en-US") as colleague:
            colleague.open(visit.page.url)
            assert title(colleague).startswith("Raise 10 % from score 700")
        visit.click("English")
        assert title(visit).startswith("Raise 10 % from score 700")
        assert visit.wrong() == []


def test_a_browser_that_speaks_chinese_is_answered_in_it(chromium: Browser, address: str) -> None:
    with visiting(chromium, address, "zh-CN") as visit:
        visit.open("/")
        assert title(visit).startswith("评分 800 起提额 20%")
        assert visit.faults() == []
        visit.click("English")
        visit.page.reload()
        assert title(visit.settled()).startswith("Raise 20 % from score 800")
        assert visit.wrong() == []


def test_chinese_is_drawn_in_pictures(chromium: Browser, address: str) -> None:
    with visiting(chromium, address, "zh-CN") as visit:
        visit.open("/")
        signs = [visit.page.evaluate(_DRAWN, sign) for sign in "额度评分提损失亿"]
        assert len(set(signs)) == len(signs), "boxes in place of signs"
