"""Proposals on well-known public card data: each is right or left open, and none is wrong."""

from __future__ import annotations

import pytest

from analytics.ingest import inspect_bytes, parse_mapping, propose_mapping
from tests.ingest.loading import load, rows_text

Table = dict[str, list[str]]

UCI_DEFAULT: Table = {
    "ID": ["1", "2", "3", "4"],
    "LIMIT_BAL": ["20000", "120000", "90000", "50000"],
    "SEX": ["2", "2", "2", "1"],
    "EDUCATION": ["2", "2", "2", "1"],
    "MARRIAGE": ["1", "2", "2", "1"],
    "AGE": ["24", "26", "34", "57"],
    "PAY_0": ["2", "-1", "0", "-1"],
    "PAY_2": ["2", "2", "0", "0"],
    "BILL_AMT1": ["3913", "2682", "29239", "8617"],
    "BILL_AMT2": ["3102", "1725", "14027", "5670"],
    "PAY_AMT1": ["0", "0", "1518", "2000"],
    "default payment next month": ["1", "1", "0", "0"],
}
BANK_CHURNERS: Table = {
    "CLIENTNUM": ["768805383", "818770008", "713982108"],
    "Attrition_Flag": ["Existing Customer", "Existing Customer", "Attrited Customer"],
    "Customer_Age": ["45", "49", "51"],
    "Gender": ["M", "F", "M"],
    "Dependent_count": ["3", "5", "3"],
    "Education_Level": ["High School", "Graduate", "Graduate"],
    "Income_Category": ["$60K - $80K", "Less than $40K", "$80K - $120K"],
    "Card_Category": ["Blue", "Blue", "Silver"],
    "Months_on_book": ["39", "44", "36"],
    "Total_Relationship_Count": ["5", "6", "4"],
    "Months_Inactive_12_mon": ["1", "1", "1"],
    "Contacts_Count_12_mon": ["3", "2", "0"],
    "Credit_Limit": ["12691", "8256", "3418"],
    "Total_Revolving_Bal": ["777", "864", "0"],
    "Avg_Open_To_Buy": ["11914", "7392", "3418"],
    "Total_Amt_Chng_Q4_Q1": ["1.335", "1.541", "2.594"],
    "Total_Trans_Amt": ["1144", "1291", "1887"],
    "Total_Trans_Ct": ["42", "33", "20"],
    "Avg_Utilization_Ratio": ["0.061", "0.105", "0"],
}
GERMAN_CREDIT: Table = {
    "checking_status": ["<0", "0<=X<200", "no checking"],
    "duration": ["6", "48", "12"],
    "credit_history": ["critical", "existing paid", "critical"],
    "purpose": ["radio/tv", "radio/tv", "education"],
    "credit_amount": ["1169", "5951", "2096"],
    "savings_status": ["no known savings", "<100", "<100"],
    "installment_commitment": ["4", "2", "2"],
    "residence_since": ["4", "2", "3"],
    "age": ["67", "22", "49"],
    "existing_credits": ["2", "1", "1"],
    "num_dependents": ["1", "1", "2"],
    "class": ["good", "bad", "good"],
    "Saving accounts": ["little", "moderate", "rich"],
    "Checking account": ["little", "moderate", "little"],
    "Risk": ["good", "bad", "good"],
}
GIVE_ME_SOME_CREDIT: Table = {
    "SeriousDlqin2yrs": ["1", "0", "0"],
    "RevolvingUtilizationOfUnsecuredLines": ["0.766126609", "0.957151019", "0.65818014"],
    "age": ["45", "40", "38"],
    "NumberOfTime30-59DaysPastDueNotWorse": ["2", "0", "1"],
    "DebtRatio": ["0.802982129", "0.121876201", "0.085113375"],
    "MonthlyIncome": ["9120", "2600", "3042"],
    "NumberOfOpenCreditLinesAndLoans": ["13", "4", "2"],
    "NumberOfTimes90DaysLate": ["0", "0", "1"],
    "NumberRealEstateLoansOrLines": ["6", "0", "0"],
    "NumberOfTime60-89DaysPastDueNotWorse": ["0", "0", "0"],
    "NumberOfDependents": ["2", "1", "0"],
}
LENDING_CLUB: Table = {
    "id": ["1077501", "1077430", "1077175"],
    "member_id": ["1296599", "1314167", "1313524"],
    "loan_amnt": ["5000", "2500", "2400"],
    "funded_amnt": ["5000", "2500", "2400"],
    "term": ["36 months", "60 months", "36 months"],
    "int_rate": ["10.65%", "15.27%", "15.96%"],
    "installment": ["162.87", "59.83", "84.33"],
    "grade": ["B", "C", "C"],
    "emp_length": ["10+ years", "< 1 year", "10+ years"],
    "annual_inc": ["24000", "30000", "12252"],
    "loan_status": ["Fully Paid", "Charged Off", "Fully Paid"],
    "dti": ["27.65", "1", "8.72"],
    "delinq_2yrs": ["0", "0", "1"],
    "earliest_cr_line": ["Jan-1985", "Apr-1999", "Nov-2001"],
    "fico_range_low": ["735", "740", "735"],
    "fico_range_high": ["739", "744", "739"],
    "inq_last_6mths": ["1", "5", "2"],
    "mths_since_last_delinq": ["", "35", "38"],
    "mths_since_last_record": ["", "", "113"],
    "open_acc": ["3", "3", "2"],
    "pub_rec": ["0", "0", "1"],
    "revol_bal": ["13648", "1687", "2956"],
    "revol_util": ["83.7%", "9.4%", "98.5%"],
    "total_acc": ["9", "4", "10"],
    "out_prncp": ["0", "0", "120.5"],
    "last_fico_range_low": ["735", "495", "675"],
    "tot_cur_bal": ["", "114834", "52303"],
    "total_rev_hi_lim": ["30200", "17000", "6500"],
    "acc_now_delinq": ["0", "0", "1"],
    "total_bal_ex_mort": ["12000", "7000", "9100"],
    "total_bc_limit": ["9300", "6000", "12100"],
    "avg_cur_bal": ["20701", "9733", "31617"],
    "mo_sin_old_rev_tl_op": ["290", "244", "136"],
    "num_bc_sats": ["5", "3", "2"],
    "pct_tl_nvr_dlq": ["76.9", "100", "85"],
    "hardship_flag": ["N", "N", "Y"],
}
HOME_CREDIT_APPLICATION: Table = {
    "SK_ID_CURR": ["100002", "100003", "100004"],
    "TARGET": ["1", "0", "0"],
    "NAME_CONTRACT_TYPE": ["Cash loans", "Cash loans", "Revolving loans"],
    "CNT_CHILDREN": ["0", "0", "1"],
    "AMT_INCOME_TOTAL": ["202500", "270000", "67500"],
    "AMT_CREDIT": ["406597.5", "1293502.5", "135000"],
    "AMT_ANNUITY": ["24700.5", "35698.5", "6750"],
    "DAYS_BIRTH": ["-9461", "-16765", "-19046"],
    "DAYS_EMPLOYED": ["-637", "-1188", "-225"],
    "EXT_SOURCE_2": ["0.2629", "0.6222", "0.5559"],
    "DEF_30_CNT_SOCIAL_CIRCLE": ["2", "0", "0"],
    "AMT_REQ_CREDIT_BUREAU_YEAR": ["1", "0", "0"],
}
HOME_CREDIT_CARDS: Table = {
    "SK_ID_PREV": ["2562384", "2582071", "1740877"],
    "SK_ID_CURR": ["378907", "363914", "371185"],
    "MONTHS_BALANCE": ["-6", "-1", "-7"],
    "AMT_BALANCE": ["56.97", "63975.555", "31815.225"],
    "AMT_CREDIT_LIMIT_ACTUAL": ["135000", "45000", "450000"],
    "AMT_DRAWINGS_ATM_CURRENT": ["0", "2250", "0"],
    "AMT_INST_MIN_REGULARITY": ["1700.325", "2250", "2250"],
    "AMT_RECEIVABLE_PRINCIPAL": ["0", "60175.08", "26926.425"],
    "CNT_DRAWINGS_CURRENT": ["1", "1", "0"],
    "NAME_CONTRACT_STATUS": ["Active", "Active", "Completed"],
    "SK_DPD": ["0", "0", "7"],
    "SK_DPD_DEF": ["0", "0", "7"],
}
KAGGLE_CREDIT_CARD: Table = {
    "CUST_ID": ["C10001", "C10002", "C10003", "C10004"],
    "BALANCE": ["40.900749", "3202.467416", "2495.148862", "1666.670542"],
    "BALANCE_FREQUENCY": ["0.818182", "0.909091", "1", "0.636364"],
    "PURCHASES": ["95.4", "0", "773.17", "1499"],
    "CASH_ADVANCE": ["0", "6442.945483", "0", "205.788017"],
    "PURCHASES_FREQUENCY": ["0.166667", "0", "1", "0.083333"],
    "CREDIT_LIMIT": ["1000", "7000", "7500", "7500"],
    "PAYMENTS": ["201.802084", "4103.032597", "622.066742", "0"],
    "MINIMUM_PAYMENTS": ["139.509787", "1072.340217", "627.284787", ""],
    "PRC_FULL_PAYMENT": ["0", "0.222222", "0", "0"],
    "TENURE": ["12", "12", "12", "6"],
}
ISLR_CREDIT: Table = {
    "ID": ["1", "2", "3"],
    "Income": ["14.891", "106.025", "104.593"],
    "Limit": ["3606", "6645", "7075"],
    "Rating": ["283", "483", "514"],
    "Cards": ["2", "3", "4"],
    "Age": ["34", "82", "71"],
    "Education": ["11", "15", "11"],
    "Student": ["No", "Yes", "No"],
    "Balance": ["333", "903", "580"],
}
CREDIT_SCORE_CLASSES: Table = {
    "ID": ["0x1602", "0x1603", "0x1604"],
    "Customer_ID": ["CUS_0xd40", "CUS_0xd40", "CUS_0xd40"],
    "Annual_Income": ["19114.12", "19114.12", "34847.84"],
    "Monthly_Inhand_Salary": ["1824.84", "1824.84", "3037.99"],
    "Num_Bank_Accounts": ["3", "3", "2"],
    "Num_Credit_Card": ["4", "4", "4"],
    "Num_of_Delayed_Payment": ["7", "4", "9"],
    "Delay_from_due_date": ["3", "5", "6"],
    "Changed_Credit_Limit": ["11.27", "11.27", "5.42"],
    "Outstanding_Debt": ["809.98", "809.98", "605.03"],
    "Credit_Utilization_Ratio": ["26.82", "31.94", "28.6"],
    "Credit_History_Age": ["22 Years and 1 Months", "NA", "22 Years and 3 Months"],
    "Payment_of_Min_Amount": ["No", "No", "Yes"],
    "Monthly_Balance": ["312.49", "284.62", "331.2"],
    "Credit_Score": ["Good", "Good", "Standard"],
}
BANK_CHURN: Table = {
    "RowNumber": ["1", "2", "3", "4"],
    "CustomerId": ["15634602", "15647311", "15619304", "15701354"],
    "CreditScore": ["619", "608", "502", "699"],
    "Age": ["42", "41", "42", "39"],
    "Tenure": ["2", "1", "8", "1"],
    "Balance": ["0", "83807.86", "159660.8", "0"],
    "NumOfProducts": ["1", "1", "3", "2"],
    "HasCrCard": ["1", "0", "1", "0"],
    "EstimatedSalary": ["101348.88", "112542.58", "113931.57", "93826.63"],
    "Exited": ["1", "0", "1", "0"],
}
CREDIT_RISK: Table = {
    "person_age": ["22", "21", "25"],
    "person_income": ["59000", "9600", "65500"],
    "person_emp_length": ["123", "5", "1"],
    "loan_amnt": ["35000", "1000", "5500"],
    "loan_int_rate": ["16.02", "11.14", "12.87"],
    "loan_status": ["1", "0", "1"],
    "loan_percent_income": ["0.59", "0.1", "0.57"],
    "cb_person_default_on_file": ["Y", "N", "N"],
    "cb_person_cred_hist_length": ["3", "2", "3"],
}
HOME_EQUITY: Table = {
    "BAD": ["1", "0", "1"],
    "LOAN": ["1100", "1300", "1500"],
    "MORTDUE": ["25860", "70053", "13500"],
    "VALUE": ["39025", "68400", "16700"],
    "YOJ": ["10.5", "7", "4"],
    "DELINQ": ["0", "2", "0"],
    "CLAGE": ["94.37", "121.83", "149.47"],
    "NINQ": ["1", "0", "1"],
    "CLNO": ["9", "14", "10"],
    "DEBTINC": ["37.1", "", "41.2"],
}
RIGHT: dict[str, tuple[Table, dict[str, str]]] = {
    "uci_default": (
        UCI_DEFAULT,
        {"account_id": "ID", "credit_limit": "LIMIT_BAL", "balance": "BILL_AMT1"},
    ),
    "bank_churners": (
        BANK_CHURNERS,
        {"credit_limit": "Credit_Limit", "months_on_book": "Months_on_book"},
    ),
    "german_credit": (GERMAN_CREDIT, {}),
    "give_me_some_credit": (GIVE_ME_SOME_CREDIT, {"monthly_income": "MonthlyIncome"}),
    "lending_club": (
        LENDING_CLUB,
        {
            "account_id": "id",
            "score": "fico_range_low",
            "balance": "revol_bal",
            "monthly_income": "`annual_inc`/12",
            "in_hardship": "hardship_flag",
            "account_status": "loan_status",
        },
    ),
    "home_credit_application": (HOME_CREDIT_APPLICATION, {"account_id": "SK_ID_CURR"}),
    "home_credit_cards": (
        HOME_CREDIT_CARDS,
        {
            "account_id": "SK_ID_CURR",
            "balance": "AMT_BALANCE",
        },
    ),
    "kaggle_credit_card": (
        KAGGLE_CREDIT_CARD,
        {"account_id": "CUST_ID", "credit_limit": "CREDIT_LIMIT", "balance": "BALANCE"},
    ),
    "islr_credit": (
        ISLR_CREDIT,
        {
            "account_id": "ID",
            "credit_limit": "Limit",
            "balance": "Balance",
            "is_student": "Student",
        },
    ),
    "credit_score_classes": (
        CREDIT_SCORE_CLASSES,
        {"account_id": "ID", "monthly_income": "`Annual_Income`/12"},
    ),
    "bank_churn": (
        BANK_CHURN,
        {"account_id": "CustomerId", "score": "CreditScore", "balance": "Balance"},
    ),
    "credit_risk": (CREDIT_RISK, {}),
    "home_equity": (HOME_EQUITY, {}),
}
"""Public tables, written from memory with values of their kind, and all that may be proposed."""


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_proposed_for_public_card_data_is_right_and_the_rest_left_open(name: str) -> None:
    table, right = RIGHT[name]
    rows = [list(row) for row in zip(*table.values(), strict=True)]
    preview = inspect_bytes("public.csv", rows_text(",".join(table), rows).encode())
    assert dict(preview.mapping) == right


