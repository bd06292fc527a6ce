"""Ranges against a Monte Carlo of the accounts, and what must hold of them whatever the numbers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy.special import ndtri

from analytics.assumptions import Assumptions
from analytics.errors import PortfolioError
from analytics.method import formulas, response
from analytics.method.bands import band_index
from analytics.method.elementwise import as_double
from analytics.method.factor import conditional_probability
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import ranges, simulation
from analytics.results.ranges import Range, Ranges
from sample_data.generate import sample_accounts
from tests.portfolios import portfolio_of

Floats = npt.NDArray[np.float64]

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


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return in_minor_units(sample_accounts(20_000))


@pytest.fixture(scope="module")
def portfolio(frame: pd.DataFrame) -> Portfolio:
    return portfolio_of(frame)


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
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    sized = response.resized(decided, policy, portfolio, eligible_only=True)
    c = response.responded(sized, assumptions).c
    loss = c.loss_given_default * formulas.ead(c.new_balance, c.new_unused, factor) / 100
    raised = portfolio.door.sums(
        sa.select(c.account_id, c.score, c.new_probability.label("p"), loss.label("loss")).where(
            c.raised, c.score >= policy.score_threshold
        )
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


@pytest.mark.parametrize(
    ("policy", "assumptions"),
    [
        (Policy(score_threshold=700), AUTOMATIC),
        (BOLD, AUTOMATIC),
        (BOLD, AUTOMATIC.with_changes(pd_uplift=(0.3,) * 8, asset_correlation=0.15)),
        (BOLD, AUTOMATIC.with_changes(consent_mode="opt_in")),
    ],
    ids=["shipped", "bold", "strong uplift and correlation", "opt-in"],
)
def test_ranges_of_twenty_thousand_accounts_agree_with_a_monte_carlo_of_them(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> None:
    pools = ranges.load_pools(portfolio, policy, assumptions)
    found = ranges.ranges_at(pools, policy.score_threshold, assumptions)
    accounts = accounts_of(portfolio, policy, assumptions)
    assert_agrees(found, simulated(accounts, assumptions.asset_correlation, 6_000))


@pytest.mark.parametrize(
    ("probabilities", "consent"),
    [
        ([0.3, 0.3, 0.3], "automatic"),
        ([0.05, 0.4, 0.1], "automatic"),
        ([0.02, 0.02, 0.02], "automatic"),
        ([0.9, 0.5, 0.02], "automatic"),
        ([0.0, 0.2, 1.0], "automatic"),
        ([0.3, 0.3, 0.3], "opt_in"),
        ([0.9, 0.5, 0.02], "opt_in"),
    ],
    ids=str,
)
def test_ranges_of_three_accounts_agree_with_a_monte_carlo_of_them(
    frame: pd.DataFrame, probabilities: list[float], consent: str
) -> None:
    portfolio = portfolio_of(eligible(frame, 3, probabilities))
    assumptions = AUTOMATIC.with_changes(consent_mode=consent)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    accounts = accounts_of(portfolio, BOLD, assumptions)
    assert np.count_nonzero(accounts.take_up) == 3
    found = ranges.ranges_at(pools, 600, assumptions)
    assert_agrees(found, simulated(accounts, 0.04, 50_000))


def test_a_raise_that_reaches_three_of_many_accounts_has_the_range_of_three(
    frame: pd.DataFrame,
) -> None:
    three = eligible(frame, 3, [0.3, 0.2, 0.1])
    others = frame[~frame.account_id.isin(three.account_id)].assign(opted_out=True)
    portfolio = portfolio_of(pd.concat([three, others]))
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    assert pools.raised.accounts.sum() == 3
    found = ranges.ranges_at(pools, 600, AUTOMATIC)
    assert found.projected_defaults.increment.low == 0
    assert found.projected_defaults.increment.high in (0, 1)
    assert_agrees(found, simulated(accounts_of(portfolio, BOLD, AUTOMATIC), 0.04, 5_000))


@pytest.mark.parametrize("accounts", [12, 60, 200])
def test_ranges_of_a_few_risky_accounts_agree_with_a_monte_carlo_of_them(
    frame: pd.DataFrame, accounts: int
) -> None:
    probabilities = np.random.default_rng(accounts).uniform(0, 0.4, accounts)
    portfolio = portfolio_of(eligible(frame, accounts, probabilities.tolist()))
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    found = ranges.ranges_at(pools, 600, AUTOMATIC)
    assert_agrees(found, simulated(accounts_of(portfolio, BOLD, AUTOMATIC), 0.04, 20_000))


def test_nobody_raised_has_an_increment_of_exactly_nothing(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, Policy(), AUTOMATIC)
    found = ranges.ranges_at(pools, 951, AUTOMATIC)
    assert found.projected_defaults.increment == Range(0.0, 0.0)
    assert found.expected_loss.increment == Range(0.0, 0.0)
    assert found.projected_defaults.proposed == found.projected_defaults.baseline
    assert found.expected_loss.proposed == found.expected_loss.baseline


def test_a_policy_that_raises_nothing_has_an_increment_of_exactly_nothing(
    portfolio: Portfolio,
) -> None:
    pools = ranges.load_pools(portfolio, Policy(raise_rate=0.0), AUTOMATIC)
    assert len(pools.raised.score) == 0
    found = ranges.ranges_at(pools, 350, AUTOMATIC)
    assert found.expected_loss.increment == Range(0.0, 0.0)
    scores, low, high = ranges.increment_ranges_by_threshold(pools, AUTOMATIC)
    assert len(scores) == len(low) == len(high) == 0


def test_without_response_the_increment_of_defaults_is_exactly_nothing(
    portfolio: Portfolio,
) -> None:
    assumptions = AUTOMATIC.with_changes(pd_uplift=(0.0,) * 8)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    found = ranges.ranges_at(pools, 600, assumptions)
    assert found.projected_defaults.increment == Range(0.0, 0.0)
    assert found.expected_loss.increment.low > 0


@pytest.mark.parametrize("policy", [Policy(), BOLD.with_changes(score_threshold=800)])
def test_ranges_at_every_threshold_are_those_at_each(portfolio: Portfolio, policy: Policy) -> None:
    pools = ranges.load_pools(portfolio, policy, AUTOMATIC)
    scores, low, high = ranges.increment_ranges_by_threshold(pools, AUTOMATIC)
    assert np.all(np.diff(scores) > 0)
    assert np.all(np.diff(low) <= 0)
    assert np.all(np.diff(high) <= 0)
    for index in range(0, len(scores), 37):
        found = ranges.ranges_at(pools, int(scores[index]), AUTOMATIC)
        assert found.projected_defaults.increment == Range(low[index], high[index])


def test_the_threshold_of_the_policy_does_not_matter_to_the_pools(portfolio: Portfolio) -> None:
    one, other = (
        ranges.load_raised_pools(portfolio, Policy(score_threshold=score), AUTOMATIC)
        for score in (600, 850)
    )
    assert one.score.tolist() == other.score.tolist()
    assert one.loss_after == pytest.approx(other.loss_after, rel=1e-12)


@pytest.mark.parametrize("consent", ["automatic", "opt_in"])
def test_pools_add_up_to_the_point_figures(portfolio: Portfolio, consent: str) -> None:
    assumptions = AUTOMATIC.with_changes(consent_mode=consent)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    total = simulation.simulate(portfolio, BOLD, assumptions).total
    assert total.baseline is not None
    assert total.increment is not None
    assert pools.baseline.defaults.sum() == pytest.approx(total.baseline.projected_defaults)
    assert pools.baseline.loss[0].sum() == pytest.approx(total.baseline.expected_loss)
    raised = pools.raised
    edges = np.array(assumptions.band_edges)
    shares = np.ones(8) if consent == "automatic" else np.array(assumptions.take_up)
    share = shares[np.searchsorted(edges, raised.score, side="right") - 1]
    share = share * (raised.score >= 600)
    more = (share * raised.more_defaults).sum()
    assert more == pytest.approx(total.increment.projected_defaults)
    lost = (share * (raised.loss_risen[0] + raised.loss_extra[0])).sum()
    assert lost == pytest.approx(total.increment.expected_loss)


def test_point_figures_lie_inside_their_ranges(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    found = ranges.ranges_at(pools, 600, AUTOMATIC)
    total = simulation.simulate(portfolio, BOLD, AUTOMATIC).total
    for measure, side in SUMS:
        value = getattr(getattr(total, side), measure)
        which = range_of(found, measure, side)
        assert which.low < value < which.high, (measure, side)


def test_fewer_accounts_have_relatively_wider_ranges(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    widths = []
    for threshold in (350, 700, 800):
        found = ranges.ranges_at(pools, threshold, AUTOMATIC).expected_loss.increment
        widths.append((found.high - found.low) / (found.high + found.low))
    assert widths == sorted(widths)


def test_no_correlation_makes_the_narrowest_ranges(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    widths = []
    for correlation in (0.0, 0.02, 0.04, 0.15):
        assumptions = AUTOMATIC.with_changes(asset_correlation=correlation)
        found = ranges.ranges_at(pools, 600, assumptions).projected_defaults.baseline
        widths.append(found.high - found.low)
    assert widths == sorted(widths)


def test_pools_of_other_accounts_are_refused_by_name(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    raised = dataclasses.replace(pools.raised, odds_step=pools.raised.odds_step - 1_000)
    with pytest.raises(PortfolioError, match="accounts changed while they were read"):
        ranges.ranges_at(dataclasses.replace(pools, raised=raised), 600, AUTOMATIC)


def test_accounts_that_never_or_surely_default_are_no_trouble(frame: pd.DataFrame) -> None:
    for probability, expected in ((0.0, 0.0), (1.0, 4.0)):
        portfolio = portfolio_of(eligible(frame, 4, [probability] * 4))
        pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
        found = ranges.ranges_at(pools, 600, AUTOMATIC)
        assert found.projected_defaults.baseline == Range(expected, expected)
        assert found.projected_defaults.increment == Range(0.0, 0.0)
        assert found.expected_loss.proposed.low == found.expected_loss.proposed.high
