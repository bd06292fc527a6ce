"""Each formula is one function: on floats, on arrays and in SQL it gives the same numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from analytics.accounts.database import EmbeddedDatabase
from analytics.declared.scales import FICO, SESAME, Curve, ScoreScale
from analytics.method import capital, elementwise, formulas, normal

WHOLE: sa.types.TypeEngine[Any] = sa.BigInteger()
REAL: sa.types.TypeEngine[Any] = sa.Double()


def in_sql(
    database: EmbeddedDatabase, formula: Callable[..., Any], rows: list[tuple[Any, ...]]
) -> list[Any]:
    """Return a formula's values over rows of arguments, computed by the database."""
    kinds = [WHOLE if isinstance(value, int) else REAL for value in rows[0]]
    names = [f"x{index}" for index in range(len(kinds))]
    numbered = [(index, *row) for index, row in enumerate(rows)]
    places = zip(names, kinds, strict=True)
    table = sa.values(
        sa.column("row", WHOLE), *(sa.column(n, k) for n, k in places), name="arguments"
    ).data(numbered)
    arguments = [sa.cast(table.c[n], k) for n, k in zip(names, kinds, strict=True)]
    statement = sa.select(formula(*arguments).label("found")).order_by(table.c.row)
    return list(database.sums(statement)["found"].tolist())


def balance_in_log_form(balance: Any, limit: Any, new: Any, elasticity: Any, idle: Any) -> Any:
    return formulas.balance_after(
        balance, limit, new, form="log", elasticity=elasticity, mpb=0.9, idle_draw=idle
    )


def balance_in_linear_form(balance: Any, limit: Any, new: Any, mpb: Any) -> Any:
    return formulas.balance_after(
        balance, limit, new, form="linear", elasticity=0.9, mpb=mpb, idle_draw=0.9
    )


def rounded_down(numerator: Any) -> Any:
    return formulas.round_down(numerator, 700)


def target_with_the_largest_raise(limit: Any, points: Any) -> Any:
    return formulas.target_limit_numerator(limit, points, 25_000)


def target(limit: Any, points: Any) -> Any:
    return formulas.target_limit_numerator(limit, points, None)


def bearable(income: Any, elsewhere: Any) -> Any:
    return formulas.affordable_limit(income, elsewhere, 3_000, 1_000)


def correlation_of_other_retail(probability: Any) -> Any:
    return capital.correlation(probability, "irb_other_retail", 0.04)


