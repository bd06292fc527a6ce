"""Relations that hold for any portfolio: limit cases, identities, monotonicity, order of rows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared import scales
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.measures import MEASURES, MeasureUnit
from analytics.declared.scales import FICO, SESAME, ScoreScale, score_scale
from analytics.method.guardrails import REASONS
from analytics.method.measures import Measures
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import Group, Simulation, simulate, sweep
from tests.drawn import random_accounts
from tests.portfolios import alike, portfolio_of

ADDITIVE = tuple(
    measure.name
    for measure in MEASURES
    if measure.unit in (MeasureUnit.ACCOUNTS, MeasureUnit.MONEY)
)
COUNTED = (
    "accounts", "raised", "relieved", "strained", "thin_cover", "short_cover", "over_indebted",
)  # fmt: skip
NOTHING = (0.0,) * 8
NO_RESPONSE = Assumptions(
    elasticity=NOTHING, mpb=NOTHING, pd_uplift=NOTHING, attrition_change=NOTHING, idle_draw=0.0
)
OPEN = Policy(score_threshold=500, limit_cap=None, affordability=False, min_increment=Decimal(0))
"""Raises whoever passes the guardrails, by exactly the raise rate."""
POLICIES = (
    Policy(),
    OPEN,
    Policy(score_threshold=600, limit_cap=Decimal(30_000), max_increment=Decimal(2_000)),
    Policy(
        score_threshold=500,
        tiers=(Tier(500, 0.03), Tier(650, 0.11), Tier(800, 0.4)),
        holdout_rate=0.2,
    ),
)
ASSUMPTIONS = (
    Assumptions(),
    Assumptions(response_form="linear", consent_mode="opt_in", action_cost=2.5),
    Assumptions(capital_approach="irb_other_retail").with_preset("high"),
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return random_accounts(np.random.default_rng(7), 3_000, SESAME, 10**7)


@pytest.fixture(scope="module")
def portfolio(frame: pd.DataFrame) -> Iterator[Portfolio]:
    made = portfolio_of(frame, segments=["region"])
    yield made
    made.door.close()


@pytest.fixture(params=range(len(POLICIES)), ids=lambda index: f"policy{index}", scope="module")
def policy(request: pytest.FixtureRequest) -> Policy:
    return POLICIES[request.param]


@pytest.fixture(
    params=range(len(ASSUMPTIONS)), ids=lambda index: f"assumptions{index}", scope="module"
)
def assumptions(request: pytest.FixtureRequest) -> Assumptions:
    return ASSUMPTIONS[request.param]


@pytest.fixture(scope="module")
def simulation(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Simulation:
    made = simulate(portfolio, policy, assumptions, by="region")
    assert made.total.raised > 20
    return made


def sides(group: Group) -> tuple[Measures, Measures, Measures]:
    """Return baseline, proposed and increment of a group that has accounts."""
    assert group.baseline
    assert group.proposed
    assert group.increment
    return group.baseline, group.proposed, group.increment


def close(value: float | None, wanted: float | None, amount: float = 0.0) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-13 * amount)


# ---- Limit cases


def test_a_raise_of_0_changes_nothing(portfolio: Portfolio, assumptions: Assumptions) -> None:
    total = simulate(portfolio, OPEN.with_changes(raise_rate=0.0), assumptions).total
    baseline, proposed, increment = sides(total)
    assert baseline == proposed
    values = dataclasses.asdict(increment)
    assert values.pop("loss_per_new_exposure") is None
    assert values.pop("payback_months") is None
    assert set(values.values()) == {0}
    assert total.raised == total.headline_raise == total.effective_raise == 0
    assert set(total.expected_loss_parts.values()) == {0}


def test_zero_response_equals_the_static_run(portfolio: Portfolio, frame: pd.DataFrame) -> None:
    """Only limits move: headroom with them (over-limit accounts apart), exposure by the factor."""
    policy = OPEN.with_changes(rounding_step=Decimal("0.01"))
    factor = NO_RESPONSE.credit_conversion_factor
    for form in ("log", "linear"):
        assumed = NO_RESPONSE.with_changes(response_form=form)
        total = simulate(portfolio, policy, assumed).total
        baseline, proposed, increment = sides(total)
        assert total.raised > 200
        assert increment.limit == total.effective_raise
        assert increment.headroom == pytest.approx(increment.limit, rel=1e-12)
        assert increment.ead == pytest.approx(factor * increment.limit, rel=1e-12)
        still = (
            "balance",
            "projected_defaults",
            "new_debt",
            "moved_balance",
            "margin",
            "retained",
            "over_indebted",
        )
        assert [increment.get(name) for name in still] == [0] * len(still)
        assert proposed.balance == baseline.balance
        parts = total.expected_loss_parts
        assert parts["old_balance"] == parts["cross"] == 0
        assert parts["new_exposure"] == pytest.approx(increment.expected_loss, rel=1e-12)
    assert frame["balance"].sum() / MINOR_UNITS == baseline.balance


def test_opt_in_that_everybody_takes_equals_automatic(portfolio: Portfolio, policy: Policy) -> None:
    automatic = simulate(portfolio, policy, Assumptions()).total
    assumed = Assumptions(consent_mode="opt_in", take_up=(1.0,) * 8)
    everybody = simulate(portfolio, policy, assumed).total
    assert everybody.raised == everybody.expected_takers == automatic.raised
    for side, wanted in zip(sides(everybody), sides(automatic), strict=True):
        for measure in MEASURES:
            assert close(side.get(measure.name), wanted.get(measure.name)), measure.name


def test_opt_in_that_nobody_takes_equals_the_baseline(portfolio: Portfolio, policy: Policy) -> None:
    assumed = Assumptions(consent_mode="opt_in", take_up=NOTHING)
    total = simulate(portfolio, policy, assumed).total
    baseline, proposed, increment = sides(total)
    assert total.raised > 0, "the offers are made all the same"
    assert total.expected_takers == 0
    for name in ADDITIVE:
        if name != "raised":
            assert increment.get(name) == 0, name
            assert proposed.get(name) in (baseline.get(name), None), name
    cost = simulate(portfolio, policy, assumed.with_changes(action_cost=5.0)).total
    offered = 5.0 * cost.raised
    spent = [sides(cost)[2].get(name) for name in ("action_cost", "net_value", "npv")]
    assert spent == pytest.approx([offered, -offered, -offered]), "an offer costs, taken or not"


def test_opt_in_at_one_take_up_is_that_share_of_automatic(portfolio: Portfolio) -> None:
    automatic = sides(simulate(portfolio, OPEN, Assumptions()).total)[2]
    assumed = Assumptions(consent_mode="opt_in", take_up=(0.25,) * 8)
    quarter = sides(simulate(portfolio, OPEN, assumed).total)[2]
    for name in ADDITIVE:
        share = 1 if name in ("raised", "accounts") else 0.25
        assert close(quarter.get(name), share * (automatic.get(name) or 0)), name


def test_tiers_of_one_rate_equal_the_flat_raise(
    portfolio: Portfolio, assumptions: Assumptions
) -> None:
    flat = simulate(portfolio, OPEN, assumptions).total
    tiers = tuple(Tier(score, OPEN.raise_rate) for score in (500, 640, 799, 950))
    assert alike(simulate(portfolio, OPEN.with_changes(tiers=tiers), assumptions).total, flat)


def test_a_holdout_of_0_holds_out_nobody_and_more_of_it_never_raises_more(
    portfolio: Portfolio,
) -> None:
    raised = []
    for rate in (0.0, 0.05, 0.2, 0.5):
        total = simulate(portfolio, OPEN.with_changes(holdout_rate=rate), Assumptions()).total
        raised.append(total.raised)
        assert (total.reasons["held_out"][0] == 0) == (rate == 0)
    assert raised == sorted(raised, reverse=True)


# ---- Identities


def test_the_increment_is_proposed_less_baseline(simulation: Simulation) -> None:
    for group in (simulation.total, *simulation.groups, *simulation.bands):
        if group.baseline is None:
            continue
        baseline, proposed, increment = sides(group)
        amount = proposed.limit + proposed.balance
        for measure in MEASURES:
            if measure.of_increment:
                continue
            before, after = baseline.get(measure.name), proposed.get(measure.name)
            moved = None if before is None or after is None else after - before
            size = 100 * amount if measure.unit is MeasureUnit.MONEY else 1.0
            assert close(increment.get(measure.name), moved, size), (group.label, measure.name)


def test_the_parts_sum_to_the_increment_of_expected_loss(simulation: Simulation) -> None:
    for group in (simulation.total, *simulation.groups, *simulation.bands):
        if group.increment is not None:
            parts = math.fsum(group.expected_loss_parts.values())
            assert close(parts, group.increment.expected_loss), group.label


@pytest.mark.parametrize("kind", ["groups", "bands"])
def test_groups_and_bands_sum_to_the_total(simulation: Simulation, kind: str) -> None:
    groups: tuple[Group, ...] = getattr(simulation, kind)
    total = simulation.total
    assert len(groups) >= 4
    for index, wanted in enumerate(sides(total)):
        for name in ADDITIVE:
            parts = [sides(group)[index].get(name) for group in groups if group.baseline]
            if wanted.get(name) is None:
                assert set(parts) == {None}, "only an increment has it"
                continue
            summed = math.fsum(part for part in parts if part is not None)
            assert close(summed, wanted.get(name), 12.5 * sides(total)[1].limit), name
    for name in ("raised", "expected_takers", "effective_raise", "headline_raise"):
        summed = math.fsum(getattr(group, name) for group in groups)
        assert close(summed, getattr(total, name)), name
    for reason in REASONS:
        counts, limits = zip(*(group.reasons[reason] for group in groups), strict=True)
        assert sum(counts) == total.reasons[reason][0]
        assert close(math.fsum(limits), total.reasons[reason][1])
    for binding, count in total.binding.items():
        assert sum(group.binding[binding] for group in groups) == count


def test_reasons_sum_to_the_accounts_and_their_limit(simulation: Simulation) -> None:
    for group in (simulation.total, *simulation.groups, *simulation.bands):
        counts, limits = zip(*group.reasons.values(), strict=True)
        assert tuple(group.reasons) == REASONS
        assert min(counts) >= 0
        assert min(limits) >= 0
        if group.baseline:
            assert sum(counts) == group.baseline.accounts
            assert math.fsum(limits) == pytest.approx(group.baseline.limit, rel=1e-12)
        assert group.reasons["raised"][0] == group.raised == sum(group.binding.values())


def test_nobodys_limit_is_lowered_and_the_raise_is_at_most_the_headline(
    simulation: Simulation,
) -> None:
    for group in (simulation.total, *simulation.groups, *simulation.bands):
        assert 0 <= group.effective_raise <= group.headline_raise
        if group.raised:
            smallest = max(float(simulation.policy.min_increment), 0.01)
            assert group.effective_raise >= group.raised * smallest * (1 - 1e-12)
        if group.increment:
            assert group.increment.limit >= 0
            assert group.increment.headroom >= -1e-9 * group.effective_raise
            assert group.increment.balance >= 0


# ---- Thresholds


def test_a_higher_threshold_never_raises_more_accounts_nor_adds_more_limit(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> None:
    swept = sweep(portfolio, policy, assumptions)
    increments = swept.increments()
    for name in ("raised", "limit", "ead", "projected_defaults", "expected_loss"):
        values = getattr(increments, name)
        room = 1e-13 * abs(values).max()
        assert (np.diff(values) <= room).all(), name
    assert increments.raised[0] > increments.raised[-1]


def test_one_pass_over_thresholds_equals_one_run_for_every_threshold() -> None:
    scale = score_scale(0, 40)
    accounts = random_accounts(np.random.default_rng(5), 400, scale, 10**7)
    portfolio = portfolio_of(accounts, segments=["region"], scale=scale)
    assumptions = Assumptions.for_scale(scale).with_changes(
        consent_mode="opt_in", anchor_score=20.0, anchor_odds=30.0, points_to_double_odds=9.0
    )
    tiers = (Tier(10, 0.1), Tier(17, 0.3), Tier(33, 0.05))
    policy = Policy(score_threshold=10, tiers=tiers, rounding_step=Decimal("0.5"))
    swept = sweep(portfolio, policy, assumptions, by="region")
    for threshold in range(scale.lowest, scale.highest + 1):
        run = simulate(portfolio, policy.at_threshold(threshold), assumptions, by="region")
        found = swept.at(threshold)
        assert found.policy == run.policy
        for group, wanted in zip(
            (found.total, *found.groups, *found.bands),
            (run.total, *run.groups, *run.bands),
            strict=True,
        ):
            assert_same(group, wanted)
    portfolio.door.close()


def test_the_curve_over_thresholds_is_the_increment_at_each(portfolio: Portfolio) -> None:
    swept = sweep(portfolio, POLICIES[3], Assumptions(action_cost=3.0))
    increments, net_values = swept.increments(), swept.net_values()
    for threshold in range(SESAME.lowest, SESAME.highest + 1, 13):
        at = threshold - SESAME.lowest
        increment = sides(swept.at(threshold).total)[2]
        assert swept.baseline.scores[at] == threshold
        for name in ("raised", "limit", "ead", "projected_defaults", "expected_loss", "margin"):
            value = getattr(increments, name)[at]
            if name not in ("raised", "projected_defaults"):
                value = value / MINOR_UNITS
            assert close(increment.get(name), float(value)), (threshold, name)
        assert close(increment.net_value, float(net_values[at]), 1e-3 * increment.limit)


def test_tiers_that_end_below_a_higher_threshold_are_dropped(portfolio: Portfolio) -> None:
    tiered = POLICIES[3]
    assert tiered.at_threshold(700).tiers == (Tier(700, 0.11), Tier(800, 0.4))
    assert tiered.at_threshold(800).tiers == (Tier(800, 0.4),)
    assert tiered.at_threshold(900).tiers == (Tier(900, 0.4),)
    assert tiered.at_threshold(450).tiers == (Tier(450, 0.03), *tiered.tiers[1:])
    high = simulate(portfolio, tiered.at_threshold(800), Assumptions()).total
    flat = tiered.with_changes(tiers=(), raise_rate=0.4, score_threshold=800)
    assert_same(simulate(portfolio, flat, Assumptions()).total, high)


# ---- Monotone levers


def test_a_larger_raise_without_caps_adds_more_limit(portfolio: Portfolio) -> None:
    limits = []
    for rate in (0.0, 0.01, 0.1, 0.1001, 0.2, 0.5, 1.0):
        total = simulate(portfolio, OPEN.with_changes(raise_rate=rate), Assumptions()).total
        limits.append(sides(total)[2].limit)
    assert limits == sorted(limits)
    assert limits[-1] > limits[-2] > limits[2] > 0


@pytest.mark.parametrize(
    ("lever", "looser", "tighter"),
    [
        ("limit_cap", None, Decimal(20_000)),
        ("affordability", False, True),
        ("unknown_cells", "pass", "hold"),
        ("income_multiple", None, 4.2),
        ("max_increment", None, Decimal(500)),
        ("min_increment", Decimal(0), Decimal(2_000)),
        ("utilization_max", 1.0, 0.5),
        ("utilization_min", 0.0, 0.5),
        ("opted_out", False, True),
        ("past_due", False, True),
        ("past_due_12m", 60, 5),
        ("persistent_minimum_payer", None, 1),
        ("too_new", 3, 25),
        ("recent_limit_change", None, 25),
    ],
)
def test_a_tighter_rule_never_adds_more_limit(
    portfolio: Portfolio, lever: str, looser: Any, tighter: Any
) -> None:
    loose, tight = (
        simulate(portfolio, OPEN.with_changes(**{lever: value}), Assumptions()).total
        for value in (looser, tighter)
    )
    assert tight.effective_raise < loose.effective_raise
    assert tight.raised <= loose.raised


def test_more_elasticity_means_more_balance_and_never_more_than_the_limit(
    portfolio: Portfolio,
) -> None:
    balances = []
    for elasticity in (0.0, 0.35, 0.6, 1.0):
        assumed = Assumptions(elasticity=(elasticity,) * 8)
        total = simulate(portfolio, OPEN, assumed).total
        balances.append(sides(total)[2].balance)
        assert sides(total)[2].headroom >= 0
    assert balances == sorted(balances)
    everything = Assumptions(response_form="linear", mpb=(1.0,) * 8)
    increment = sides(simulate(portfolio, OPEN, everything).total)[2]
    assert increment.balance == pytest.approx(increment.limit, rel=1e-12)
    assert increment.headroom == pytest.approx(0, abs=1e-9 * increment.limit)


# ---- Order of rows, threads, scales


def test_the_order_of_rows_and_the_number_of_threads_change_no_exact_sum() -> None:
    accounts = random_accounts(np.random.default_rng(9), 30_000, SESAME, 10**9)
    shuffled = accounts.sample(frac=1.0, random_state=2).reset_index(drop=True)
    seen = []
    for frame in (accounts, shuffled):
        portfolio = portfolio_of(frame, segments=["region"])
        assert isinstance(portfolio.door, EmbeddedDatabase)
        for threads in (1, 2, 4):
            with portfolio.door.loading() as cursor:
                cursor.execute(f"SET threads = {threads}")
            seen.append(simulate(portfolio, POLICIES[2], Assumptions(), by="region"))
        portfolio.door.close()
    first = seen[0]
    for other in seen[1:]:
        for group, wanted in zip(
            (other.total, *other.groups), (first.total, *first.groups), strict=True
        ):
            assert_same(group, wanted)
            for name in ("limit", "balance", "headroom", *COUNTED):
                assert sides(group)[0].get(name) == sides(wanted)[0].get(name)
            assert sides(group)[2].limit == sides(wanted)[2].limit


@pytest.mark.parametrize("other", [FICO, score_scale(0, 1000), score_scale(1, 100)], ids=str)
def test_another_scale_gives_the_same_figures_for_the_same_bands(
    other: ScoreScale, frame: pd.DataFrame
) -> None:
    """Scores are moved band by band; with the default probability given, nothing else may move."""
    known = frame.assign(default_probability=frame["default_probability"].fillna(0.02))
    band = np.searchsorted(SESAME.band_edges[1:], known["score"], side="right")
    moved = known.assign(score=np.asarray(other.band_edges)[band])
    edges = known.assign(score=np.asarray(SESAME.band_edges)[band])
    threshold = 5
    results = []
    for accounts, scale in ((edges, SESAME), (moved, other)):
        portfolio = portfolio_of(accounts, scale=scale)
        policy = OPEN.with_changes(score_threshold=scale.band_edges[threshold])
        results.append(simulate(portfolio, policy, Assumptions.for_scale(scale)).total)
        portfolio.door.close()
    assert results[0].raised > 20
    assert_same(results[1], results[0])


def test_the_engine_holds_no_constant_of_the_sesame_scale() -> None:
    """A declared scale of other numbers runs by itself, its curve included."""
    scale = ScoreScale(
        name="Tiny",
        lowest=7,
        highest=23,
        band_edges=(7, 9, 11, 13, 15, 17, 19, 21),
        default_threshold=19,
        curve=scales.Curve(anchor_score=15, anchor_odds=20, points_to_double_odds=2),
    )
    accounts = random_accounts(np.random.default_rng(1), 300, scale, 10**7)
    accounts = accounts.drop(columns="default_probability")
    portfolio = portfolio_of(accounts, scale=scale)
    swept = sweep(portfolio, OPEN.with_changes(score_threshold=19), Assumptions.for_scale(scale))
    assert swept.baseline.scores.tolist() == list(range(7, 24))
    baseline, _, _ = sides(swept.at(19).total)
    odds = 20 * 2.0 ** ((accounts["score"].to_numpy(dtype=float) - 15) / 2)
    assert baseline.projected_defaults == pytest.approx((1 / (1 + odds)).sum(), rel=1e-12)
    assert swept.at(19).bands[0].label == "7-8"
    portfolio.door.close()


def assert_same(group: Group, wanted: Group) -> None:
    """Equal in every count, and in every sum but for the last digits of floating point."""
    for name in ("label", "raised", "reasons", "binding", "effective_raise"):
        if name != "label" or group.label == wanted.label:
            assert getattr(group, name) == getattr(wanted, name), name
    assert close(group.headline_raise, wanted.headline_raise)
    assert (group.baseline is None) == (wanted.baseline is None)
    if group.baseline is None:
        return
    for side, expected in zip(sides(group), sides(wanted), strict=True):
        for measure in MEASURES:
            name = measure.name
            amount = 100 * sides(wanted)[1].limit if measure.unit is MeasureUnit.MONEY else 1.0
            assert close(side.get(name), expected.get(name), amount), name
