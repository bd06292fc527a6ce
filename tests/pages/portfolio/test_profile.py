"""The Profile page: the portfolio's own figures, segment by segment, and none where none are."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import driver
from tests.pages.driver import PROFILE


@pytest.fixture(scope="module")
def profile(thousand: AppTest) -> AppTest:
    return driver.turned_to(thousand, PROFILE)


def test_segments_are_those_of_the_file_and_their_accounts_add_up(
    profile: AppTest, frame: pd.DataFrame
) -> None:
    assert driver.complaints(profile) == []
    box = profile.selectbox(key="profile_segment")
    assert {"region", "channel"} <= set(box.options)
    for name in ("region", "channel"):
        box = profile.selectbox(key="profile_segment")
        box.set_value(name).run()
        shown = profile.dataframe[0].value
        counted = frame[name].value_counts()
        found = {row.Segment: int(row.Accounts.replace(",", "")) for row in shown.itertuples()}
        assert {label: found[label] for label in counted.index} == counted.to_dict()
        assert sum(found.values()) == len(frame)


def test_a_portfolio_without_text_columns_says_that_there_is_nothing_to_group_by() -> None:
    rows = [f"A{number},{400 + number},{1000 + number},{number}" for number in range(50)]
    app = driver.with_portfolio("plain.csv", driver.accounts_csv(rows))
    driver.turned_to(app, PROFILE)
    assert driver.complaints(app) == []
    assert "The portfolio has no text column to group by." in driver.words(app)