FORMULAS: list[tuple[Callable[..., Any], list[tuple[Any, ...]]]] = [
    (
        formulas.default_probability_from_score,
        [(650.0, 650.0, 49.0, 40.0), (800.0, 650.0, 49.0, 40.0), (350.0, 680.0, 20.0, 17.5)],
    ),
    (formulas.headroom, [(1000.0, 300.0), (1000.0, 1000.0), (1000.0, 1200.5)]),
    (formulas.headroom, [(1000, 300), (1000, 1000), (1000, 1200), (10**13, 1)]),
    (formulas.ead, [(300.0, 700.0, 0.2), (0.0, 500.0, 1.0), (5.5, 0.0, 0.5)]),
    (target, [(100_000, 1500), (1, 1), (10**13, 10_000), (0, 2_000)]),
    (target_with_the_largest_raise, [(100_000, 1500), (1, 1), (10**13, 10_000), (0, 2_000)]),
    (rounded_down, [(1_150_000_000,), (6_999_999,), (7_000_000,), (0,), (2 * 10**17 + 1,)]),
    (
        balance_in_log_form,
        [
            (300.0, 1000.0, 1200.0, 0.6, 0.02),
            (0.0, 1000.0, 1200.0, 0.6, 0.02),
            (990.0, 1000.0, 2000.0, 1.0, 0.02),
            (1999.0, 1000.0, 2000.0, 1.0, 0.02),
            (2500.0, 1000.0, 2000.0, 1.0, 0.02),
            (300.0, 1000.0, 1000.0, 0.6, 0.02),
        ],
    ),
    (
        balance_in_linear_form,
        [(300.0, 1000.0, 1200.0, 0.25), (950.0, 1000.0, 1100.0, 1.0), (0.0, 5.0, 5.0, 0.5)],
    ),
    (formulas.default_probability_after, [(0.02, 0.04), (0.9, 1.0), (0.0, 1.0)]),
    (formulas.change_by_growth, [(0.02, 0.2), (-0.05, 1.0), (0.0, 1.0)]),
    (formulas.change_by_draw, [(0.02, 0.2, 0.004), (0.03, 0.0, 0.0315), (0.0, 1.0, 1.0)]),
    (formulas.is_idle, [(33.0, 1000.0, 0.6, 0.02), (34.0, 1000.0, 0.6, 0.02)]),
    (
        bearable,
        [(1_000_000, 0), (1_000_000, 100_000), (1_000_000, 300_001), (0, 0), (10**13, 0)],
    ),
    (
        formulas.attrition_after,
        [(0.1, 0.2, -0.05, 0.33), (0.1, 1.0, -0.05, 0.33), (0.1, 0.2, 0.3, 0.33)],
    ),
    (formulas.expected_loss, [(0.02, 0.85, 6500.0), (0.0, 1.0, 5.0)]),
    (formulas.margin, [(3000.0, 0.075, 0.025, 0.005), (3000.0, 0.01, 0.025, 0.005)]),
    (formulas.standardised_rwa, [(3000.0, 7000.0, 0.75, 0.1), (0.0, 1.0, 12.5, 1.0)]),
    (formulas.capital_charge, [(2775.0, 0.105, 0.12, 0.025)]),
    (formulas.earned, [(200.0, 50.0, 20.0), (50.0, 200.0, 0.0)]),
    (formulas.retained_value, [(0.01, 150.0), (0.01, -150.0), (-0.1, 8.0)]),
    (formulas.net_value, [(135.0, 2.0, 110.5, 35.0, 1.5)]),
    (correlation_of_other_retail, [(0.0,), (0.02,), (1.0,)]),
    (
        capital.irb_requirement,
        [(0.02, 0.85, 0.04), (1e-9, 0.45, 0.16), (0.95, 1.0, 0.04), (0.0, 0.5, 0.04),
         (1.0, 0.5, 0.04)],
    ),
    (elementwise.whole_quotient, [(7, 2), (8, 2), (0, 5), (9 * 10**18, 10**9 + 7)]),
    (elementwise.least, [(1.5, 2.5), (2.5, 1.5)]),
    (elementwise.greatest, [(1.5, 2.5), (2.5, 1.5)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "rows"), FORMULAS, ids=lambda item: getattr(item, "__name__", "")
)
def test_a_formula_gives_the_same_on_floats_on_arrays_and_in_sql(
    formula: Callable[..., Any], rows: list[tuple[Any, ...]], database: EmbeddedDatabase
) -> None:
    singly = [formula(*row) for row in rows]
    together = formula(*(np.array(column) for column in zip(*rows, strict=True)))
    assert together.tolist() == pytest.approx([float(v) for v in singly], rel=1e-15, abs=1e-300)
    stored = in_sql(database, formula, rows)
    if all(isinstance(value, int) for row in rows for value in row):
        assert stored == [int(value) for value in singly]
    else:
        assert stored == pytest.approx([float(value) for value in singly], rel=1e-11, abs=1e-14)


@settings(max_examples=200)
@given(
    limit=st.integers(1, 10**13),
    points=st.integers(0, 10_000),
    step=st.integers(1, 10**8),
    increment=st.none() | st.integers(1, 10**13),
)
def test_the_new_limit_is_exact_and_below_its_target_by_less_than_a_step(
    limit: int, points: int, step: int, increment: int | None
) -> None:
    numerator = int(formulas.target_limit_numerator(limit, points, increment))
    assert numerator < 2**63
    wanted = int(formulas.round_down(numerator, step))
    assert wanted % step == 0
    assert wanted * 10_000 <= numerator < (wanted + step) * 10_000
    assert numerator >= limit * 10_000


def test_a_raise_of_15_percent_on_1000_is_1150() -> None:
    """In binary floating point it is not: 1.15 x 1000 falls short of it."""
    numerator = formulas.target_limit_numerator(100_000, 1_500, None)
    assert formulas.round_down(numerator, 1) == 115_000
    assert math.floor(1.15 * 100_000) == 114_999


def test_the_hand_example_of_the_method() -> None:
    limit, new_limit, balance = 10_000.0, 12_000.0, 3_000.0
    probability, severity, factor = 0.02, 0.85, 0.5
    drawn = balance_in_linear_form(balance, limit, new_limit, 0.25)
    assert drawn == 3_500
    before = formulas.ead(balance, formulas.headroom(limit, balance), factor)
    after = formulas.ead(drawn, formulas.headroom(new_limit, drawn), factor)
    assert (before, after) == (6_500, 7_750)
    change = formulas.change_by_growth(0.02, new_limit / limit - 1)
    riskier = formulas.default_probability_after(probability, change)
    loss_before = formulas.expected_loss(probability, severity, before)
    loss_after = formulas.expected_loss(riskier, severity, after)
    assert loss_before == pytest.approx(110.50)
    assert round(loss_after, 2) == 137.02
    parts = [
        formulas.expected_loss(probability, severity, after - before),
        formulas.expected_loss(riskier - probability, severity, before),
        formulas.expected_loss(riskier - probability, severity, after - before),
    ]
    assert parts == pytest.approx([21.25, 4.42, 0.85])
    assert sum(parts) == pytest.approx(loss_after - loss_before) == pytest.approx(26.52)


def test_the_curve_checks_of_the_method() -> None:
    for score, expected in ((600, 1 / 51), (620, 1 / 101)):
        found = formulas.default_probability_from_score(score, 600, 50, 20)
        assert found == pytest.approx(expected, rel=1e-14)
    assert curve(SESAME.curve, 650) == pytest.approx(0.02, rel=1e-14)
    assert curve(SESAME.curve, 800) == pytest.approx(0.0015, rel=0.02)
    assert curve(FICO.curve, 680) == pytest.approx(1 / 21, rel=1e-14)
    assert curve(FICO.curve, 720) == pytest.approx(1 / 41, rel=1e-14)


def curve(declared: Curve | None, score: float) -> float:
    assert declared
    return float(
        formulas.default_probability_from_score(
            score,
            declared.anchor_score,
            declared.anchor_odds,
            declared.points_to_double_odds,
        )
    )


@given(score=st.integers(300, 950), scale=st.sampled_from([SESAME, FICO]))
def test_the_score_of_a_default_probability_is_the_one_that_gives_it(
    score: int, scale: ScoreScale
) -> None:
    assert scale.curve
    found = formulas.score_from_default_probability(
        curve(scale.curve, score), *dataclasses.astuple(scale.curve)
    )
    assert found == pytest.approx(score, abs=1e-9)


@given(
    balance=st.floats(0, 1e9),
    limit=st.floats(1, 1e9),
    growth=st.floats(0, 1),
    sensitivity=st.floats(0, 1),
)
def test_a_raise_never_lowers_a_balance_nor_takes_it_over_the_new_limit(
    balance: float, limit: float, growth: float, sensitivity: float
) -> None:
    new_limit = limit * (1 + growth)
    for after in (
        balance_in_log_form(balance, limit, new_limit, sensitivity, sensitivity),
        balance_in_linear_form(balance, limit, new_limit, sensitivity),
    ):
        assert balance <= after <= max(new_limit, balance)


@given(probability=st.floats(0, 1), growth=st.floats(0, 1), uplift=st.floats(0, 1))
def test_a_probability_after_a_raise_is_between_its_own_and_1(
    probability: float, growth: float, uplift: float
) -> None:
    change = formulas.change_by_growth(uplift, growth)
    assert probability <= formulas.default_probability_after(probability, change) <= 1


def test_default_follows_debt_or_the_limit_as_the_driver_says() -> None:
    """A draw of twice the reference is a raise of 20 %; who draws nothing is as before."""
    given_ = {"growth": 0.5, "drawn": 0.008, "reference": 0.004}
    by_debt = formulas.uplift_change(0.01, driver="debt", **given_)
    by_limit = formulas.uplift_change(0.01, driver="limit", **given_)
    assert (by_debt, by_limit) == (pytest.approx(0.02), pytest.approx(0.05))
    nothing = given_ | {"drawn": 0.0}
    assert formulas.uplift_change(0.01, driver="debt", **nothing) == 0.0


@pytest.mark.parametrize(
    ("income", "elsewhere", "limit"),
    [
        (1_000_000, 0, 3_000_000),
        (1_000_000, 100_000, 2_000_000),
        (1_000_000, 300_000, 0),
        (1_000_000, 400_000, 0),
        (1, 0, 3),
        (10**13, 0, 3 * 10**13),
    ],
)
def test_the_affordable_limit_takes_the_whole_share_of_income_and_no_unit_more(
    income: int, elsewhere: int, limit: int
) -> None:
    """A tenth of the limit and what is paid elsewhere against three tenths of the income."""
    assert bearable(income, elsewhere) == limit


def test_without_a_minimum_payment_every_limit_is_affordable_to_who_pays_the_others() -> None:
    payments = [(1_000_000, 300_000), (1_000_000, 300_001)]
    found = [formulas.affordable_limit(y, p, 3_000, 0) for y, p in payments]
    assert found == [formulas.NO_CEILING, 0]


def test_attrition_falls_by_at_most_the_floor() -> None:
    assert formulas.attrition_after(0.1, 10.0, -0.05, 0.33) == pytest.approx(0.067)
    assert formulas.attrition_after(0.1, 0.2, -0.05, 0.33) == pytest.approx(0.09)


def test_who_costs_more_than_he_brings_is_kept_at_a_loss() -> None:
    """Half of a year's value, for leavers leave through the year."""
    worth = formulas.earned(10.0, 25.0, 5.0)
    assert formulas.retained_value(0.05, worth) == pytest.approx(-0.5)
    assert formulas.retained_value(0.05, 20.0) == pytest.approx(0.5)


@pytest.mark.parametrize(("probability", "weight"), [(0.0025, 5.76), (0.01, 17.22), (0.025, 33.98)])
def test_qualifying_revolving_risk_weights_are_those_of_basel_ii_annex_5(
    probability: float, weight: float
) -> None:
    """BCBS, Basel II comprehensive version (June 2006), Annex 5, LGD 45 %."""
    requirement = capital.irb_requirement(probability, 0.45, 0.04)
    assert 100 * capital.RWA_PER_CAPITAL * requirement == pytest.approx(weight, abs=0.011)


def test_the_normal_distribution_in_sql_is_scipys(database: EmbeddedDatabase) -> None:
    values = np.concatenate([np.linspace(-8, 8, 401), [-37.0, -20.0, 12.0, 0.67448975]])
    found = in_sql(database, normal.normal_cdf, [(float(value),) for value in values])
    assert found[:401] == pytest.approx(special.ndtr(values[:401]), rel=2e-12)
    assert found == pytest.approx(special.ndtr(values), abs=1e-16, rel=1e-11)
    shares = np.concatenate([np.linspace(1e-4, 1 - 1e-4, 301), 10.0 ** -np.arange(5, 16)])
    found = in_sql(database, normal.normal_quantile, [(float(share),) for share in shares])
    assert found == pytest.approx(special.ndtri(shares), rel=1e-12, abs=1e-14)


def test_the_natural_functions_in_sql_are_numpys(database: EmbeddedDatabase) -> None:
    rows = [(0.001,), (0.5,), (1.0,), (2.75,), (300.0,)]
    for function in (elementwise.ln, elementwise.exp, elementwise.square_root):
        expected = [float(function(*row)) for row in rows]
        assert in_sql(database, function, rows) == pytest.approx(expected, rel=1e-15)
    signs = in_sql(database, lambda x: elementwise.where(x > 1.0, 1.0, -1.0), rows)
    assert signs == [-1, -1, -1, 1, 1]
    assert elementwise.where(np.array([1.0, 2.0]) > 1.5, 1.0, 0.0).tolist() == [0, 1]
