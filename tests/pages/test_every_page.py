"""Every page: it opens, says what it is about, shows a user's text as text, and no account id."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from tests.oracle.cases import CASES
from tests.pages import driver
from tests.pages.driver import HOME, LOAD, PROFILE

TITLES = {
    HOME: "Raise 20 % from score 800",
    LOAD: "Huabei-like sample",
    PROFILE: "Huabei-like sample",
}
HOSTILE = (
    "![x](https://canary.invalid/x.png)",
    "<img src=https://canary.invalid/y.png>",
    "=cmd|' /C calc'!A0",
    "**bold** `code` $x$ :red[x] [a](https://canary.invalid)",
)


@pytest.mark.parametrize("page", driver.PAGES)
def test_every_page_opens_without_a_complaint_and_says_what_it_is_about(page: str) -> None:
    app = driver.opened(page)
    assert driver.complaints(app) == []
    first = driver.plain(app.main.markdown[0].value)
    assert first.startswith("## ")
    assert TITLES.get(page, "") in first
    assert "None" not in driver.words(app)
    assert "nan" not in driver.words(app).replace("finance", "").lower().split()


def test_hostile_text_is_shown_as_text() -> None:
    header = "account_id,score,credit_limit,balance,region,![h](https://canary.invalid/h.png)"
    rows = [
        f'A{index},{600 + 100 * index},5000,100,"{text}",b' for index, text in enumerate(HOSTILE)
    ]
    app = driver.with_file(
        "![f](https://canary.invalid/f.png).csv", driver.accounts_csv(rows, header)
    )
    app.text_input(key="intake_called").set_value(HOSTILE[0]).run()
    driver.pressed(app, "Load this portfolio")
    assert driver.complaints(app) == []
    app.text_input(key="lever_name").set_value(HOSTILE[0])
    app.text_input(key="lever_author").set_value(HOSTILE[1])
    app.text_input(key="lever_note").set_value(HOSTILE[2]).run()
    for page in driver.PAGES:
        driver.turned_to(app, page)
        assert driver.complaints(app) == []
        assert driver.markdown_images(app) == []
    driver.turned_to(app, PROFILE)
    labels = app.dataframe[-1].value["Segment"].tolist()
    assert sorted(labels) == sorted(HOSTILE)
    assert HOSTILE[0] in driver.words(driver.turned_to(app, HOME))


def test_no_page_of_results_shows_or_sends_an_account_id() -> None:
    frame = pd.read_csv(io.BytesIO(CASES.read_bytes()), dtype=str, keep_default_na=False)
    frame["account_id"] = [f"SECRETID{index:04d}" for index in range(len(frame))]
    frame.loc[3, "score"] = "n/a"
    frame.loc[4, "account_id"] = "SECRETID0002"
    app = driver.with_portfolio("cases.csv", frame.to_csv(index=False).encode())
    assert driver.complaints(app) == []
    for page in set(driver.PAGES) - {LOAD}:  # Load shows a file as it is, for its mapping
        driver.turned_to(app, page)
        assert driver.complaints(app) == []
        assert b"SECRETID" not in driver.sent(app), page
