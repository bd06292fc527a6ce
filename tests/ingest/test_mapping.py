"""Any headers: proposals in English and Chinese, declared mappings, arithmetic, saved mappings."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.declared.scales import score_scale
from analytics.errors import PortfolioError
from analytics.ingest import (
    inspect_bytes,
    load_file,
    parse_mapping,
    propose_mapping,
)
from analytics.ingest.arithmetic import parse_arithmetic
from analytics.ingest.declaration import Declaration
from tests.ingest.loading import load, outcome, rows_text

NAMES = [
    ("ID", "account_id"),
    ("acct_no", "account_id"),
    ("AccountNumber", "account_id"),
    ("CUST_ID", "account_id"),
    ("customer id", "account_id"),
    ("客户编号", "account_id"),
    ("账号", "account_id"),
    ("用户ID", "account_id"),
    ("FICO", "score"),
    ("fico_range_low", "score"),
    ("CreditScore", "score"),
    ("bscore", "score"),
    ("芝麻信用分", "score"),
    ("信用评分", "score"),
    ("LIMIT_BAL", "credit_limit"),
    ("CreditLimit", "credit_limit"),
    ("cr_limit", "credit_limit"),
    ("credit line", "credit_limit"),
    ("lmt", "credit_limit"),
    ("授信额度", "credit_limit"),
    ("信用額度", "credit_limit"),
    ("Credit_Limt", "credit_limit"),
    ("CUR_BAL", "balance"),
    ("outstanding_balance", "balance"),
    ("BILL_AMT1", "balance"),
    ("currentBalance", "balance"),
    ("余额", "balance"),
    ("已用额度", "balance"),
    ("PD", "default_probability"),
    ("pd_12m", "default_probability"),
    ("违约概率", "default_probability"),
    ("LGD", "loss_given_default"),
    ("违约损失率", "loss_given_default"),
    ("income", "monthly_income"),
    ("月收入", "monthly_income"),
    ("MOB", "months_on_book"),
    ("账龄", "months_on_book"),
    ("DPD", "days_past_due"),
    ("逾期天数", "days_past_due"),
    ("max_dpd_12m", "max_days_past_due_12m"),
    ("opt_out", "opted_out"),
    ("hardship_flag", "in_hardship"),
    ("student_flag", "is_student"),
    ("是否学生", "is_student"),
]


@pytest.mark.parametrize(("header", "column"), NAMES)
def test_the_trades_names_are_proposed(header: str, column: str) -> None:
    (proposal,) = propose_mapping([header])
    assert proposal.column == column


@pytest.mark.parametrize(
    "header",
    ["SEX", "EDUCATION", "AGE", "default.payment.next.month", "PAY_0", "PAY_AMT1", "region", "地区",
     "product", "open_date", "x", ""],
)  # fmt: skip
def test_other_names_are_not_proposed(header: str) -> None:
    (proposal,) = propose_mapping([header])
    assert proposal.column is None


def test_each_column_is_proposed_once_and_for_the_surest_header() -> None:
    proposals = propose_mapping(["limit", "credit_limit", "CreditLimit2", "balance", "bal"])
    chosen = {p.header: p.column for p in proposals if p.column}
    assert chosen == {"credit_limit": "credit_limit", "balance": "balance"}


def test_a_name_whose_cells_cannot_be_numbers_is_not_proposed_as_one() -> None:
    (proposal,) = propose_mapping(["limit"], [["high", "low", "high"]])
    assert proposal.column is None


def test_the_real_cards_own_headers_are_proposed_rightly(shared: Path) -> None:
    path = shared / "data" / "taiwan_cards_raw.csv"
    preview = inspect_bytes(path.name, path.read_bytes())
    assert preview.mapping == (
        ("account_id", "ID"),
        ("credit_limit", "LIMIT_BAL"),
        ("balance", "BILL_AMT1"),
    )
    assert preview.rows == 15_000
    assert all(len(proposal.samples) == 3 for proposal in preview.proposals)


def test_the_real_cards_are_refused_for_lack_of_a_score_with_what_would_do(shared: Path) -> None:
    mapping = parse_mapping(["account_id=ID", "credit_limit=LIMIT_BAL", "balance=BILL_AMT1"])
    with pytest.raises(PortfolioError) as refused:
        load_file(shared / "data" / "taiwan_cards_raw.csv", Declaration(mapping=mapping))
    (sentence,) = refused.value.faults
    assert "has no score" in sentence
    assert "--map score=HEADER" in sentence
    assert "--derive-score" in sentence


def test_missing_columns_are_all_named_with_the_headers_that_look_like_them(shared: Path) -> None:
    with pytest.raises(PortfolioError) as refused:
        load_file(shared / "data" / "taiwan_cards_raw.csv")
    text = str(refused.value)
    assert len(refused.value.faults) == 4
    for argument in ("account_id=ID", "credit_limit=LIMIT_BAL", "balance=BILL_AMT1"):
        assert f"--map {argument}" in text


def test_the_real_cards_in_the_products_columns_load_whole(taiwan: Path) -> None:
    found = outcome(load_file(taiwan, Declaration(currency="TWD")))
    assert (found.report.accepted, found.report.rejected) == (15_000, 0)
    assert found.report.total_limit == 2_520_446_000
    assert found.report.segments == ("age_band", "education")
    assert (found.report.protected, found.report.outcomes) == (("age_band",), ("defaulted",))


def test_headers_are_matched_in_any_case_and_declared_ones_win() -> None:
    text = "Account_ID,SCORE,Credit_Limit,balance,bal2\nA,700,1000,1,2\n"
    assert load(text).accounts["A"]["balance"] == 100
    assert load(text, mapping=(("balance", "BAL2"),)).accounts["A"]["balance"] == 200


def test_a_column_can_be_left_out() -> None:
    text = "account_id,score,credit_limit,balance,monthly_income\nA,700,1000,1,x\nB,700,1,0,2\n"
    assert load(text).report.accepted == 1
    found = load(text, mapping=(("monthly_income", ""),))
    assert found.report.accepted == 2
    assert "monthly_income" in found.report.missing


def test_a_declared_header_that_is_not_there_is_refused_with_near_ones() -> None:
    with pytest.raises(PortfolioError, match="Did you mean 'fico_score'"):
        load(
            "account_id,fico_score,credit_limit,balance\nA,1,1,1\n",
            mapping=(("score", "fico_scor"),),
        )


MAP = ("account_id=id", "score=s", "credit_limit=current limit")


def computed(expression: str, utilization: str, limit: str) -> int | None:
    text = rows_text("id,s,utilization,current limit", [["A", "700", utilization, limit],
                                                       ["B", "700", "0", "1"]])  # fmt: skip
    found = load(text, mapping=parse_mapping([*MAP, f"balance={expression}"]))
    return found.accounts.get("A", {}).get("balance")


@pytest.mark.parametrize(
    ("utilization", "limit", "minor"),
    [
        ("0.125", "100.20", 1253),
        ("0.125", "100.60", 1258),
        ("0.0714285714285714", "10000", 71429),
        ("0.07142857142857142", "98000", 700000),
        ("1", "99999999999.99", 9_999_999_999_999),
        ("0.005", "1.00", 1),
        ("0.0049999", "1.00", 0),
        ("0", "5", 0),
    ],
)
def test_computed_money_is_exact_and_rounded_half_up(
    utilization: str, limit: str, minor: int
) -> None:
    assert computed("utilization*`current limit`", utilization, limit) == minor


@settings(max_examples=25)
@given(utilization=st.decimals(0, 1, places=6), limit=st.decimals(0, 100_000, places=2))
def test_computed_money_equals_decimal_arithmetic(utilization: Decimal, limit: Decimal) -> None:
    exact = (utilization * limit).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert computed("utilization*`current limit`", f"{utilization:f}", f"{limit:f}") == exact * 100


@pytest.mark.parametrize(
    ("expression", "minor"),
    [
        ("`current limit` - 10", 9000),
        ("(`current limit` + 1) / 2", 5050),
        ("`current limit` / 3", 3333),
        ("`current limit` / 8 / 100", 13),
        ("-utilization + `current limit`", 9950),
        ("2 * utilization * 3 * 7.5", 2250),
        ("`current limit` * 1.005", 10050),
    ],
)
def test_arithmetic_has_its_usual_meaning(expression: str, minor: int) -> None:
    assert computed(expression, "0.5", "100") == minor


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "utilization.__class__",
        "utilization ** 2",
        "utilization // 2",
        "utilization % 2",
        "utilization if 1 else 2",
        "[utilization]",
        "utilization == 1",
        "utilization and 1",
        "lambda: utilization",
        "f'{utilization}'",
        "'x' * utilization",
        "utilization; drop table accounts",
        "utilization, 1",
        "max(utilization, 1)",
        "utilization * 1e300",
        "1 + 1",
        "(" * 60 + "utilization" + ")" * 60 + "*",
        "utilization" + "+1" * 300,
        "-" * 40 + "utilization",
        "(utilization",
        "utilization *",
    ],
)
def test_anything_but_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(PortfolioError, match="is not taken"):
        parse_arithmetic(expression)


def test_a_hostile_header_stays_a_name() -> None:
    header = 'x"; DROP TABLE accounts; --'
    text = rows_text("account_id,score,credit_limit", [["A", "700", "10"], ["B", "700", "20"]])
    text = text.replace("credit_limit", f'credit_limit,"{header.replace(chr(34), chr(34) * 2)}"')
    text = text.replace(",10\n", ",10,3\n").replace(",20\n", ",20,4\n")
    found = load(text, mapping=(("balance", f"`{header}` * 2"),))
    assert found.accounts["B"]["balance"] == 800
    assert load(text, mapping=(("balance", header),)).accounts["B"]["balance"] == 400


def test_an_operand_that_is_no_number_rejects_its_row() -> None:
    text = "id,s,a,b\nA,700,1,2\nB,700,x,2\nC,700,,2\nD,700,,\nE,700,0,0\n"
    mapping = parse_mapping(["account_id=id", "score=s", "credit_limit=a+b", "balance=a/b"])
    found = load(text, mapping=mapping)
    assert set(found.accounts) == {"A"}
    assert found.reason(3, "credit_limit") == "not_computable"
    assert found.reason(4, "credit_limit") == "not_computable"
    assert found.reason(5, "credit_limit") == "missing"
    assert found.reason(6, "balance") == "not_computable"


def test_percent_can_be_divided_away() -> None:
    text = "account_id,score,credit_limit,balance,pd\nA,700,1,0,2\nB,700,1,0,0.5\n"
    found = load(text, mapping=(("default_probability", "pd/100"),))
    assert found.accounts["A"]["default_probability"] == 0.02
    assert found.accounts["B"]["default_probability"] == 0.005


def test_an_id_cannot_be_computed() -> None:
    with pytest.raises(PortfolioError, match="not a number"):
        load("a,score,credit_limit,balance\n1,700,1,0\n", mapping=(("account_id", "a*2"),))


PROBABILITIES = "account_id,credit_limit,balance,default_probability\n"


def test_a_missing_score_can_be_derived_from_the_default_probability() -> None:
    text = PROBABILITIES + "A,1,0,0.02\nB,1,0,0\nC,1,0,1\nD,1,0,\nE,1,0,0.01\n"
    with pytest.raises(PortfolioError, match="--derive-score"):
        load(text)
    found = load(text, derive_score=True)
    assert {i: a["score"] for i, a in found.accounts.items()} == {
        "A": 650, "B": 950, "C": 350, "E": 691,
    }  # fmt: skip
    assert found.reason(5, "default_probability") == "missing"
    assert "inverse of the PD curve" in found.report.derived["score"]


def test_a_score_cannot_be_derived_on_a_scale_without_a_curve() -> None:
    with pytest.raises(PortfolioError, match="no PD curve"):
        load(PROBABILITIES + "A,1,0,0.02\n", derive_score=True, scale=score_scale(0, 1000))
