"""What a file's cells mean, on the Load page: every question has a button, every option a place."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analytics.ingest import CreditBalances
from analytics.shown import formats
from tests.cli.test_meanings import CREDIT, DOTS, MIXED, TOTAL, UNKNOWN
from tests.pages import driver
from tests.pages.driver import HOME

LOAD_IT = "Load this portfolio"


def asked(text: str) -> AppTest:
    """Bring a file that is asked about; the question stands on the page."""
    app = driver.pressed(driver.with_file("accounts.csv", text.encode()), LOAD_IT)
    assert driver.complaints(app) == []
    return app


@pytest.mark.parametrize(
    ("text", "words", "button", "limit"),
    [
        (DOTS, "“Decimal sign” point", "It is comma", 32_500),
        (TOTAL, "“A row that sums up all others” keep", "Leave it out", 61.5),
        (MIXED, "“Currency” with one of them", "It is TWD", 70),
    ],
)
def test_a_question_is_answered_at_the_press_of_a_button(
    text: str, words: str, button: str, limit: float
) -> None:
    app = asked(text)
    assert any(words in note for note in driver.notes(app))
    assert "--" not in " ".join(driver.notes(app))
    driver.pressed(app, button)
    driver.pressed(app, LOAD_IT)
    assert driver.complaints(app) == []
    assert driver.cards(app)["Credit limit"].value == formats.compact(limit)


def test_credit_balances_and_words_for_unknown_are_stated_on_the_page() -> None:
    app = driver.with_portfolio("credit.csv", CREDIT.encode())
    assert "give “Credit balances” zero" in driver.words(app)
    app.selectbox(key="intake_credit_balances").set_value(CreditBalances.ZERO).run()
    driver.pressed(app, LOAD_IT)
    assert driver.cards(app)["Rejected"].value == "0"
    assert "3 credit balances were read as 0" in driver.words(app)
    driver.with_portfolio("unknown.csv", UNKNOWN.encode(), app)
    assert "declare it with “Words that mean unknown” NA" in driver.words(app)
    app.text_input(key="intake_blank").set_value("n/a, NA").run()
    driver.pressed(app, LOAD_IT)
    assert driver.cards(app)["Rejected"].value == "0"


def test_amounts_of_a_currency_without_minor_units_move_in_its_own_steps() -> None:
    text = "account_id,score,credit_limit,balance\nA,900,500000,1\nB,700,90000000,1\n"
    app = driver.with_file("yen.csv", text.encode())
    app.selectbox(key="intake_currency").set_value("JPY").run()
    driver.pressed(app, LOAD_IT)
    driver.turned_to(app, HOME)
    step = app.number_input(key="lever_rounding_step")
    assert (step.value, step.min, step.step) == (10_000, 1, 10_000)
    assert app.number_input(key="lever_limit_cap").max == 10**12
    assert driver.policy(app).min_increment == 10_000
    step.set_value(10_000.5).run()
    assert driver.policy(app).rounding_step == 10_000


def test_horizon_and_marks_are_stated_on_the_page_and_what_is_assumed_is_said() -> None:
    header = "account_id,score,credit_limit,balance,default_probability,age_band,defaulted"
    rows = [f"A{n},{700 + n},1000,900,0.05,b{n % 3},{n % 2}" for n in range(30)]
    app = driver.with_file("seen.csv", driver.accounts_csv(rows, header))
    app.number_input(key="intake_pd_horizon_months").set_value(1).run()
    app.text_input(key="intake_marks").set_value("age_band=segment").run()
    driver.pressed(app, "Load this portfolio")
    assert driver.complaints(app) == []
    portfolio = app.session_state["portfolio_in_view"].portfolio
    assert (portfolio.pd_horizon_months, portfolio.protected) == (1, ())
    assert portfolio.outcomes == ("defaulted",)
    words = driver.words(app)
    assert "The default probabilities are over 1 month, as declared" in words
    assert "declare the currency with “Currency”" in words
    assert any("weighted by balance, is 46.0" in note for note in driver.notes(app))
