"""Files drawn at random from true accounts: what comes in is the truth, or something is said.

Each file writes known accounts in a way of its own: signs, thousands, percent, marks, flags, dust,
blanks, order of rows and columns, delimiter, encoding, type of file, and what people add to lists:
total lines, credit balances, other currencies. Whatever way it is, an account that is accepted has
its true values; the others are rejected and counted. A file is asked about or refused only for
what was drawn into it.
"""

# Typographic apostrophes are among the separators.
# ruff: noqa: RUF001

from __future__ import annotations

import csv
import io
import random
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from analytics.accounts.connect import open_database
from analytics.declared.scales import SESAME
from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, CreditBalances, Declaration, SumRow
from analytics.ingest.tables import load_warehouse
from tests.ingest.loading import Outcome, load

FILES, BATCHES = 1000, 10
NAMES = (
    "account_id",
    "score",
    "credit_limit",
    "balance",
    "default_probability",
    "monthly_income",
    "months_on_book",
    "minimum_payment_months_6",
    "in_hardship",
)
MONEY = ("credit_limit", "balance", "monthly_income")
Truth = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Writing:
    """How a file is written, and what has to be stated about it."""

    data: bytes
    name: str
    truth: Truth
    right: dict[str, Any]
    """What its owner would answer, by the option that is asked for."""
    told: dict[str, Any]
    """What is stated from the start."""
    doubtful: frozenset[str] = frozenset()
    """Accounts with a word for unknown that is not stated: they may be rejected."""
    blank_rows: int = 0


@dataclass(frozen=True)
class Style:
    """How numbers are written in one file."""

    point: str
    group: str
    decimals: int
    mark: str
    rate: str
    flag: tuple[str, str]
    count: str
    blank: str


def drawn_style(draw: random.Random) -> Style:
    point = draw.choice(".,")
    groups = ["", "", " ", "'", "’", "\u00a0", "," if point == "." else "."]
    return Style(
        point=point,
        group=draw.choice(groups),
        decimals=draw.choice((0, 0, 2, 2, 2, 1, 3, 14)),
        mark=draw.choice(("", "", "", "¥", " 元", "CNY ")),
        rate=draw.choice((".", ".", ",", "%", ",%")),
        flag=draw.choice((("true", "false"), ("1", "0"), ("1.0", "0.0"), ("Yes", "no"))),
        count=draw.choice(("", "", ".0", ",0", f"{point}000")),
        blank=draw.choice(("", "", " ", "NA", "-")),
    )


def drawn_truth(draw: random.Random, style: Style) -> Truth:
    """Draw accounts; amounts have no more decimals than their file writes."""
    step = {0: 100, 1: 10}.get(style.decimals, 1)
    largest = draw.choice((10**5, 10**7, 10**9))
    rounding = draw.choice((1, 1, 100_000))

    def money() -> int:
        return draw.randrange(largest) // (step * rounding) * step * rounding

    return {
        f"{draw.choice('AB')}{place:03}": {
            "score": draw.randint(350, 950),
            "credit_limit": money(),
            "balance": money() if draw.random() < 0.7 else 0,
            "default_probability": draw.randint(0, 9_999) / 10_000,
            "monthly_income": money() if draw.random() < 0.8 else None,
            "months_on_book": draw.randint(0, 400) if draw.random() < 0.8 else None,
            "minimum_payment_months_6": draw.randint(0, 6),
            "in_hardship": draw.random() < 0.5,
        }
        for place in range(draw.randint(1, 7))
    }


def amount(minor: int, style: Style) -> str:
    whole, cents = divmod(minor, 100)
    text = f"{whole:,}".replace(",", style.group) if style.group else str(whole)
    if style.decimals == 14:
        text += f"{style.point}{cents:02}{'0' * 10}{minor % 3}"
    elif style.decimals:
        text += f"{style.point}{f'{cents:02}0'[: style.decimals]}"
    return f"{style.mark}{text}" if style.mark != " 元" else f"{text}{style.mark}"


def rate(value: float, style: Style) -> str:
    text = f"{value * 100:.2f}%" if "%" in style.rate else f"{value:.4f}"
    return text.replace(".", ",") if "," in style.rate else text


def words_for_total(truth: Truth) -> tuple[str, ...]:
    """Return what may stand as the id of a total line that can be told from an account."""
    limits = sum(one["credit_limit"] > 0 for one in truth.values())
    told = limits >= 2 and any(one["balance"] for one in truth.values())
    return ("Total", "SUM", "9999") if told else ("Total", "SUM")


