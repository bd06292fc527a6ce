"""Currency, scale and horizon are declared or said to be assumed; the horizon of p moves p."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import Assumed
from analytics.declared.scales import SESAME
from analytics.errors import ParameterError
from analytics.ingest import Declaration, load_sample
from analytics.ingest.proposals import propose_mapping
from analytics.results.simulation import load_baseline
from tests.accounts.books import cells_of
from tests.ingest.loading import HEADER, load
from tests.ingest.test_checks import Open, opened_file, opened_table

EITHER = pytest.mark.parametrize("opened", [opened_file, opened_table])
DECLARED: dict[str, Any] = {"currency": "CNY", "scale": SESAME, "pd_horizon_months": 12}
SAYING = {
    "currency": "The currency CNY was assumed, and with it the cap of 50,000",
    "scale": "The score scale 350-950 was assumed",
    "pd_horizon_months": "The default probabilities were assumed to be over 12 months",
}


@EITHER
@pytest.mark.parametrize("left", SAYING)
def test_what_is_not_declared_is_said_to_be_assumed(
    opened: Open, left: str, tmp_path: Path
) -> None:
    declared = {name: value for name, value in DECLARED.items() if name != left}
    found = opened(cells_of(60), Declaration(**declared), tmp_path)
    found.portfolio.door.close()
    said = [line for line in found.report.warnings if "assumed" in line]
    assert len(said) == 1
    assert said[0].startswith(SAYING[left])
    assert found.portfolio.assumed == found.report.assumed == (Assumed(left),)


@EITHER
def test_nothing_is_assumed_where_all_is_declared(opened: Open, tmp_path: Path) -> None:
    found = opened(cells_of(60), Declaration(**DECLARED), tmp_path)
    found.portfolio.door.close()
    assert found.portfolio.assumed == ()
    assert not any("assumed" in line for line in found.report.warnings)


def test_of_the_sample_everything_is_declared() -> None:
    loaded = load_sample()
    assert loaded.portfolio.assumed == ()
    loaded.portfolio.door.close()


@EITHER
def test_a_horizon_is_not_assumed_of_a_curve_nor_a_currency_that_a_column_names(
    opened: Open, tmp_path: Path
) -> None:
    cells = {n: c for n, c in cells_of(60).items() if n != "default_probability"}
    found = opened({**cells, "currency": ["CNY"] * 60}, Declaration(), tmp_path)
    found.portfolio.door.close()
    assert found.portfolio.assumed == (Assumed.SCALE,)


@EITHER
def test_another_currency_than_cny_starts_without_a_cap_and_it_is_said(
    opened: Open, tmp_path: Path
) -> None:
    found = opened(cells_of(60), Declaration(**DECLARED | {"currency": "TWD"}), tmp_path)
    found.portfolio.door.close()
    assert any("the one of 50,000 belongs to CNY alone" in line for line in found.report.warnings)


def mean_probability(opened: Open, folder: Path, months: int | None) -> float:
    """The mean of p over 12 months, of accounts with 0, 0.03, 1 and a blank one."""
    cells = cells_of(4, default_probability=[0.0, 0.03, 1.0, None], score=[650] * 4)
    found = opened(cells, Declaration(pd_horizon_months=months), folder).portfolio
    baseline = load_baseline(found, Assumptions.for_scale(SESAME))
    found.door.close()
    return float(baseline.sums.projected_defaults.sum()) / 4


@EITHER
@pytest.mark.parametrize(
    ("months", "yearly"),
    [(None, 0.03), (12, 0.03), (1, 1 - 0.97**12), (24, 1 - 0.97**0.5), (6, 1 - 0.97**2)],
)
def test_the_own_probability_is_over_12_months_and_the_curve_stays(
    opened: Open, months: int | None, yearly: float, tmp_path: Path
) -> None:
    by_curve = 1 / 50  # 49 good to one bad at 650
    expected = (0 + yearly + 1 + by_curve) / 4
    assert mean_probability(opened, tmp_path, months) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("months", [0, 25, -1])
def test_a_horizon_that_cannot_be_is_refused_with_all_other_faults(months: int) -> None:
    with pytest.raises(ParameterError) as refused:
        Declaration(pd_horizon_months=months, currency="??")
    assert len(refused.value.faults) == 2
    assert f"--pd-horizon-months {months}: " in refused.value.faults[0]
    assert "1 to 24 months" in refused.value.faults[0]


@EITHER
def test_a_declared_horizon_is_said_and_is_part_of_what_the_portfolio_is_known_by(
    opened: Open, tmp_path: Path
) -> None:
    found = {}
    for months in (None, 12, 1):
        (tmp_path / f"{months}").mkdir()
        declared = Declaration(pd_horizon_months=months)
        loaded = opened(cells_of(60), declared, tmp_path / f"{months}")
        loaded.portfolio.door.close()
        found[months] = loaded
    said = [line for line in found[1].report.warnings if "over 1 month, as declared" in line]
    assert len(said) == 1
    prints = {months: loaded.portfolio.fingerprint for months, loaded in found.items()}
    assert prints[None] == prints[12] != prints[1]
    assert found[1].portfolio.pd_horizon_months == found[1].report.pd_horizon_months == 1


def test_a_score_is_derived_from_the_probability_over_12_months() -> None:
    yearly = 1 - 0.97**12
    text = "account_id,credit_limit,balance,default_probability\nA,1000,1,{}\nB,1000,1,1\nC,1,0,0\n"
    by_month = load(text.format(0.03), derive_score=True, pd_horizon_months=1)
    by_year = load(text.format(yearly), derive_score=True)
    assert [by_month.accounts[n]["score"] for n in "ABC"] == [
        by_year.accounts[n]["score"] for n in "ABC"
    ]
    assert by_month.accounts["B"]["score"] == 350
    assert any("and the scores computed on it" in line for line in by_month.report.warnings)


# ---- The columns that method 2 brings


@EITHER
@pytest.mark.parametrize(
    "name", ["other_payments", "external_limit", "external_balance", "is_transactor"]
)
def test_a_column_that_is_blank_throughout_counts_as_absent(
    opened: Open, name: str, tmp_path: Path
) -> None:
    blank = pd.array([None] * 60, dtype="boolean" if name == "is_transactor" else "Int64")
    found = opened(cells_of(60, **{name: blank}), Declaration(), tmp_path)
    found.portfolio.door.close()
    portfolio, report = found.portfolio, found.report
    assert not portfolio.has(name)
    assert name not in portfolio.relation.c
    assert name not in (*dict(portfolio.blanks), *report.columns, *report.sources)
    assert name in report.missing
    assert any(f"{name} is blank in every account" in line for line in report.warnings)
    assert any(line.startswith(f"{name} is missing: ") for line in report.switched_off)


@EITHER
def test_a_blank_guardrail_column_is_not_applied_and_one_value_makes_it_a_column(
    opened: Open, tmp_path: Path
) -> None:
    for value in (None, 3):
        cells = cells_of(60, months_on_book=pd.array([value, *[None] * 59], dtype="Int64"))
        (tmp_path / f"{value}").mkdir()
        found = opened(cells, Declaration(), tmp_path / f"{value}").portfolio
        found.door.close()
        assert found.has("months_on_book") is (value is not None)


def test_negative_other_payments_are_rejected_with_row_column_and_reason() -> None:
    text = f"{HEADER},monthly_income,other_payments,external_limit,external_balance,is_transactor\n"
    text += "A,700,1000,1,5000,-1,0,0,no\nB,700,1000,1,5000,,100.50,20,yes\n"
    text += "C,700,1000,1,5000,6000,0,0,\nD,700,1000,1,0,0,-3,x,maybe\n"
    found = load(text)
    assert set(found.rejects) == {
        (2, "other_payments", "-1", "negative"),
        (5, "external_limit", "-3", "negative"),
        (5, "external_balance", "x", "not_a_number"),
        (5, "is_transactor", "maybe", "not_true_or_false"),
    }
    assert found.accounts["B"]["other_payments"] is None
    assert found.accounts["B"]["external_limit"] == 10_050
    assert found.accounts["B"]["is_transactor"] is True
    assert found.accounts["C"]["is_transactor"] is None


@EITHER
def test_payments_above_income_and_an_income_of_0_are_said(opened: Open, tmp_path: Path) -> None:
    cells = cells_of(
        60, monthly_income=[0.0, 1000.0, *[5000.0] * 58], other_payments=[0.0, 1500.0, *[1.0] * 58]
    )
    found = opened(cells, Declaration(), tmp_path)
    found.portfolio.door.close()
    said = "\n".join(found.report.warnings)
    assert "1 row has more in other_payments than in monthly_income" in said
    assert "1 row has a monthly_income of 0" in said


@EITHER
def test_lines_elsewhere_above_20_yearly_incomes_are_kept_and_said(
    opened: Open, tmp_path: Path
) -> None:
    cells = cells_of(
        60,
        monthly_income=[1000.0] * 60,
        external_limit=[240_000.01, 10_000_000.0, 240_000.0, *[0.0] * 57],
    )
    found = opened(cells, Declaration(), tmp_path)
    found.portfolio.door.close()
    assert found.report.rejected == 0
    said = "\n".join(found.report.warnings)
    assert "2 rows have more than 20 yearly incomes in external_limit" in said
    (tmp_path / "no incomes").mkdir()
    del cells["monthly_income"]
    alone = opened(cells, Declaration(), tmp_path / "no incomes")
    alone.portfolio.door.close()
    assert "yearly incomes" not in "\n".join(alone.report.warnings)


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Other Payments", "other_payments"),
        ("monthly_debt_service", "other_payments"),
        ("他行月供", "other_payments"),
        ("other_bank_limit", "external_limit"),
        ("他行额度", "external_limit"),
        ("external_debt", "external_balance"),
        ("他行余额", "external_balance"),
        ("transactor_flag", "is_transactor"),
        ("是否全额还款", "is_transactor"),
    ],
)
def test_lenders_words_for_the_new_columns_are_known(header: str, column: str) -> None:
    (proposal,) = propose_mapping([header])
    assert proposal.column == column


def test_new_columns_are_proposed_only_where_their_cells_can_be_them() -> None:
    cells = [("-5", "10"), ("0.1", "0.2"), ("2", "3"), ("100", "0"), ("yes", "no"), ("maybe", "no")]
    headers = ["other payments"] * 3 + ["external limit", "transactor", "pays in full"]
    found = [propose_mapping([header], [some])[0].column
             for header, some in zip(headers, cells, strict=True)]  # fmt: skip
    assert found == [None, None, None, "external_limit", "is_transactor", None]


def test_yearly_payments_are_divided() -> None:
    (proposal,) = propose_mapping(["annual debt payments"], [("12000", "24000")])
    assert proposal.column in (None, "other_payments")
    if proposal.column:
        assert proposal.arithmetic == "/12"


@EITHER
def test_what_a_blank_cell_is_taken_to_be_is_said(opened: Open, tmp_path: Path) -> None:
    cells = cells_of(60, other_payments=[None, 5] * 30, is_transactor=[None] + [True] * 59,
                     default_probability=[None] + [0.01] * 59,
                     loss_given_default=[None, None] + [0.5] * 58)  # fmt: skip
    found = opened(cells, Declaration(**DECLARED), tmp_path)
    found.portfolio.door.close()
    assert found.report.warnings[-4:] == (
        "1 account has no default_probability: it takes that of the PD curve.",
        "2 accounts have no loss_given_default: they take that of the assumptions.",
        "30 accounts have no other_payments: they are taken to pay nothing elsewhere.",
        "1 account has no is_transactor: its balance is taken to earn interest.",
    )
