"""The second sample is what its generator makes, hangs together, and looks sensible in results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analytics.appetite import Appetite
from analytics.assumptions import Assumptions
from analytics.declared.choices import RivalVerdict, Sample, Treatment
from analytics.ingest import Loaded, load_sample
from analytics.policy import Policy
from analytics.results.optimum.single import Optimum, best_single
from analytics.results.rival import rival
from analytics.results.simulation import Simulation, simulate
from analytics.results.surface import load_surface
from analytics.results.treatments import load_treatments
from analytics.results.whitespace import load_whitespace
from sample_data import generate, plus

ADDED = ["other_payments", "external_limit", "external_balance", "is_transactor"]
OPTIONAL_BLANKS = {
    "monthly_income": (0.035, 0.05),
    "other_payments": (0.05, 0.065),
    "external_limit": (0.05, 0.065),
    "external_balance": (0.05, 0.065),
    "is_transactor": (0.13, 0.155),
    "default_probability": (0.035, 0.055),
    "months_since_limit_change": (0.004, 0.01),
    "loss_given_default": (0.012, 0.018),
    "region": (0.008, 0.012),
}
"""Lowest and highest share of unknown cells, by column; every other column has none."""


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    frame = plus.plus_accounts()
    frame["utilization"] = frame["balance"] / frame["credit_limit"]
    frame["transacts"] = frame["is_transactor"].eq(other=True)
    return frame


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    found = load_sample(Sample.HUABEI_PLUS)
    yield found
    found.portfolio.door.close()


@pytest.fixture(scope="module")
def first_policy(loaded: Loaded) -> Simulation:
    return simulate(loaded.portfolio, Policy(), Assumptions())


# ---- The file and its generator


def test_the_committed_file_is_what_the_generator_makes() -> None:
    assert plus.plus_table().equals(pq.read_table(plus.PARQUET_FILE))


def test_the_generator_writes_the_same_bytes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for name in ("first", "second"):
        monkeypatch.setattr(plus, "PARQUET_FILE", tmp_path / name)
        plus.main()
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_the_file_is_small_and_names_its_date_and_currency() -> None:
    metadata = pq.read_schema(plus.PARQUET_FILE).metadata
    assert plus.PARQUET_FILE.stat().st_size < 3_000_000
    assert metadata[b"as_of_date"] == b"2026-10-31"
    assert metadata[b"currency"] == b"CNY"


def test_another_seed_gives_other_accounts() -> None:
    assert not plus.plus_table(500, seed=1).equals(plus.plus_table(500, seed=2))


@pytest.mark.parametrize("size", [1, 2, 7, 100, 3_001])
def test_a_book_of_any_size_has_the_accounts_and_columns_asked_for(size: int) -> None:
    table = plus.plus_table(size)
    assert table.num_rows == size
    first = generate.sample_table(1).column_names
    assert [name for name in table.column_names if name not in ADDED] == first
    assert set(ADDED) <= set(table.column_names)


# ---- Columns and cells


def test_every_row_is_accepted_and_no_column_is_left_aside(loaded: Loaded) -> None:
    report = loaded.report
    assert (report.accepted, report.rejected, report.ignored) == (120_000, 0, ())
    assert set(ADDED) <= set(report.columns)
    assert not any("Are the payments" in warning for warning in map(str, report.warnings))


def test_blanks_stand_where_the_readme_says(accounts: pd.DataFrame) -> None:
    blank = accounts[[*plus.plus_table(1).column_names]].isna().mean()
    for name, (lowest, highest) in OPTIONAL_BLANKS.items():
        assert lowest < blank.pop(name) < highest, name
    assert (blank == 0).all()
    assert accounts["external_limit"].isna().equals(accounts["other_payments"].isna())


def test_incomes_and_reports_of_new_customers_are_unknown_more_often(
    accounts: pd.DataFrame,
) -> None:
    new = accounts["months_on_book"] < 12
    for name in ("monthly_income", "external_limit"):
        blank = accounts[name].isna()
        assert blank[new].mean() > 3 * blank[~new].mean()


def test_values_stay_inside_their_ranges(accounts: pd.DataFrame) -> None:
    limit, balance = accounts["external_limit"].dropna(), accounts["external_balance"].dropna()
    assert limit.between(0, 300_000).all()
    assert (limit % 1_000 == 0).all()
    assert balance.between(0, limit).all()
    known = accounts.dropna(subset=["other_payments", "monthly_income"])
    assert (known["external_limit"] <= 240 * known["monthly_income"]).all()
    assert (known["other_payments"] <= 0.6 * known["monthly_income"] + 5).all()
    assert accounts["default_probability"].dropna().between(0.0001, 1).all()


def test_most_accounts_are_open_and_every_status_has_some(accounts: pd.DataFrame) -> None:
    shares = accounts["account_status"].value_counts(normalize=True)
    assert 0.94 < shares["active"] < 0.96
    assert set(shares.index) == set(plus.STATUSES)
    assert shares.min() > 0.0005


# ---- What follows from what


def test_limits_elsewhere_rise_with_score_and_income(accounts: pd.DataFrame) -> None:
    known = accounts.dropna(subset=["external_limit", "monthly_income"])
    assert known["external_limit"].corr(known["score"], method="spearman") > 0.3
    band = known[known["score"].between(650, 699)]
    assert band["external_limit"].corr(band["monthly_income"], method="spearman") > 0.3


def test_balances_elsewhere_follow_the_use_of_the_own_line_and_payments_follow_them(
    accounts: pd.DataFrame,
) -> None:
    lines = accounts[accounts["external_limit"] > 0]
    use = lines["external_balance"] / lines["external_limit"]
    assert use.corr(lines["utilization"], method="spearman") > 0.15
    assert use.corr(lines["score"], method="spearman") < -0.15
    assert lines["other_payments"].corr(lines["external_balance"], method="spearman") > 0.7


def test_transactors_have_good_scores_little_use_and_never_revolve(
    accounts: pd.DataFrame,
) -> None:
    transactors, others = accounts[accounts["transacts"]], accounts[~accounts["transacts"]]
    assert 0.33 < len(transactors) / len(accounts) < 0.40
    assert transactors["score"].mean() > others["score"].mean() + 20
    use = [part["balance"].sum() / part["credit_limit"].sum() for part in (transactors, others)]
    assert use[0] < use[1] / 3
    assert (transactors["minimum_payment_months_6"] == 0).all()
    assert (transactors["days_past_due"] == 0).all()
    assert (transactors["max_days_past_due_12m"] < 30).all()


def test_what_accounts_owe_fits_their_status(accounts: pd.DataFrame) -> None:
    by_status = accounts.groupby("account_status")
    use = by_status["balance"].sum() / by_status["credit_limit"].sum()
    assert use["closed"] < 0.02 < use["active"] < use["charged off"]
    off = by_status.get_group("charged off")
    assert off["default_probability"].eq(1).all()
    assert off["days_past_due"].eq(180).all()
    scores = by_status["score"].mean()
    assert scores["charged off"] < scores["frozen"] < scores["active"] - 50


# ---- What the product makes of it


def test_the_first_policy_is_worth_something_and_strains_nobody_more(
    first_policy: Simulation,
) -> None:
    total = first_policy.total
    assert 0.02 < total.raised / total.baseline.accounts < 0.04
    assert 0 < total.increment.npv < 0.01 * total.baseline.margin
    assert 0.05 < total.baseline.strained / total.baseline.accounts < 0.20
    assert total.increment.strained == 0
    assert 0.02 < total.baseline.expected_loss / total.baseline.balance < 0.05
    assert 0.05 < total.baseline.margin / total.baseline.balance < 0.10
    assert first_policy.not_applied == ()


def test_the_best_policy_within_the_evidence_is_neither_everybody_nor_nobody(
    loaded: Loaded,
) -> None:
    found = best_single(load_surface(loaded.portfolio, Policy(), Assumptions()), Appetite())
    assert isinstance(found, Optimum)
    ((_, (tier,)),) = found.plan.tiers
    assert 600 < tier.score_from < 700
    assert tier.raise_rate == pytest.approx(0.30)
    assert 0 < found.value < 2_000_000


def test_every_treatment_is_given_to_somebody(loaded: Loaded) -> None:
    given = load_treatments(loaded.portfolio, Policy(holdout_rate=0.05), Assumptions())
    counts = {one.treatment: one.accounts for one in given.total.figures}
    assert set(counts) == set(Treatment)
    assert min(counts.values()) >= 30
    assert sum(counts.values()) == 120_000


def test_most_rules_alone_keep_somebody_from_a_raise(loaded: Loaded) -> None:
    found = load_whitespace(loaded.portfolio, Policy(), Assumptions())
    ranked = {row.rule for row in found.rows if row.rank is not None}
    assert {"unaffordable", "wait", "unknown_data", "at_limit_cap", "opted_out", "closed"} <= ranked
    assert len(found.rows) >= 8
    assert found.near_misses.reachable.accounts > 100


def test_the_reach_of_the_rival_is_counted(first_policy: Simulation) -> None:
    found = rival(first_policy.total)
    assert found is not None
    assert found.verdict is RivalVerdict.RAISE
    assert found.at_stake > 0
    assert found.reach is not None
    assert 0.80 < found.reach < 0.95