@pytest.mark.parametrize(
    ("header", "cells", "column"),
    [
        ("credit lines", ["3", "12", "7"], None),
        ("limit", ["2", "4", "1"], None),
        ("limit", ["2000", "4000", "100"], "credit_limit"),
        ("utilized amount", ["0.4", "0.9", "0"], None),
        ("pd", ["0", "1", "0", "0"], None),
        ("pd", ["0", "0", "0"], None),
        ("pd", ["0", "30", "60"], None),
        ("pd", ["0.02", "0.5", "1"], "default_probability"),
        ("pd", ["2%", "3.5 %"], "default_probability"),
        ("default rate", ["0", "1", "1"], None),
        ("lgd", ["1", "0"], None),
        ("tenure", ["2", "11", "7"], None),
        ("tenure", ["2", "84", "7"], "months_on_book"),
        ("tenure months", ["2", "11", "7"], "months_on_book"),
        ("mob", ["120.5", "1300.25"], None),
        ("mob", ["2020-01-03"], None),
        ("min pay cnt 6m", ["0", "3", "6"], "minimum_payment_months_6"),
        ("min pmt 6m", ["120.50", "35.00"], None),
        ("dpd", ["0", "1", "0"], None),
        ("dpd", ["0", "35", "0"], "days_past_due"),
        ("income", ["60000", "72000"], None),
        ("income", ["60", "72.5"], None),
        ("income", ["3,100", "$2,900.00"], "monthly_income"),
        ("monthly income", ["60000", "72000"], "monthly_income"),
        ("risk score", ["0", "1"], None),
        ("risk score", ["0.71", "0.65"], None),
        ("fico", ["712", "640", "9999"], "score"),
        ("opt out", ["12", "0"], None),
        ("opt out", ["N", "y"], "opted_out"),
        ("account", ["savings", "savings", "checking", "savings", "savings"], None),
        ("可用额度", ["2000", "1000"], None),
        ("额度使用率", ["0.4", "0.2"], None),
        ("授信额度", ["20000", "10000"], "credit_limit"),
    ],
)
def test_values_confirm_a_name_or_leave_it_open(
    header: str, cells: list[str], column: str | None
) -> None:
    (proposal,) = propose_mapping([header], [cells])
    assert (proposal.column, proposal.arithmetic) == (column, "")