def cells_of(account: dict[str, Any], style: Style) -> dict[str, str]:
    def known(name: str, write: Callable[[Any], str]) -> str:
        value = account[name]
        return style.blank if value is None else write(value)

    return {
        "score": str(account["score"]),
        **{name: known(name, lambda minor: amount(minor, style)) for name in MONEY},
        "default_probability": rate(account["default_probability"], style),
        "months_on_book": known("months_on_book", lambda n: f"{n}{style.count}"),
        "minimum_payment_months_6": str(account["minimum_payment_months_6"]),
        "in_hardship": style.flag[0 if account["in_hardship"] else 1],
    }


def drawn(seed: int) -> Writing:
    """Draw a file: a list of text, or a Parquet file of binary numbers."""
    draw = random.Random(seed)  # noqa: S311 - the same files in every run
    style = drawn_style(draw)
    truth = drawn_truth(draw, style)
    told: dict[str, Any] = {"scale": SESAME}
    if style.blank in ("NA", "-") and draw.random() < 0.5:
        told["blank_words"] = (style.blank,)
    if draw.random() < 0.15:
        kind = table if draw.random() < 0.3 and not told.get("blank_words") else binary
        return kind(draw, truth, told)
    computed = draw.random() < 0.15
    if computed:
        told["mapping"] = (("credit_limit", "balance*2"),)
        for one in truth.values():
            one["credit_limit"] = 2 * one["balance"]
    rows = [{"account_id": name, **cells_of(one, style)} for name, one in truth.items()]
    extra(draw, style, truth, rows, told)
    if computed:
        for row in rows:
            del row["credit_limit"]
    beside(draw, rows)
    names = list(rows[0])
    blank = draw.randint(1, 3) if draw.random() < 0.2 else 0
    rows += [dict.fromkeys(names, draw.choice(("", " "))) for _ in range(blank)]
    draw.shuffle(rows)
    draw.shuffle(names)
    right = {"decimal": style.point, "sum_row": SumRow.LEAVE_OUT, "currency": "CNY"}
    data = text(draw, names, rows, told)
    unread = style.blank in ("NA", "-") and "blank_words" not in told
    doubtful = {name for name, one in truth.items() if unread and None in one.values()}
    return Writing(data, f"{seed}.csv", truth, right, told, frozenset(doubtful), blank)


def beside(draw: random.Random, rows: list[dict[str, str]]) -> None:
    """Add a column that is of currencies by its name alone, or says of all rows the right one."""
    if draw.random() < 0.1:
        word = draw.choice((("ALL", "TOP"), ("R", "X")))
        for place, row in enumerate(rows):
            row["curr"] = word[place % 2]
    elif draw.random() < 0.1:
        for row in rows:
            row["limit_currency"] = draw.choice(("CNY", "RMB"))


def extra(
    draw: random.Random,
    style: Style,
    truth: Truth,
    rows: list[dict[str, str]],
    told: dict[str, Any],
) -> None:
    """Add what people add to lists of accounts; the truth follows."""
    kinds = ("nothing", "total", "credit", "torn", "impossible", *(["currency"] * (len(rows) > 1)))
    kind = draw.choice(kinds)
    first = rows[0]["account_id"]
    if kind == "total":
        sums = {n: sum(one[n] or 0 for one in truth.values()) for n in MONEY}
        row = cells_of({**truth[first], **sums}, style)
        rows.append({"account_id": draw.choice(words_for_total(truth)), **row})
    elif kind == "credit":
        shape = draw.choice(("-{}", "({})", "{}-", "{}CR", "−{}"))
        if style.mark == " 元":
            shape = "-{}"  # nobody writes a sign behind the unit
        rows[0]["balance"] = shape.format(amount(12_300, style))
        if draw.random() < 0.5:
            told["credit_balances"] = CreditBalances.ZERO
            truth[first]["balance"] = 0
        else:
            del truth[first]
    elif kind == "currency":
        for row in rows:
            row["currency"] = draw.choice(("CNY", "cny", "RMB"))
        rows[0]["currency"] = draw.choice(("USD", "TWD", ""))
        del truth[first]
    elif kind == "torn":
        column = "balance" if "mapping" in told else "credit_limit"
        rows[0][column] = draw.choice(("1.2.3", "1,2,3", "12 34", "1e5", "x", "1.234.56"))
        del truth[first]
    elif kind == "impossible":
        rows[0]["minimum_payment_months_6"] = draw.choice(("7", "44", "45960"))
        del truth[first]


def text(
    draw: random.Random, names: list[str], rows: list[dict[str, str]], told: dict[str, Any]
) -> bytes:
    out = io.StringIO()
    delimiter = draw.choice(",;\t|")
    quoting = draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    line_end = draw.choice(("\n", "\r\n"))
    form: dict[str, Any] = {"quoting": quoting, "lineterminator": line_end}
    writer = csv.writer(out, delimiter=delimiter, **form)
    writer.writerow(name.upper() if draw.random() < 0.2 else name for name in names)
    writer.writerows([row[name] for name in names] for row in rows)
    encoding = draw.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030"))
    if encoding == "gb18030":
        told["encoding"] = encoding
    return out.getvalue().encode(encoding)


