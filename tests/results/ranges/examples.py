"""Accounts drawn at random, which ranges are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from scipy.special import ndtri

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.method import formulas, response
from analytics.method.bands import band_index
from analytics.method.elementwise import as_double
from analytics.method.factor import conditional_probability
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.ranges import Range, Ranges

SUMS = (
    ("projected_defaults", "baseline"),
    ("projected_defaults", "proposed"),
    ("projected_defaults", "increment"),
    ("expected_loss", "baseline"),
    ("expected_loss", "proposed"),
    ("expected_loss", "increment"),
)


AUTOMATIC = Assumptions()


BOLD = Policy(score_threshold=600, raise_rate=0.5)


def in_minor_units(frame: pd.DataFrame) -> pd.DataFrame:
    money = {
        column: (frame[column] * 100).round().astype("Int64")
        for column in ("credit_limit", "balance", "monthly_income")
    }
    return frame.assign(**money)


def eligible(frame: pd.DataFrame, count: int, probabilities: list[float]) -> pd.DataFrame:
    """Return some accounts that pass every guardrail, with probabilities of their own."""
    passing = frame[
        (frame.score >= 700)
        & (frame.balance > 0)
        & (frame.months_on_book > 12)
        & (frame.months_since_limit_change > 12)
        & (frame.max_days_past_due_12m == 0)
        & (frame.days_past_due == 0)
        & (frame.minimum_payment_months_6 == 0)
        & ~(frame.opted_out | frame.in_hardship | frame.is_student)
        & (frame.monthly_income * 4 > frame.credit_limit * 2)
        & (frame.credit_limit < 3_000_000)
    ]
    return passing.head(count).assign(default_probability=probabilities)


@dataclass(frozen=True)
class Accounts:
    """Every account before and after: probability, loss at default, and its chance to take up."""

    probability: Floats
    new_probability: Floats
    loss: Floats
    new_loss: Floats
    take_up: Floats


def accounts_of(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Accounts:
    """Read the accounts one by one, not in pools."""
    factor = assumptions.credit_conversion_factor
    priced = response.priced(portfolio, assumptions)
    c = priced.c
    unused = as_double(formulas.headroom(c.credit_limit, c.balance))
    loss = c.loss_given_default * formulas.ead(as_double(c.balance), unused, factor) / 100
    everybody = portfolio.door.sums(
        sa.select(c.account_id, c.default_probability.label("p"), loss.label("loss"))
    )
    priced = response.priced(portfolio, assumptions)
    sized = response.raised_alone(priced, policy, assumptions, portfolio, further=("account_id",))
    c = response.responded(sized, assumptions).c
    loss = c.loss_given_default * formulas.ead(c.new_balance, c.new_unused, factor) / 100
    raised = portfolio.door.sums(
        sa.select(c.account_id, c.score, c.new_probability.label("p"), loss.label("loss"))
    )
    place = {account: index for index, account in enumerate(everybody["account_id"])}
    at = [place[account] for account in raised["account_id"]]
    new_probability, new_loss = everybody["p"].copy(), everybody["loss"].copy()
    new_probability[at], new_loss[at] = raised["p"], raised["loss"]
    take_up = np.zeros(len(new_loss))
    if assumptions.consent_mode == "opt_in":
        bands = band_index(raised["score"], assumptions.band_edges)
        take_up[at] = [assumptions.take_up[band] for band in bands]
    else:
        take_up[at] = 1.0
    return Accounts(everybody["p"], new_probability, everybody["loss"], new_loss, take_up)


def simulated(accounts: Accounts, correlation: float, draws: int) -> Floats:
    """Return draws of the six sums, shape (draws, 6): every account is drawn by itself.

    The factor is stratified. Given it, accounts of similar probability share candidates: a Poisson
    number of visits, each to any of them, makes each account a candidate with the largest of their
    probabilities, independently; it then defaults with its own share of that.
    """
    rng = np.random.default_rng(20_261_031)
    factors = rng.permutation(ndtri((np.arange(draws) + rng.random(draws)) / draws))
    order = np.argsort(accounts.new_probability)
    block = np.floor(np.log2(np.maximum(accounts.new_probability[order], 1e-12)))
    sums = np.zeros((draws, 6))
    for members in np.split(order, np.flatnonzero(np.diff(block)) + 1):
        largest = accounts.new_probability[members].max()
        for start in range(0, draws, 1_000):
            z = factors[start : start + 1_000]
            top = conditional_probability(largest, z, correlation)
            visits = rng.poisson(-np.log1p(-np.minimum(top, 1 - 1e-15)) * len(members))
            draw = np.repeat(np.arange(len(z)), visits)
            visited = np.unique(draw * len(members) + rng.integers(len(members), size=len(draw)))
            draw, who = visited // len(members), members[visited % len(members)]
            uniform = rng.random(len(who)) * top[draw]
            takes = rng.random(len(who)) < accounts.take_up[who]
            before = uniform < conditional_probability(
                accounts.probability[who], z[draw], correlation
            )
            risen = uniform < conditional_probability(
                accounts.new_probability[who], z[draw], correlation
            )
            after = np.where(takes, risen, before)
            loss = accounts.loss[who] * before
            new_loss = np.where(takes, accounts.new_loss[who], accounts.loss[who]) * after
            found = (before, after, after & ~before, loss, new_loss, new_loss - loss)
            for index, values in enumerate(found):
                sums[start : start + len(z), index] += np.bincount(draw, values, len(z))
    return sums


def range_of(found: Ranges, measure: str, side: str) -> Range:
    which: Range = getattr(getattr(found, measure), side)
    return which


def assert_agrees(found: Ranges, sums: Floats) -> None:
    """Both ends are within 1 % of the width, or where the distribution itself is level."""
    for (measure, side), values in zip(SUMS, sums.T, strict=True):
        ours = range_of(found, measure, side)
        low, high = np.quantile(values, [0.025, 0.975], method="inverted_cdf")
        slack = 0.01 * (high - low) + (1.0 if measure == "projected_defaults" else 0.01)
        for end, drawn, level in ((ours.low, low, 0.025), (ours.high, high, 0.975)):
            reached = np.mean(values <= end + slack)
            below = np.mean(values < end - slack)
            close = abs(end - drawn) <= slack
            level_there = below - 0.002 <= level <= reached + 0.002
            assert close or level_there, (measure, side, ours, low, high)
