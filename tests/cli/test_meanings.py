"""What a file's cells mean, on the command line: what is asked for, and the option that answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run

HEADER = "account_id,score,credit_limit,balance"
DOTS = f"{HEADER},default_probability\nA,700,2.500,2.000,0.0335\nB,700,30.000,0,0.0125\n"
TOTAL = f"{HEADER}\nA,700,10.5,1\nB,700,20.5,2\nC,700,30.5,0\n9,600,61.5,3\n"
MIXED = f"{HEADER},currency\nA,700,50,1,USD\nB,700,60,1,CNY\nC,700,70,1,TWD\n"
CREDIT = f"{HEADER}\nA,700,50,-12.50\nB,700,50,(15.00)\nC,700,50,100CR\n" + "".join(
    f"D{n},700,50,{n}\n" for n in range(5)
)
UNKNOWN = f"{HEADER},monthly_income\nA,700,50,1,NA\nB,700,50,1,5\n"
ASKED = [
    (DOTS, ("--decimal", "comma"), "Credit limit 32,500.00 CNY, balance 2,000.00 CNY"),
    (DOTS, ("--decimal", "point"), "Credit limit 32.50 CNY, balance 2.00 CNY"),
    (TOTAL, ("--sum-row", "leave_out"), "3 of 4 rows used"),
    (TOTAL, ("--sum-row", "keep"), "4 of 4 rows used"),
    (MIXED, ("--currency", "TWD"), "Credit limit 70 TWD, balance 1 TWD"),
]


@pytest.mark.parametrize(("text", "option", "words"), ASKED)
def test_what_can_be_read_in_two_ways_is_asked_and_the_option_answers(
    run: Run, tmp_path: Path, text: str, option: tuple[str, str], words: str
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(text, encoding="utf-8")
    code, out, said = run("check", path)
    assert (code, out, len(said)) == (2, "", 1)
    assert option[0] in said[0]
    assert words in run("check", path, *option)[1]


@pytest.mark.parametrize(
    ("text", "option", "words"),
    [
        (CREDIT, ("--credit-balances", "zero"), "3 credit balances were read as 0"),
        (UNKNOWN, ("--blank", "NA"), "Unknown cells: monthly_income 1"),
    ],
)
def test_what_rejects_rows_names_the_option_that_reads_them(
    run: Run, tmp_path: Path, text: str, option: tuple[str, str], words: str
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(text, encoding="utf-8")
    code, out, _ = run("check", path)
    assert code == 1
    assert " ".join(option) in out
    code, out, _ = run("check", path, *option)
    assert code == 0
    assert words in out
    assert option[0] not in out


def test_a_currency_without_minor_units_takes_no_amount_with_decimals(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "yen.csv"
    path.write_text(f"{HEADER}\nA,900,500000,100000\nB,700,90000000,1\n", encoding="utf-8")
    yen = ("simulate", path, "--currency", "JPY", "--scale", "350:950")
    code, _, said = run(*yen, "--set", "rounding_step=0.01", "--set", "limit_cap=1000000.5")
    assert code == 2
    assert [line.split(" =")[0] for line in said] == [
        "headroom: limit_cap",
        "headroom: rounding_step",
    ]
    assert all("JPY has no minor units" in line for line in said)
    assert run(*yen, "--set", "limit_cap=1000000000000")[0] == 0
    assert run(*yen[:2], "--currency", "USD", "--set", "rounding_step=0.01")[0] == 0
