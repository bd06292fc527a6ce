"""What is said of a portfolio that is implausible as it stands, and of what was assumed of it."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.declared.choices import Assumed
from analytics.declared.choices import CalibrationCheck as Check
from analytics.declared.language import listed, say
from analytics.portfolio import Portfolio
from analytics.results.calibration import HIGHEST_CLASS, HUNDREDTHS, Finding
from analytics.shown import formats

ASSUMED = frozenset({Check.CURRENCY, Check.SCALE, Check.PD_HORIZON})
"""Checks of what was assumed; the load report says of each how it is declared."""


def calibration_sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return one sentence for each figure that is implausible: what it is, what usually causes it.

    What was assumed is said apart: :func:`assumed_sentence`.
    """
    return tuple(_sentence(one) for one in findings if one.check not in ASSUMED)


def assumed_sentence(portfolio: Portfolio) -> str:
    """Return in one sentence what was assumed of a portfolio; an empty text where nothing was."""
    words = assumed_words(portfolio)
    if not words:
        return ""
    return say(
        "Assumed, not declared: {words}. The load report says how to declare it.", words=words
    )


def assumed_words(portfolio: Portfolio) -> str:
    """Return what nobody declared of a portfolio and was assumed; an empty text where nothing."""
    said = {
        Assumed.CURRENCY: say("currency {code}", code=portfolio.currency),
        Assumed.SCALE: say("score scale {scale}", scale=portfolio.scale),
        Assumed.PD_HORIZON: say(
            "default probabilities over {months} months", months=portfolio.pd_horizon_months
        ),
    }
    return listed(said[what] for what in portfolio.assumed)


def _sentence(found: Finding) -> str:
    value = found.value or 0.0
    match found.check:
        case Check.PROBABILITY:
            return _probability(found)
        case Check.MARGIN:
            return _margin(found)
        case Check.LOSS:
            return say(
                "The expected loss is {value} of the balance, above {high}: are default "
                "probabilities or losses given default percent, or over another horizon?",
                value=formats.percent(value),
                high=formats.stated(found.high or 0.0),
            )
        case Check.INCOME:
            return _income(found)
        case Check.SCORE:
            return say(
                "Default probabilities rise with the score (correlation {value:.2f}): is a high "
                "score a bad one in the source, or is the score of another model?",
                value=value,
            )
        case Check.OVER_LIMIT:
            return say(
                "{value} of the accounts are over their limit, more than {high}: are limit and "
                "balance exchanged, or in different units?",
                value=formats.percent(value),
                high=formats.stated(found.high or 0.0),
            )
        case _:
            raise ValueError(found.check)


def _probability(found: Finding) -> str:
    value = formats.percent(found.value)
    if found.is_low:
        return say(
            "The default probability, weighted by balance, is {value}, below {low}: is it over "
            "less than its declared horizon, or divided by 100 once too often?",
            value=value,
            low=formats.stated(found.low or 0.0),
        )
    return say(
        "The default probability, weighted by balance, is {value}, above {high}: is it in percent, "
        "over more than its declared horizon, or are bad accounts still among the rows?",
        value=value,
        high=formats.stated(found.high or 0.0),
    )


def _margin(found: Finding) -> str:
    value = formats.percent(found.value)
    if found.is_low:
        return say(
            "The margin is {value} of the balance, below {low}: do yield, funding and operating "
            "cost belong to this book, and are most accounts transactors?",
            value=value,
            low=formats.stated(found.low or 0.0),
        )
    return say(
        "The margin is {value} of the balance, above {high}: do yields belong to this book, and "
        "are they yearly?",
        value=value,
        high=formats.stated(found.high or 0.0),
    )


def _income(found: Finding) -> str:
    value = found.value or 0.0
    if found.is_low:
        return say(
            "The median limit is {value:.2f} monthly incomes, below {low:g}: is the income that of "
            "a year, or are limits in thousands?",
            value=value,
            low=found.low or 0.0,
        )
    if value >= HIGHEST_CLASS / HUNDREDTHS:
        return say(
            "The median limit is {value:.0f} monthly incomes or more, above {high:g}: is the "
            "income in thousands, or are limits in cents?",
            value=value,
            high=found.high or 0.0,
        )
    return say(
        "The median limit is {value:.2f} monthly incomes, above {high:g}: is the income in "
        "thousands, or are limits in cents?",
        value=value,
        high=found.high or 0.0,
    )
