"""Titles state their finding, also at the edges: nobody raised, nobody there, no gain."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.method.proportions import Counted, ratio_interval, share_interval
from analytics.policy import Policy, Tier
from analytics.results import simulation
from analytics.results.fairness import FEW, GroupRaise
from analytics.results.optimum import (
    Dominating,
    Optimum,
    TierRules,
    best_single,
    best_tiered,
    efficient_frontier,
)
from analytics.results.profile import Concentration, Pattern
from analytics.results.ranges import load_pools
from analytics.results.sensitivity import Sensitivity
from analytics.results.simulation import Group, Simulation, Sweep
from analytics.results.stress import StressPools, load_stress_pools, loss_distribution, stress
from analytics.results.surface import Surface, load_surface
from analytics.shown import findings, formats
from tests.oracle import load_cases
from tests.portfolios import portfolio_of

GOOD = {"default_probability": 0.0005, "monthly_income": 9_000_000, "months_on_book": 60}
BAD = {"default_probability": 0.6, "monthly_income": 9_000_000, "months_on_book": 60}

COARSE = TierRules(raises=(0, 1_000, 2_000))


def book(*accounts: tuple[int, dict[str, Any]]) -> pd.DataFrame:
    """Return accounts of a score each, limit 10,000 and balance 5,000."""
    rows = [
        {"account_id": f"A{n}", "score": score, "credit_limit": 1_000_000, "balance": 500_000}
        | further
        for n, (score, further) in enumerate(accounts)
    ]
    return pd.DataFrame(rows)


def swept(frame: pd.DataFrame, policy: Policy | None = None, **assumed: Any) -> Sweep:
    assumptions = Assumptions().with_changes(**assumed)
    return simulation.sweep(portfolio_of(frame), policy or Policy(), assumptions)


def simulated(frame: pd.DataFrame, policy: Policy | None = None) -> Simulation:
    policy = policy or Policy()
    return swept(frame, policy).at(policy.score_threshold)


def surface(frame: pd.DataFrame) -> Surface:
    return load_surface(portfolio_of(frame), Policy(), Assumptions(), raises=(0, 1_000, 2_000))


def test_the_title_says_what_is_raised_from_which_score() -> None:
    flat = simulated(load_cases(), Policy(raise_rate=0.125, score_threshold=765))
    assert findings.policy_title(flat) == "Raise 12.5 % from score 765"
    tiers = (Tier(650, 0.05), Tier(800, 0.2))
    tiered = simulated(load_cases(), Policy(score_threshold=650, tiers=tiers))
    assert findings.policy_title(tiered) == "Raise by tier: 5 % from 650, 20 % from 800"


def test_when_nobody_can_be_raised_the_titles_say_so() -> None:
    sweep = swept(load_cases(), Policy(raise_rate=0.0))
    assert findings.thresholds_finding(sweep) == "No account can be raised at any threshold"
    found = sweep.at(800)
    assert findings.effective_finding(found.total) == "No raise"
    assert findings.bands_finding(found) == "Where the raise goes: nowhere, no exposure is added"
    assert "are not raised" in findings.reasons_finding(found.total)


def test_when_nobody_is_at_the_threshold_the_title_says_so() -> None:
    found = simulated(book((700, GOOD)), Policy(score_threshold=950))
    expected = "Nobody has a score at or above the threshold"
    assert findings.reasons_finding(found.total) == expected
    assert findings.effective_finding(found.total) == "No raise"


def test_when_everybody_at_the_threshold_is_raised_the_title_says_so() -> None:
    found = simulated(book((810, GOOD), (820, GOOD), (600, BAD)))
    assert findings.reasons_finding(found.total) == "All 2 at the threshold are raised"


def test_those_who_are_not_raised_are_counted() -> None:
    kept = GOOD | {"months_on_book": 2}
    found = simulated(book((810, GOOD), (820, kept), (600, BAD)))
    assert findings.reasons_finding(found.total) == "1 of the 2 at the threshold are not raised"


def test_the_peak_of_net_value_is_named_with_its_gain() -> None:
    sweep = swept(book((810, GOOD), (700, BAD)))
    title = findings.thresholds_finding(sweep)
    assert title.startswith("Value peaks at 810, +"), "every threshold from 701 does the same"
    assert title.endswith(" over 36 months; no lower threshold adds to it")


def test_what_is_said_of_lower_thresholds_is_true_of_a_curve_that_rises_again() -> None:
    sweep = swept(book((810, GOOD), (810, GOOD), (700, BAD), (650, GOOD)))
    values = sweep.npvs()
    place = {score: int(np.searchsorted(sweep.baseline.scores, score)) for score in (650, 700, 810)}
    assert values[place[700]] < values[place[650]] < values[place[810]], "it falls, and rises again"
    title = findings.thresholds_finding(sweep)
    assert title.startswith("Value peaks at 810, +")
    assert title.endswith("no lower threshold adds to it")
    assert (values <= values[place[810]] * (1 + 1e-12)).all()


def test_a_peak_at_the_lowest_score_means_everybody() -> None:
    title = findings.thresholds_finding(swept(book((810, GOOD), (350, GOOD))))
    assert title.startswith("Value is highest when everybody is looked at: +")


def test_a_raise_that_never_pays_is_called_so() -> None:
    sweep = swept(book((810, BAD), (700, BAD)))
    assert findings.thresholds_finding(sweep) == "At this raise no threshold pays over 36 months"


def test_a_raise_that_neither_gains_nor_loses_is_said_to_add_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweep = swept(book((810, GOOD)))
    none = np.zeros(len(sweep.baseline.scores))
    monkeypatch.setattr(Sweep, "npvs", lambda _: none)
    assert findings.thresholds_finding(sweep) == "At this raise the best threshold adds nothing"


def test_the_band_that_takes_most_of_the_exposure_is_named() -> None:
    found = simulated(book((810, GOOD), (815, GOOD), (820, GOOD), (870, GOOD)))
    title = "75 % of the new exposure goes to scores 800-849"
    assert findings.bands_finding(found).replace("\N{NO-BREAK SPACE}", " ") == title


def test_caps_are_seen_in_what_is_left_of_the_headline_raise() -> None:
    found = simulated(book((810, GOOD)), Policy(limit_cap=Decimal(11_000)))
    title = findings.effective_finding(found.total)
    assert title.replace("\N{NO-BREAK SPACE}", " ") == (
        "1.00 k of the 2.00 k headline raise is made (50.0 %)"
    )


@pytest.mark.parametrize(
    ("limits", "rates", "title"),
    [
        ([1, 2, 3, 4], [0.4, 0.3, 0.2, 0.1], "Limits already follow risk: the"),
        ([4, 3, 2, 1], [0.4, 0.3, 0.2, 0.1], "Limits run against risk: the"),
        (
            [1, 2, 3, 5, 4],
            [0.5, 0.4, 0.3, 0.2, 0.1],
            "Limits already follow risk for the most part",
        ),
        ([5, 4, 3, 1, 2], [0.5, 0.4, 0.3, 0.2, 0.1], "Limits run against risk for the most part"),
        ([1, 3, 2, 2.5], [0.1, 0.3, 0.2, 0.1], "Limits follow risk only in part"),
        ([2, 2, 2, 2], [0.4, 0.3, 0.2, 0.1], "Limits do not follow risk"),
        ([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.1], "Every score has the same default rate"),
        ([1], [0.1], "All accounts have nearly the same score"),
    ],
)
def test_how_limits_follow_risk_is_said(
    limits: list[float], rates: list[float], title: str
) -> None:
    count = len(limits)
    found = Pattern(
        scores=np.arange(600, 600 + 20 * count, 20),
        accounts=np.ones(count, dtype=np.int64),
        mean_limit=np.array(limits, dtype=float),
        utilization=np.full(count, 0.5),
        default_rate=np.array(rates),
    )
    assert findings.pattern_finding(found).startswith(title)


def test_the_largest_tenth_is_measured() -> None:
    found = Concentration(
        accounts_share=np.array([0.0, 0.1, 1.0]), limit_share=np.array([0.0, 0.32, 1.0])
    )
    expected = "The largest tenth of the lines holds 32 % of the limit"
    assert findings.concentration_finding(found).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_the_best_policy_is_the_highest_of_the_surface() -> None:
    found = surface(book((810, GOOD), (820, GOOD), (600, BAD)))
    best = findings.best_policy(found, "npv")
    assert best
    row, column = found.index(*best)
    assert found.increment("npv")[row, column] == found.increment("npv").max()
    title = findings.policies_finding(found, "npv", best)
    assert title.startswith(
        f"Within the evidence, most value over the horizon: {best[0]}, {best[1] * 100:g} % (+"
    )


def test_the_edge_of_the_evidence_and_what_lies_beyond_are_called_so() -> None:
    frame = book((810, GOOD), (820, GOOD))
    found = load_surface(portfolio_of(frame), Policy(), Assumptions(), raises=(0, 3_000, 5_000))
    within = findings.best_policy(found, "npv")
    assert within is not None
    assert within[1] == 0.30
    title = findings.policies_finding(found, "npv", within)
    assert title.startswith("At the edge of the evidence, most value over the horizon: 810, 30 %")
    beyond = findings.best_policy(found, "npv", beyond_evidence=True)
    assert beyond is not None
    assert beyond[1] == 0.50
    title = findings.policies_finding(found, "npv", beyond)
    assert title.startswith("Beyond the evidence, most value over the horizon: 810, 50 %")
    appetite = parse_appetite("raised<=2")
    title = findings.policies_finding(found, "npv", within, appetite)
    assert title.startswith("Within the appetite, most value over the horizon: 810, 30 %")


def test_the_title_of_the_months_names_the_first_that_pays_and_the_slowest_response() -> None:
    def timed(month: int | None) -> Group:
        total = simulated(book((810, GOOD))).total
        assert total.timeline
        timeline = dataclasses.replace(total.timeline, payback_months=month)
        return dataclasses.replace(total, timeline=timeline)

    under = {"low": timed(12), "central": timed(5), "high": timed(3)}
    assert findings.payback_finding(timed(5), under) == (
        "Pays from month 5; under the low response from month 12"
    )
    assert findings.payback_finding(timed(5), {}) == "Pays from month 5"
    assert findings.payback_finding(timed(5), {**under, "low": timed(None)}) == (
        "Pays from month 5; under the low response never"
    )
    assert findings.payback_finding(timed(None), under) == "It never pays back within the horizon"
    nobody = simulated(book((700, GOOD))).total
    assert findings.payback_finding(nobody, {}) == (
        "Nobody is raised: there is nothing to pay back"
    )


def test_of_equally_good_policies_the_title_names_the_one_that_the_search_names() -> None:
    found = surface(book((810, GOOD), (820, GOOD), (600, BAD)))
    values = found.increment("npv")
    assert (values == values.max()).sum() > 1, "thresholds between two scores do the same"
    searched = best_single(found, Appetite())
    assert isinstance(searched, Optimum)
    ((_, (tier,)),) = searched.plan.tiers
    assert findings.best_policy(found, "npv") == (tier.score_from, tier.raise_rate)
    assert tier.score_from in (810, 820), "the highest threshold of those that do the same"
    hopeless = parse_appetite("raised>=4")
    assert findings.best_policy(found, "npv", hopeless) is None


def test_a_measure_that_is_no_gain_has_no_best_policy() -> None:
    found = surface(book((810, GOOD)))
    assert findings.best_policy(found, "expected_loss") is None
    title = findings.policies_finding(found, "expected_loss", None)
    assert title == "Expected loss, every policy"


def test_where_no_policy_gains_the_title_says_so() -> None:
    found = surface(book((810, BAD), (700, BAD)))
    assert findings.best_policy(found, "npv") is None
    assert (
        findings.policies_finding(found, "npv", None) == "No policy adds to value over the horizon"
    )


def test_where_no_policy_raises_anybody_the_title_says_so() -> None:
    found = surface(book((810, GOOD | {"months_on_book": 1})))
    assert findings.best_policy(found, "npv") is None
    assert findings.policies_finding(found, "npv", None) == "No policy raises anybody"


def test_the_frontier_names_the_policy_that_beats_the_one_in_view() -> None:
    found = efficient_frontier(surface(book((810, GOOD), (600, GOOD))), Appetite(), gain="raised")
    assert findings.frontier_finding(found, None).startswith("No policy gains more")
    better = Dominating(score_threshold=600, raise_rate=0.1, gain=1.0, risk_saved=2_000.0)
    assert plain(findings.frontier_finding(found, better)) == (
        "600, 10 % beats this policy: 1 more gain, 2.00 k less risk"
    )
    assert findings.frontier_finding(found, None, broken=True) == (
        "This policy breaks the appetite; none within it gains more at no more risk"
    )
    none = efficient_frontier(found.surface, parse_appetite("net_value_increment>=1e12"))
    assert findings.frontier_finding(none, None) == "No policy keeps to the appetite"


def test_within_an_appetite_the_frontier_speaks_of_what_keeps_to_it_alone() -> None:
    appetite = parse_appetite("raised<=1")
    everything = surface(book((810, GOOD), (820, GOOD), (600, GOOD)))
    found = efficient_frontier(everything, appetite, gain="raised")
    lavish = (810, 0.2)
    assert found.nearest_dominating(*lavish) is None, "it breaks the appetite, and raises more"
    free = efficient_frontier(everything, gain="raised")
    assert free.nearest_dominating(*lavish) is not None, "a smaller raise for the same two"
    assert findings.frontier_finding(found, None, appetite) == (
        "No policy within the appetite gains more at no more risk than this one"
    )


def test_every_finding_names_the_same_of_equally_good_policies() -> None:
    found = surface(book((810, GOOD), (820, GOOD), (600, BAD)))
    best = findings.best_policy(found, "npv")
    assert best
    at_that_raise = swept(book((810, GOOD), (820, GOOD), (600, BAD)), Policy(raise_rate=best[1]))
    assert findings.thresholds_finding(at_that_raise).startswith(f"Value peaks at {best[0]},")
    for searched in (best_single(found, Appetite()), best_tiered(found, Appetite(), rules=COARSE)):
        assert isinstance(searched, Optimum)
        ((_, (tier, *_)),) = searched.plan.tiers
        assert tier.score_from == best[0]


def test_a_policy_beside_the_surface_is_held_against_the_frontier_by_its_own_figures() -> None:
    found = efficient_frontier(surface(book((810, GOOD), (820, GOOD))), gain="limit")
    gain, risk = float(found.gains[-1]), float(found.risks[-1])
    better = found.nearest_beating(gain - 1.0, risk, 815, 0.155)
    assert better is not None
    assert better.gain == pytest.approx(1.0)
    assert found.nearest_beating(gain, risk, 815, 0.155) is None


@pytest.fixture(scope="module")
def pools() -> StressPools:
    frame = book((810, GOOD), (820, BAD), (700, BAD))
    return load_stress_pools(portfolio_of(frame), Policy(), Assumptions())


def test_the_worst_scenario_and_the_policys_part_of_it_are_named(pools: StressPools) -> None:
    found = stress(pools, 800, Assumptions())
    worst = max(found.outcomes, key=lambda outcome: outcome.proposed.expected_loss)
    share = formats.percent(worst.policy_share)
    assert findings.stress_finding(found) == (
        f"The policy adds {share} of the loss under {worst.scenario.title}"
    )
    nobody = stress(pools, 900, Assumptions())
    assert findings.stress_finding(nobody) == "The policy adds nothing to any stressed loss"


def test_that_the_policy_adds_to_no_loss_is_said_of_all_scenarios(pools: StressPools) -> None:
    found = stress(pools, 800, Assumptions())
    worst = max(found.outcomes, key=lambda outcome: outcome.proposed.expected_loss)
    still = dataclasses.replace(
        found,
        outcomes=tuple(
            dataclasses.replace(outcome, policy_share=0.0) if outcome is worst else outcome
            for outcome in found.outcomes
        ),
    )
    assert findings.stress_finding(still) == (
        f"The policy adds nothing to the loss under {worst.scenario.title}, the largest"
    )


def test_the_capital_that_the_policy_needs_is_signed() -> None:
    frame = book((810, GOOD), (820, BAD), (700, BAD))
    raised = load_pools(portfolio_of(frame), Policy(), Assumptions())
    found = loss_distribution(raised, 800, Assumptions())
    before, after = (
        formats.compact(side.economic_capital) for side in (found.baseline, found.proposed)
    )
    more = formats.signed(formats.compact(found.more_capital), found.more_capital)
    assert findings.distribution_finding(found) == (
        f"Economic capital {before} {formats.ARROW} {after} ({more})"
    )


def test_what_a_result_hangs_on_most_is_its_widest_bar(pools: StressPools) -> None:
    sensitivity = Sensitivity(pools, 800, Assumptions())
    tornado = sensitivity.tornado("net_value")
    widest = tornado.bars[0].driver.title.lower()
    assert findings.tornado_finding(tornado) == (
        f"The increment of net value, run rate hangs most on: {widest}"
    )
    still = Sensitivity(pools, 900, Assumptions()).tornado("net_value")
    assert findings.tornado_finding(still) == "Nothing moves the increment of net value, run rate"


def test_the_nearest_break_even_is_named(pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions()).break_evens()
    near = min((i for i in found if i.room is not None), key=lambda item: abs(item.room or 0.0))
    assert findings.break_evens_finding(found).startswith(
        f"The sign turns soonest where {near.driver.title.lower()} is "
    )
    assert findings.break_evens_finding(()) == "None of these alone turns the sign"


def test_a_break_even_without_a_share_of_the_setting_in_force_is_named(pools: StressPools) -> None:
    free = Assumptions(funding_rate=0.0)
    found = Sensitivity(pools, 800, free).break_evens()
    funding = next(item for item in found if item.driver.name == "funding_rate")
    alone = dataclasses.replace(funding, value=0.03)
    assert alone.room is None
    assert findings.break_evens_finding([alone]) == (
        f"The sign turns soonest where {funding.driver.title.lower()} is "
        f"{funding.driver.show(0.03)}"
    )


def raised_group(
    label: str, accounts: int, raised: int, best: int, mean: float = 1.0
) -> GroupRaise:
    """Return a group beside a highest one of 1,000 accounts, ``best`` of them raised."""
    counted, other = Counted(raised, accounts), Counted(best, 1_000)
    beside = label != "best" and accounts >= FEW and best > 0
    return GroupRaise(
        label=label,
        accounts=accounts,
        raised=raised,
        approval_rate=counted.share,
        approval_interval=share_interval(counted),
        mean_raise=100.0 * mean,
        relative_raise=0.2,
        approval_ratio=counted.share / other.share if best else None,
        ratio_interval=ratio_interval(counted, other) if beside else None,
        raise_ratio=mean,
        is_few=accounts < FEW,
    )


@pytest.mark.parametrize(
    ("groups", "text"),
    [
        ([("x", 1_000, 500, 1.0)], "Under four fifths of the highest, by region: x (share raised)"),
        ([("x", 1_000, 900, 0.5)], "Under four fifths of the highest, by region: x (mean raise)"),
        (
            [("x", 1_000, 500, 0.5), ("y", 500, 200, 1.0)],
            (
                "Under four fifths of the highest, by region: x (share raised, mean raise), "
                "y (share raised)"
            ),
        ),
        ([("x", 40, 30, 1.0)], "No group of region is clearly under four fifths of the highest"),
        (
            [("x", 1_000, 900, 1.0)],
            "No group of region is clearly under four fifths of the highest",
        ),
        (
            [("x", 29, 0, 0.1)],
            (
                "No group of region is clearly under four fifths of the highest; 1 of 2 are too "
                "small to judge"
            ),
        ),
        (
            [(f"g{number}", 1_000, 500, 1.0) for number in range(7)],
            (
                "Under four fifths of the highest, by region: g0 (share raised), "
                "g1 (share raised), g2 (share raised), g3 (share raised) and 3 more"
            ),
        ),
    ],
)
def test_groups_under_four_fifths_are_named(
    groups: list[tuple[str, int, int, float]], text: str
) -> None:
    found = [
        raised_group("best", 1_000, 1_000, 1_000),
        *(
            raised_group(label, accounts, raised, 1_000, mean)
            for label, accounts, raised, mean in groups
        ),
    ]
    assert findings.fairness_finding(found, "region") == text


def test_where_there_is_nothing_to_judge_the_sentence_says_why() -> None:
    small = [raised_group(label, 12, 3, 1_000) for label in ("x", "y")]
    assert findings.fairness_finding(small, "region") == (
        "No group of region has the 30 accounts that a judgement takes"
    )
    nobody = [raised_group("best", 100, 0, 0), raised_group("x", 100, 0, 0)]
    assert findings.fairness_finding(nobody, "region") == (
        "Nobody is raised: no group of region is behind another"
    )


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
