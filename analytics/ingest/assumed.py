"""What was taken for granted about a portfolio because nobody declared it: named and said."""

from __future__ import annotations

from collections.abc import Collection

from analytics.declared import currencies
from analytics.declared.choices import Assumed
from analytics.declared.columns import PD_HORIZON_MONTHS
from analytics.declared.currencies import currency
from analytics.declared.language import Sentence, later, later_n
from analytics.ingest.declaration import Declaration


def assumed_of(
    declaration: Declaration, columns: Collection[str], *, currency_found: bool
) -> tuple[Assumed, ...]:
    """Return what was assumed of accounts with these columns.

    ``currency_found`` says that a column of the source names the currency that was taken.
    """
    open_ = {
        Assumed.CURRENCY: declaration.currency is None and not currency_found,
        Assumed.SCALE: declaration.scale is None,
        Assumed.PD_HORIZON: (
            declaration.pd_horizon_months is None and "default_probability" in columns
        ),
    }
    return tuple(what for what, is_open in open_.items() if is_open)


def assumed_sentences(
    assumed: Collection[Assumed], declaration: Declaration, *, scores_read: bool
) -> tuple[Sentence, ...]:
    """Return what is said of currency and horizon, and of a cap that the currency does not have.

    Of an assumed scale the scores tell more: see :mod:`analytics.ingest.remarks`. Where they are
    not ``scores_read`` but computed, it is said here.
    """
    return (
        *_currency(assumed, declaration),
        *_scale(assumed, declaration, scores_read=scores_read),
        *_horizon(assumed, declaration),
    )


def _currency(assumed: Collection[Assumed], declaration: Declaration) -> tuple[Sentence, ...]:
    own = currency(declaration.currency_code)
    if Assumed.CURRENCY in assumed:
        return (
            later(
                "The currency {code} was assumed, and with it the cap of {cap:,.0f} on new limits "
                "that a first policy has: declare the currency with --currency.",
                code=own.code,
                cap=own.limit_cap or 0,
            ),
        )
    if own.limit_cap is None:
        capped = currencies.CNY
        return (
            later(
                "A first policy has no cap on new limits: the one of {cap:,.0f} belongs to "
                "{capped} alone. Where the lender has a top line in {code}, set the limit cap.",
                cap=capped.limit_cap or 0,
                capped=capped.code,
                code=own.code,
            ),
        )
    return ()


def _scale(
    assumed: Collection[Assumed], declaration: Declaration, *, scores_read: bool
) -> tuple[Sentence, ...]:
    if Assumed.SCALE not in assumed or scores_read:
        return ()
    return (
        later(
            "The score scale {scale} was assumed, and the scores computed on it: declare the scale "
            "with --scale.",
            scale=declaration.score_scale,
        ),
    )


def _horizon(assumed: Collection[Assumed], declaration: Declaration) -> tuple[Sentence, ...]:
    if Assumed.PD_HORIZON in assumed:
        return (
            later(
                "The default probabilities were assumed to be over {months} months: declare what "
                "they are over with --pd-horizon-months, for example 1 for a one-month model.",
                months=PD_HORIZON_MONTHS,
            ),
        )
    if declaration.pd_horizon != PD_HORIZON_MONTHS:
        return (
            later_n(
                "The default probabilities are over {count} month, as declared: every figure has "
                "them over 12, by 1 - (1 - p)^(12/{count}).",
                "The default probabilities are over {count} months, as declared: every figure has "
                "them over 12, by 1 - (1 - p)^(12/{count}).",
                declaration.pd_horizon,
            ),
        )
    return ()
