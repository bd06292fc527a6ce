"""Each implausible figure is said with its bound and what usually causes it."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from analytics.declared.choices import Assumed
from analytics.declared.choices import CalibrationCheck as Check
from analytics.results.calibration import BOUNDS, Finding
from analytics.shown.calibration import (
    ASSUMED,
    assumed_sentence,
    assumed_words,
    calibration_sentences,
)
from tests.portfolios import portfolio_of


@pytest.mark.parametrize(
    ("check", "value", "parts"),
    [
        (Check.PROBABILITY, 0.0005, ("0.0500 %, below 0.1 %", "horizon")),
        (Check.PROBABILITY, 0.4, ("40.0 %, above 25 %", "in percent", "horizon")),
        (Check.MARGIN, -0.01, ("below 0 %", "yield, funding and operating cost")),
        (Check.MARGIN, 0.3, ("30.0 % of the balance, above 25 %", "yearly")),
        (Check.LOSS, 0.5, ("50.0 % of the balance, above 30 %", "percent")),
        (Check.INCOME, 0.08, ("0.08 monthly incomes, below 0.2", "a year")),
        (Check.INCOME, 30.0, ("30.00 monthly incomes, above 20", "thousands")),
        (Check.INCOME, 100.0, ("100 monthly incomes or more, above 20", "cents")),
        (Check.SCORE, 0.75, ("rise with the score (correlation 0.75)", "another model")),
        (Check.OVER_LIMIT, 0.31, ("31.0 % of the accounts", "more than 20 %", "exchanged")),
    ],
)
def test_a_finding_says_figure_bound_and_usual_cause(
    check: Check, value: float, parts: tuple[str, ...]
) -> None:
    (sentence,) = calibration_sentences([Finding(check, value, *BOUNDS[check])])
    for part in parts:
        assert part in sentence.replace("\N{NO-BREAK SPACE}", " "), sentence


def test_every_check_has_words_or_was_assumed() -> None:
    for check in set(Check) - ASSUMED:
        low, high = BOUNDS[check]
        value = (high or 0.0) + 1.0
        assert len(calibration_sentences([Finding(check, value, low, high)])) == 1
    assert calibration_sentences([Finding(check) for check in ASSUMED]) == ()


def test_what_was_assumed_is_one_sentence_and_none_where_nothing_was() -> None:
    accounts = {"account_id": ["a"], "score": [700], "credit_limit": [1], "balance": [0]}
    plain = portfolio_of(pd.DataFrame(accounts))
    assert assumed_sentence(plain) == assumed_words(plain) == ""
    portfolio = dataclasses.replace(plain, assumed=tuple(Assumed))
    assert assumed_sentence(portfolio) == (
        "Assumed, not declared: currency CNY, score scale 350-950, default probabilities over "
        "12 months. The load report says how to declare it."
    )
    plain.door.close()
