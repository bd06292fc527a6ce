"""The pages in Chinese: no English sentence is left, and links and downloads stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import PropertyMock, patch

import pytest
from streamlit.runtime.context import ContextProxy, StreamlitCookies
from streamlit.testing.v1 import AppTest

from analytics.declared.language import spoken
from analytics.ingest import load_sample
from tests.pages import driver
from tests.pages.test_language import MARKUP, texts, values_of

SENTENCE = re.compile(r"(?:[A-Za-z][A-Za-z'’-]*[,;:]? ){3,}[A-Za-z'’-]+")
"""Four English words in a row."""
NAMES = (
    "Review of Financial Studies",
    "Journal of Banking and Finance",
)
"""Journals and institutions, which keep their names."""


def left_in_english(said: str) -> list[str]:
    """Return the English sentences of what is read, but for names and users' words."""
    portfolio = load_sample().portfolio
    for name in (portfolio.name, *NAMES, *values_of(portfolio.segments)):
        said = said.replace(name, "")
    return SENTENCE.findall(said)


def charts(app: AppTest) -> Iterator[str]:
    """Yield what is read on the charts: titles, labels, legends and hovers."""
    for element in app.get("plotly_chart"):
        yield from _read(json.loads(element.proto.spec))


def _read(found: Any, *, shown: bool = False) -> Iterator[str]:
    if isinstance(found, str):
        yield from [found] if shown else []
    elif isinstance(found, dict):
        for name, value in found.items():
            yield from _read(value, shown=name in {"text", "name", "hovertemplate", "ticktext"})
    elif isinstance(found, list):
        for value in found:
            yield from _read(value, shown=shown)


@pytest.fixture
def app() -> Iterator[AppTest]:
    app = AppTest.from_file(str(driver.ROOT / "app.py"), default_timeout=120)
    app.session_state["language"] = "zh_CN"
    with spoken("zh_CN"):
        yield app.run()


@pytest.mark.parametrize("page", driver.PAGES)
def test_a_page_in_chinese_shows_no_english_sentence(app: AppTest, page: str) -> None:
    driver.turned_to(app, page)
    assert driver.complaints(app) == []
    read = (*texts(app), *charts(app))
    said = "\n".join(MARKUP.sub(" ", driver.plain(text)) for text in read)
    assert re.search(r"[\u4e00-\u9fff]", said)
    assert left_in_english(said) == []


def test_an_error_is_said_in_chinese(app: AppTest) -> None:
    driver.typed(app, driver.THRESHOLD, "abc")
    said = [driver.plain(caption.value) for caption in app.sidebar.caption]
    assert any("“abc”" in text for text in said), said
    assert left_in_english("\n".join(said)) == []


def test_the_link_is_the_same_in_every_language(app: AppTest) -> None:
    driver.slide(app, threshold=700, percent=10)
    with spoken("en"):
        english = driver.slide(driver.opened(), threshold=700, percent=10)
    assert dict(app.query_params) == dict(english.query_params)


def switched(app: AppTest) -> AppTest:
    (button,) = [one for one in app.button if (one.key or "").startswith("language_switch")]
    return button.click().run()


def title(app: AppTest) -> str:
    return driver.plain(app.main.markdown[0].value)


def test_one_switch_leads_there_and_back_on_every_page() -> None:
    app = driver.opened()
    assert title(app).startswith("## Raise 20 % from score 800")
    assert title(switched(app)).startswith("## 评分 800 起提额 20%")
    with spoken("zh_CN"):
        driver.turned_to(app, driver.STRESS)
        assert title(app).startswith("## 评分 800 起提额 20%")
        assert title(switched(app)).startswith("## Raise 20 % from score 800")


def test_a_switch_keeps_policy_and_levers() -> None:
    app = driver.slide(driver.opened(), threshold=700, percent=10)
    before = driver.policy(app), dict(app.query_params)
    switched(app)
    assert driver.complaints(app) == []
    assert (driver.policy(app), dict(app.query_params)) == before
    with spoken("zh_CN"):
        driver.slide(app, threshold=720)
    assert driver.policy(app).score_threshold == 720


@pytest.mark.parametrize(
    ("cookies", "locale", "start"),
    [
        ({}, "zh-CN", "## 评分"),
        ({}, "en-GB", "## Raise"),
        ({}, "fr-FR", "## Raise"),
        ({}, None, "## Raise"),
        ({"headroom_language": "en"}, "zh-CN", "## Raise"),
        ({"headroom_language": "zh_CN"}, "en-US", "## 评分"),
        ({"headroom_language": "?"}, "zh-CN", "## 评分"),
    ],
)
def test_the_language_is_the_browsers_until_it_was_switched(
    cookies: dict[str, str], locale: str | None, start: str
) -> None:
    with (
        patch.object(ContextProxy, "locale", new_callable=PropertyMock, return_value=locale),
        patch.object(
            ContextProxy,
            "cookies",
            new_callable=PropertyMock,
            return_value=StreamlitCookies(cookies),
        ),
    ):
        assert title(driver.opened()).startswith(start)
