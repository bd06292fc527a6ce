"""The end of a temporary raise in words."""

from __future__ import annotations

import datetime as dt

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.temporary import compare_lengths
from analytics.shown.temporary import end_sentence, lengths_sentence


def test_the_end_is_a_day_where_the_start_is_known() -> None:
    known = end_sentence(30, dt.date(2026, 12, 27), 0)
    assert known.startswith("The raise ends after 30 days, on 2026-12-27, and the old limits hold")
    assert known.endswith("Nobody is expected to owe more than that by then.")
    assert ", on " not in end_sentence(30, None, 0)


def test_who_owes_more_by_then_is_counted() -> None:
    assert "1 customer is expected to owe more" in end_sentence(30, None, 1.0)
    assert "1,200 customers are expected to owe more" in end_sentence(30, None, 1_200.0)


def test_both_lengths_are_in_one_sentence(portfolio: Portfolio) -> None:
    policy = Policy(score_threshold=700)
    found = compare_lengths(portfolio, policy, Assumptions())
    said = lengths_sentence(found, 36)
    assert said.startswith("For 30 days the raises bring ")
    assert said.endswith(" over 36 months.")
    nobody = compare_lengths(portfolio, policy.at_threshold(950), Assumptions())
    assert lengths_sentence(nobody, 36) == "Nobody is raised, for some days or for good."