@pytest.mark.parametrize(
    ("header", "cells", "column", "source"),
    [
        ("Annual Income", ["60,000", "$72,000"], "monthly_income", "`Annual Income`/12"),
        ("年收入", ["60000", "72000"], "monthly_income", "`年收入`/12"),
        ("yearly_income", ["60", "72"], None, "yearly_income"),
        ("YearsOnBook", ["2", "11.5"], "months_on_book", "`YearsOnBook`*12"),
        ("tenure_years", ["1200", "84"], None, "tenure_years"),
        ("pd_pct", ["2", "3.5"], "default_probability", "`pd_pct`/100"),
        ("pd_pct", ["0.02", "0.035"], None, "pd_pct"),
        ("lgd_percent", ["45", "60"], "loss_given_default", "`lgd_percent`/100"),
    ],
)
def test_arithmetic_is_proposed_where_name_and_values_say_so(
    header: str, cells: list[str], column: str | None, source: str
) -> None:
    (proposal,) = propose_mapping([header], [cells])
    assert (proposal.column, proposal.source) == (column, source)


def test_an_income_proposed_by_the_year_is_loaded_by_the_month() -> None:
    text = rows_text(
        "account_id,score,credit_limit,balance,Annual Income",
        [["A", "700", "1000", "5", "$59,696.00"], ["B", "700", "1000", "5", "77,254.50"]],
    )
    mapping = inspect_bytes("x.csv", text.encode()).mapping
    assert mapping[-1] == ("monthly_income", "`Annual Income`/12")
    found = load(text, mapping=parse_mapping(f"{name}={source}" for name, source in mapping))
    assert found.accounts["A"]["monthly_income"] == 497_467


def test_a_header_of_exactly_a_columns_name_is_that_column_whatever_its_cells() -> None:
    headers = ["Monthly_Income", "credit_limit", "income", "limit"]
    proposals = propose_mapping(headers, [["9"], ["2"], ["3000"], ["4000"]])
    assert [one.column for one in proposals] == ["monthly_income", "credit_limit", None, None]


def test_values_are_looked_at_among_the_first_rows_alone() -> None:
    rows = [[str(row), "3000" if row < 200 else "1"] for row in range(100_000)]
    preview = inspect_bytes("x.csv", rows_text("id,limit", rows).encode())
    assert [one.column for one in preview.proposals] == ["account_id", "credit_limit"]
