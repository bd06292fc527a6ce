"""The status of an account: its words are known, answered or asked about, and never passed over."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import AccountStatus
from analytics.errors import ParameterError, PortfolioError
from analytics.ingest import ChoiceNeeded, Declaration, load_bytes, parse_statuses
from analytics.ingest.proposals import propose_mapping
from analytics.ingest.statuses import CLOSED_WORDS, OPEN_WORDS, known_meaning
from analytics.policy import Policy
from analytics.results.simulation import simulate
from tests.ingest.loading import HEADER, load, rows_text
from tests.oracle.columns import CLOSED_WORDS as METHODS_CLOSED
from tests.oracle.columns import OPEN_WORDS as METHODS_OPEN

CLOSED, OPEN, UNKNOWN = AccountStatus
C70 = (
    "account_id,score,credit_limit,balance,status\n"
    "A1,820,5000,0,Closed\n"
    "A2,820,5000,100,Charged Off\n"
    "A3,820,5000,100,Active\n"
    "A4,820,5000,100,Lost/Stolen\n"
    "A5,820,5000,100,Deceased\n"
)
AS_STATUS = (("account_status", "status"),)


def closed(*words: str, header: str = "account_status", **declared: Any) -> list[bool | None]:
    """Return whether the account of each word is closed, as it is read from a file."""
    rows = [(f"A{place:02d}", "700", "1000", "10", word) for place, word in enumerate(words)]
    found = load(rows_text(f"{HEADER},{header}", rows), **declared)
    assert found.rejects == []
    return [account["account_status"] for _, account in sorted(found.accounts.items())]


def test_the_methods_words_mean_what_it_says() -> None:
    assert {known_meaning(word) for word in METHODS_CLOSED} == {CLOSED}
    assert {known_meaning(word) for word in METHODS_OPEN} == {OPEN}


def test_every_known_word_is_found_as_it_stands_and_in_capitals() -> None:
    for words, status in ((CLOSED_WORDS, CLOSED), (OPEN_WORDS, OPEN)):
        for word in words:
            assert known_meaning(word) is known_meaning(word.upper()) is status, word


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("CHARGED_OFF", CLOSED),
        ("charge-off", CLOSED),
        ("ChargedOff", CLOSED),
        (" Written  Off ", CLOSED),
        ("Lost/Stolen", CLOSED),
        ("lost or stolen", CLOSED),
        ("Closed (charged off)", CLOSED),
        ("Account closed", CLOSED),
        ("blocked by bank", CLOSED),
        ("\uff26\uff32\uff2f\uff3a\uff25\uff2e", CLOSED),
        ("挂失、冻结", CLOSED),
        ("Active", OPEN),
        ("Open/Current", OPEN),
        ("In good standing", OPEN),
        ("", UNKNOWN),
        ("\u3000 ", UNKNOWN),
        ("Open/Blocked", None),
        ("not closed", None),
        ("inactive", None),
        ("unblocked", None),
        ("reopened", None),
        ("Dormant", None),
        ("C", None),
        ("1", None),
        ("-", None),
    ],
)
def test_a_word_is_known_whatever_its_spelling_and_a_doubtful_one_is_not(
    word: str, meaning: AccountStatus | None
) -> None:
    assert known_meaning(word) is meaning


def test_closed_accounts_of_a_file_are_not_raised_and_the_reason_is_named() -> None:
    loaded = load_bytes("c70.csv", C70.encode(), Declaration(mapping=AS_STATUS))
    group = simulate(loaded.portfolio, Policy(), Assumptions()).total
    assert group.reasons["closed"] == (4, 20_000.0)
    assert group.reasons["raised"] == (1, 5_000.0)
    off = simulate(loaded.portfolio, Policy(closed=False), Assumptions()).total
    assert (off.reasons["closed"][0], off.raised) == (0, 5)
    loaded.portfolio.door.close()
    assert (
        "Words in status that count as closed: Charged Off, Closed, Deceased, Lost/Stolen; as "
        "open: Active." in loaded.report.warnings
    )


def test_a_header_that_names_a_status_and_is_not_mapped_is_said() -> None:
    said = (
        "'status' may hold the status of accounts, and is not read as one: map account_status to "
        "it, so that closed accounts are not raised."
    )
    assert said in load(C70).report.warnings
    assert said not in load(C70, mapping=AS_STATUS).report.warnings
    assert said not in load(C70, mapping=(("account_status", ""),)).report.warnings


def test_other_words_are_asked_about_all_at_once_and_counted() -> None:
    words = ["Active", "Dormant", "dormant ", "Z", "closed"]
    with pytest.raises(ChoiceNeeded) as caught:
        closed(*words)
    assert str(caught.value) == (
        "account_status holds words that are not known as the status of an account: 'Dormant' "
        "(2 accounts), 'Z' (1 account). Say of each what it means with --status WORD=closed or "
        "open or unknown."
    )
    assert caught.value.option == "statuses"
    assert [choice.value for choice in caught.value.choices] == [
        f"{word}={status}" for word in ("Dormant", "Z") for status in AccountStatus
    ]
    answers = parse_statuses(["DORMANT=closed", "z = Unknown"])
    assert closed(*words, statuses=answers) == [False, True, True, None, True]


def test_an_answer_outranks_what_a_word_is_known_to_mean() -> None:
    assert closed("closed", "Active", statuses=(("Closed", OPEN),)) == [False, False]


def test_a_blank_and_a_word_for_unknown_are_unknown_and_counted() -> None:
    text = f"{HEADER},account_status\nA1,700,1,0,\nA2,700,1,0,n/a\nA3,700,1,0,ok\n"
    found = load(text, blank_words=("N/A",), statuses=(("ok", OPEN),))
    assert [a["account_status"] for a in found.accounts.values()] == [None, None, False]
    assert found.report.blanks == {"account_status": 2}


def test_words_of_rejected_rows_are_not_asked_about() -> None:
    found = load(f"{HEADER},account_status\nA1,700,1,0,open\nA2,,1,0,Dormant\n")
    assert list(found.accounts) == ["A1"]


def test_words_stand_beside_rows_that_are_read_carefully() -> None:
    text = f'{HEADER},account_status\nA1,700,"1,000.50",0,closed\nA2,700,2000,0,open\n'
    found = load(text)
    assert {i: (a["credit_limit"], a["account_status"]) for i, a in found.accounts.items()} == {
        "A1": (100_050, True),
        "A2": (200_000, False),
    }


@pytest.mark.parametrize(
    "words", [[f"word {n}" for n in range(51)], ["w" * 61], ["closed " + "x" * 10_000]]
)
def test_a_column_of_many_or_long_words_is_no_status(words: list[str]) -> None:
    with pytest.raises(PortfolioError, match="more or longer words than a status") as caught:
        closed(*words)
    assert words[0] not in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pa.array(["Closed", "Active", None]), [True, False, None]),
        (pa.array(["Closed", "Active", None]).dictionary_encode(), [True, False, None]),
        (pa.array([9, 1, None], pa.int8()), [True, False, None]),
        (pa.array([True, False, None]), [True, False, None]),
    ],
)
def test_the_status_of_a_parquet_file_is_read_whatever_its_type(
    cells: pa.Array, expected: list[bool | None]
) -> None:
    rows = {"account_id": ["a", "b", "c"], "score": [700] * 3, "credit_limit": [5] * 3}
    out = io.BytesIO()
    pq.write_table(pa.table({**rows, "balance": [1] * 3, "account_status": cells}), out)
    answers = parse_statuses(["9=closed", "1=open", "true=closed", "false=open"])
    found = load(out.getvalue(), statuses=answers)
    assert [a["account_status"] for _, a in sorted(found.accounts.items())] == expected


def test_answers_that_cannot_be_read_are_all_named() -> None:
    with pytest.raises(ParameterError) as caught:
        parse_statuses(["dormant", "=open", "x=shut", "a=b=closed"])
    assert len(caught.value.faults) == 3
    assert "'x=shut': There is no status of an account 'shut'" in caught.value.faults[2]
    assert parse_statuses(["a=b=closed"]) == (("a=b", CLOSED),)
    with pytest.raises(ParameterError, match="is given twice: give it once"):
        Declaration(statuses=(("Dormant", OPEN), ("dormant ", CLOSED)))


def test_another_answer_is_another_portfolio() -> None:
    one, other = (
        load(f"{HEADER},account_status\nA1,700,1,0,X\n", statuses=(("X", status),)).report
        for status in (OPEN, CLOSED)
    )
    assert one.fingerprint != other.fingerprint


def test_a_status_is_not_computed() -> None:
    with pytest.raises(PortfolioError, match="account status is not a number"):
        load(f"{HEADER},a\nA1,700,1,0,1\n", mapping=(("account_status", "a*1"),))


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("loan_status", ["Charged Off", "Current"], [True, False]),
        ("closed", ["1", "0"], [True, False]),
        ("account closed", ["yes", "no"], [True, False]),
        ("closed_flag", ["Y", "N"], [True, False]),
        ("IS_CLOSED", ["1.0", "0.0"], [True, False]),
    ],
)
def test_a_header_that_says_status_or_closed_is_warned_of_proposed_and_read(
    header: str, cells: list[str], expected: list[bool]
) -> None:
    text = f"{HEADER},{header}\nA1,700,1,0,{cells[0]}\nA2,700,1,0,{cells[1]}\n"
    unmapped = load(text).report.warnings
    assert any(f"{header!r} may hold the status of accounts" in line for line in unmapped)
    (proposal,) = propose_mapping([header], [cells])
    assert proposal.column == "account_status"
    found = load(text, mapping=(("account_status", header),))
    assert [account["account_status"] for account in found.accounts.values()] == expected


def test_flags_under_another_header_are_asked_about_and_counts_of_closed_are_no_status() -> None:
    with pytest.raises(ChoiceNeeded, match="words that are not known"):
        load(f"{HEADER},account_status\nA1,700,1,0,1\nA2,700,1,0,0\n")
    (proposal,) = propose_mapping(["closed"], [["3", "0"]])
    assert proposal.column is None
