"""The normal distribution and its inverse, computed by databases, against SciPy."""

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from scipy import special
from sqlalchemy.dialects import postgresql

from analytics.accounts.database import EmbeddedDatabase
from analytics.method import capital
from analytics.method.normal import BEYOND_QUANTILE, normal_cdf, normal_quantile

GIVEN = sa.table("given_values", sa.column("value", sa.Double()))
VALUE = GIVEN.c.value


def in_database(expression: sa.ColumnElement[float], values: np.ndarray) -> np.ndarray:
    database = EmbeddedDatabase()
    try:
        with database.loading() as cursor:
            cursor.register("given", pa.table({"value": values}))
            cursor.execute("CREATE TABLE given_values AS SELECT value FROM given")
        rows = sa.select(expression.label("found")).select_from(GIVEN)
        return database.sums(rows)["found"]
    finally:
        database.close()


def test_normal_cdf_in_sql_is_scipys_to_a_part_in_a_million_million() -> None:
    values = np.linspace(-8, 8, 100_001)
    assert in_database(normal_cdf(VALUE), values) == pytest.approx(special.ndtr(values), rel=1e-12)


def test_normal_quantile_in_sql_is_scipys_to_a_part_in_a_million_million() -> None:
    tail = 10.0 ** np.linspace(-10, np.log10(0.5), 50_000)[:-1]
    values = np.concatenate([tail, 1 - tail])
    found = in_database(normal_quantile(VALUE), values)
    assert found == pytest.approx(special.ndtri(values), rel=1e-12)


def test_normal_quantile_at_the_middle_is_zero() -> None:
    assert in_database(normal_quantile(VALUE), np.array([0.5])).tolist() == [0.0]
    assert normal_quantile(0.5) == 0.0


def test_normal_cdf_far_out_is_exactly_zero_and_one() -> None:
    values = np.array([-1e300, -BEYOND_QUANTILE, -40.0, 40.0, BEYOND_QUANTILE, 1e300])
    assert in_database(normal_cdf(VALUE), values).tolist() == [0, 0, 0, 1, 1, 1]
    assert normal_cdf(values).tolist() == [0, 0, 0, 1, 1, 1]


def test_normal_cdf_falls_towards_its_end_without_a_jump() -> None:
    values = np.linspace(-37.49, -8, 2_001)
    found = in_database(normal_cdf(VALUE), values)
    assert found == pytest.approx(special.ndtr(values), rel=1e-5)
    assert np.all(np.diff(found) > 0)


def test_quantiles_of_certainty_are_beyond_every_factor() -> None:
    found = in_database(normal_quantile(VALUE), np.array([0.0, 1.0]))
    assert found.tolist() == pytest.approx([-BEYOND_QUANTILE, BEYOND_QUANTILE])
    assert normal_quantile(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]


def test_cdf_undoes_the_quantile() -> None:
    shares = np.concatenate([[0.0, 1e-300, 1e-12], np.linspace(0.001, 0.999, 999), [1.0]])
    found = in_database(normal_cdf(normal_quantile(VALUE)), shares)
    assert found == pytest.approx(shares, rel=1e-5, abs=1e-305)
    assert found[3:] == pytest.approx(shares[3:], rel=1e-12)


def test_unknown_stays_unknown() -> None:
    for function in (normal_cdf, normal_quantile):
        statement = sa.select(function(sa.cast(sa.null(), sa.Double())).label("found"))
        assert np.isnan(EmbeddedDatabase().sums(statement)["found"]).all()


def test_whole_numbers_are_taken_as_doubles() -> None:
    whole = sa.cast(VALUE, sa.Integer())
    assert in_database(normal_cdf(whole), np.array([1.0])) == pytest.approx(special.ndtr(1.0))


def test_text_of_a_nested_formula_stays_small() -> None:
    requirement = capital.irb_requirement(VALUE, 0.85, capital.correlation(VALUE, "irb_qrre", 0.04))
    assert len(str(requirement.compile(EmbeddedDatabase().engine))) < 12_000


def test_postgresql_computes_each_argument_once() -> None:
    text = str(normal_cdf(normal_quantile(VALUE)).compile(dialect=postgresql.dialect()))
    assert text.count("OFFSET 0") == 2
    assert text.count("given_values.value") == 1
