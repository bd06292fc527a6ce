"""A name that is unknown is answered with the known ones nearest to it."""

from analytics.declared.near import hint, nearest

KNOWN = ("limit_cap", "income_multiple", "rounding_step")


def test_the_nearest_name_comes_first_and_a_far_one_not_at_all() -> None:
    assert nearest("limit_cup", KNOWN) == ("limit_cap",)
    assert nearest("zzz", KNOWN) == ()


def test_a_spelling_stands_for_the_name_that_it_means_once() -> None:
    meaning = {"ccf": "credit_conversion_factor", "ccfs": "credit_conversion_factor"}
    assert nearest("ccf", meaning, meaning=meaning) == ("credit_conversion_factor",)


def test_a_hint_asks_for_what_was_meant_or_says_what_else_there_is() -> None:
    assert hint("rounding_stop", KNOWN, otherwise="give a name.") == "did you mean rounding_step?"
    assert hint("zzz", KNOWN, otherwise="give a name.") == "give a name."
