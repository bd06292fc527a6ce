"""Another language on the pages: all that is read is said in it, but names, and users' words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.assumptions import PRESETS
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS
from analytics.declared.choices import Which
from analytics.declared.columns import BY_NAME as COLUMNS
from analytics.declared.language import spoken
from analytics.declared.measures import BY_NAME as MEASURES
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.scales import KNOWN as SCALES
from analytics.ingest import load_sample
from tests.pages import driver
from tests.places import SAMPLE
from tests.pseudo import Pseudo, bare_words

CHOICES = {
    choice
    for parameter in (*ASSUMPTION_PARAMETERS, *POLICY_PARAMETERS)
    for choice in parameter.choices
}
UNITS = {"bn", "pp"}
SCALE_NAMES = {scale.name for scale in SCALES}
KEYS = {"Assumption"}
"""Names of columns that are shown by a title."""
READ = {"alt", "body", "caption", "delta", "help", "label", "options", "placeholder", "title"}
"""Fields of an element that people read."""
MARKUP = re.compile(
    r"\(#[^)]*\)|`[^`]*`|:material/\w+:|:[a-z-]+(?=\[)|https?://\S+|\w+\.(csv|json|zip)\b|&nbsp;"
)


def texts(app: AppTest) -> Iterator[str]:
    """Yield all that is read on the page and in the sidebar."""
    for side in (app.main, app.sidebar):
        for element in side:
            proto = getattr(element, "proto", None)
            if proto is not None and hasattr(proto, "ListFields"):
                yield from _strings(proto)
    for frame in app.dataframe:
        yield frame.value.to_csv(index=False)


def _strings(proto: Any, *, read: bool = False) -> Iterator[str]:
    for field, value in proto.ListFields():
        shown = read or field.name in READ
        for one in value if isinstance(value, list) or hasattr(value, "append") else [value]:
            if hasattr(one, "ListFields"):
                yield from _strings(one, read=shown)
            elif isinstance(one, str) and shown:
                yield one


def values_of(segments: tuple[str, ...]) -> Iterator[str]:
    """Yield the values of the sample's segments, which are a user's words."""
    for column in pd.read_parquet(SAMPLE, columns=list(segments)).to_dict("series").values():
        yield from column.dropna().unique()


@pytest.fixture
def app() -> Iterator[AppTest]:
    """A session in a language of its own; the tester asks for options in it too."""
    app = AppTest.from_file(str(driver.ROOT / "app.py"), default_timeout=120)
    app.session_state["language"] = Pseudo()
    with spoken(Pseudo()):
        yield app.run()


@pytest.mark.parametrize("page", driver.PAGES)
def test_every_word_of_a_page_is_said(app: AppTest, page: str) -> None:
    driver.turned_to(app, page)
    assert driver.complaints(app) == []
    said = "\n".join(MARKUP.sub(" ", driver.plain(text)) for text in texts(app))
    portfolio = load_sample().portfolio
    for data in (
        portfolio.name,
        portfolio.fingerprint[:8],
        *values_of((*portfolio.segments, "account_status")),
    ):
        said = said.replace(data, "")
    names = {*MEASURES, *COLUMNS, *PRESETS, *Which, *portfolio.segments, portfolio.currency}
    left = bare_words(said) - names - UNITS - SCALE_NAMES - KEYS - {*"_".join(CHOICES).split("_")}
    assert {word for word in left if "_" not in word} == set()


def test_what_a_callback_says_is_said_in_the_language_of_the_session(app: AppTest) -> None:
    driver.typed(app, driver.THRESHOLD, "abc")
    captions = [driver.plain(caption.value) for caption in app.sidebar.caption]
    assert any("[was] [not] [understood]" in caption for caption in captions)


def test_the_language_is_english_until_another_is_chosen() -> None:
    with spoken(Pseudo()):
        title = driver.plain(driver.opened().main.markdown[0].value)
    assert title.startswith("## Raise 20 % from score 800")