def binary(draw: random.Random, truth: Truth, told: dict[str, Any]) -> Writing:
    """Write the accounts as Parquet, money with the dust of binary numbers."""
    frame = pd.DataFrame([{"account_id": name, **one} for name, one in truth.items()])
    for name in MONEY:
        cells = pd.to_numeric(frame[name]) / 100
        frame[name] = cells + draw.choice((0, 1e-11, -3e-12)) if draw.random() < 0.5 else cells
    kind: Any = draw.choice(("float64", "int64", "bool"))
    frame["in_hardship"] = frame["in_hardship"].astype(kind)
    frame["months_on_book"] = pd.to_numeric(frame["months_on_book"])
    out = io.BytesIO()
    frame.sample(frac=1, random_state=1).to_parquet(out)
    return Writing(out.getvalue(), "file.parquet", truth, {"sum_row": SumRow.KEEP}, told)


def table(draw: random.Random, truth: Truth, told: dict[str, Any]) -> Writing:
    """Give the accounts for a database's table, at times with a total line or a row of nulls."""
    frame = pd.DataFrame([{"account_id": name, **one} for name, one in truth.items()])
    if draw.random() < 0.3:
        sums = {name: sum(one[name] or 0 for one in truth.values()) for name in MONEY}
        ids = {"account_id": draw.choice(words_for_total(truth))}
        frame.loc[len(frame)] = {**frame.iloc[0], **sums, **ids}
    for name in MONEY:
        frame[name] = pd.to_numeric(frame[name]) / 100
    for name in ("score", "minimum_payment_months_6"):
        frame[name] = frame[name].astype("int64")
    frame["months_on_book"] = pd.to_numeric(frame["months_on_book"])
    frame["in_hardship"] = frame["in_hardship"].astype("bool")
    out = io.BytesIO()
    frame.sample(frac=1, random_state=1).to_parquet(out)
    return Writing(out.getvalue(), "file.duckdb", truth, {"sum_row": SumRow.LEAVE_OUT}, told)


def opened(file: Writing, told: dict[str, Any]) -> Outcome:
    """Open a table that holds the accounts, in a DuckDB file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bank.duckdb"
        with duckdb.connect(path) as connection:
            connection.register("incoming", pq.read_table(io.BytesIO(file.data)))
            connection.execute("CREATE TABLE accounts AS FROM incoming")
        database = open_database(f"duckdb:///{path}")
        try:
            found = load_warehouse(database, "accounts", Declaration(**told))
            with database.rows(sa.select(found.portfolio.relation)) as batches:
                rows = [dict(row._mapping) for batch in batches for row in batch]
        finally:
            database.close()
    return Outcome({row["account_id"]: row for row in rows}, [], found.report)


def computed_credit(file: Writing) -> bool:
    """Whether limits are computed from balances, one of which is below zero and read as 0."""
    return "mapping" in file.told and "credit_balances" in file.told


def hold_unusable(file: Writing, words: str) -> None:
    """Hold that a file is refused only because none of its accounts can be used."""
    kept = set(file.truth) - file.doubtful
    assert re.match("None of the|The only row", words), (file.name, words)
    assert not kept or computed_credit(file), (file.name, words)


def loaded(file: Writing) -> Outcome | None:
    """Load a file, answering what is asked as its owner would; None where no row is usable."""
    told = dict(file.told)
    while True:
        try:
            if file.name.endswith(".duckdb"):
                return opened(file, told)
            return load(file.data, file_name=file.name, **told)
        except ChoiceNeeded as question:
            option, said = question.option, f"asked for {question.option}: {question}"
        except PortfolioError as error:
            hold_unusable(file, str(error))
            return None
        assert option in file.right, (file.name, said)
        assert option not in told, (file.name, f"asked for what was told: {said}")
        told[option] = file.right[option]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_an_accepted_account_is_as_it_was_written_or_something_is_said(batch: int) -> None:
    exact = 0
    for seed in range(batch, FILES, BATCHES):
        file = drawn(seed)
        found = loaded(file)
        if found is None:
            continue
        report = found.report
        assert set(found.accounts) <= set(file.truth), seed
        assert report.accepted == len(found.accounts), seed
        assert report.accepted + report.rejected == report.rows_read, seed
        assert report.blank_rows == file.blank_rows, seed
        for name, account in found.accounts.items():
            for column in NAMES[1:]:
                # A column that is blank throughout is not there.
                true, read = file.truth[name][column], account.get(column)
                assert read == true or read == pytest.approx(true, abs=1e-12), (seed, name, column)
        lost = len(set(file.truth) - set(found.accounts))
        assert lost <= report.rejected, seed
        exact += lost == 0
    assert exact > FILES / BATCHES / 3
