"""Files drawn at random from true accounts: what comes in is the truth, or something is said.

Each file writes known accounts in a way of its own: signs, thousands, percent, marks, flags, dust,
blanks, order of rows and columns, delimiter, encoding, type of file, and what people add to lists:
total lines, credit balances, other currencies. Whatever way it is, an account that is accepted has
its true values; the others are rejected and counted, or the file is asked about or refused.
"""

# Typographic apostrophes are among the separators.
# ruff: noqa: RUF001

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from analytics.declared.scales import SESAME
from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, CreditBalances, SumRow
from tests.ingest.loading import Outcome, load

FILES, BATCHES = 120, 4
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
        return binary(draw, truth, told)
    rows = [{"account_id": name, **cells_of(one, style)} for name, one in truth.items()]
    extra(draw, style, truth, rows, told)
    draw.shuffle(rows)
    names = list(rows[0])
    draw.shuffle(names)
    right = {"decimal": style.point, "sum_row": SumRow.LEAVE_OUT, "currency": "CNY"}
    return Writing(text(draw, names, rows, told), f"{seed}.csv", truth, right, told)


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
        rows.append({"account_id": draw.choice(("Total", "SUM", "9999")), **row})
    elif kind == "credit":
        shape = draw.choice(("-{}", "({})", "{}-", "{}CR", "−{}"))
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
        rows[0]["credit_limit"] = draw.choice(("1.2.3", "1,2,3", "12 34", "1e5", "x", "1.234.56"))
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
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
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
    kind = draw.choice(("float64", "int64", "bool"))
    frame["in_hardship"] = frame["in_hardship"].astype(kind)
    frame["months_on_book"] = pd.to_numeric(frame["months_on_book"])
    out = io.BytesIO()
    frame.sample(frac=1, random_state=1).to_parquet(out)
    return Writing(out.getvalue(), "file.parquet", truth, {"sum_row": SumRow.KEEP}, told)


def loaded(file: Writing) -> Outcome | None:
    """Load a file, answering what is asked as its owner would; None where it is refused."""
    told = dict(file.told)
    while True:
        try:
            return load(file.data, file_name=file.name, **told)
        except ChoiceNeeded as question:
            option = question.option
        except PortfolioError:
            return None
        if option not in file.right:
            return None
        assert option not in told, "asked for what was told"
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
        for name, account in found.accounts.items():
            for column in NAMES[1:]:
                true, read = file.truth[name][column], account[column]
                assert read == true or read == pytest.approx(true, abs=1e-12), (seed, name, column)
        lost = len(set(file.truth) - set(found.accounts))
        assert lost <= report.rejected, seed
        exact += lost == 0
    assert exact > FILES / BATCHES / 3
