"""Never silently different: what is accepted equals what was written, what is not is listed."""

# Full-width characters are what is tested.
# ruff: noqa: RUF001

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.errors import PortfolioError
from tests.ingest.loading import load

SETTINGS = settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)

ids = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,20}", fullmatch=True)
money = st.decimals(0, 10**11, places=2)
accounts = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": ids,
            "score": st.integers(350, 950),
            "credit_limit": money,
            "balance": money,
            "default_probability": st.none() | st.floats(0, 1, allow_subnormal=False),
            "months_on_book": st.none() | st.integers(0, 2**31 - 1),
            "is_student": st.none() | st.booleans(),
            "region": st.none()
            | st.sampled_from(["North", "东区", 'a "b"', "x;y,z", "Größe", "-7"]),
        }
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row["account_id"],
)


def cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def written(
    rows: list[dict[str, Any]],
    delimiter: str = ",",
    end: str = "\n",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    names = sorted(rows[0])
    writer.writerow(names)
    writer.writerows([[cell(row[name]) for name in names] for row in rows])
    return out.getvalue()


def expected(row: dict[str, Any]) -> dict[str, Any]:
    exact = {name: int(row[name] * 100) for name in ("credit_limit", "balance")}
    return row | exact


@SETTINGS
@given(
    rows=accounts,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_is_written_is_read_whatever_the_dialect(
    rows: list[dict[str, Any]], delimiter: str, end: str, encoding: str, quoting: Any
) -> None:
    data = written(rows, delimiter, end, quoting).encode(encoding)
    found = load(data, delimiter=delimiter, encoding="gb18030" if encoding == "gb18030" else None)
    assert found.report.accepted == len(rows)
    for row in rows:
        account = found.accounts[row["account_id"]]
        for name, value in expected(row).items():
            if name != "region" or name in account:
                assert account[name] == value, name
    assert found.report.total_limit == sum(row["credit_limit"] for row in rows)
    assert found.report.total_balance == sum(row["balance"] for row in rows)


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "0", "1", "700", "700.0", "1e3", "-1", "1,000", "1.000", "12,5", "nan", "inf",
         "NA", "$5", "5%", "0x1", "2026-01-02", "(5)", "１２", "1_0", "9" * 25, "1e400", "+3",
         "1'000", "yes", "TRUE", "是", "00700", "700.5", "0.001", ".5", "5.", "\u00a07", "=1", "'7"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    st.decimals(-10, 10**6, places=3).map(str),
)  # fmt: skip
NAMES = ["account_id", "score", "credit_limit", "balance", "default_probability", "is_student"]


def strict(name: str, text: str, decimal: str) -> Any:
    """Return the value of a plainly written cell by Python's own arithmetic, else None."""
    plain = text.strip()
    try:
        number = Decimal(plain) if plain.replace(".", "", 1).isascii() else None
    except ArithmeticError:
        return None
    if number is None or not number.is_finite() or not plain.replace(".", "", 1).isdigit():
        return None
    if "." in plain and decimal == ",":
        return None
    if name == "score":
        return int(number) if number == int(number) and 350 <= number <= 950 else None
    if name in ("credit_limit", "balance"):
        minor = number * 100
        return int(minor) if minor == int(minor) and number <= 10**11 else None
    return float(plain) if name == "default_probability" and number <= 1 else None


@SETTINGS
@given(
    rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=10),
    decimal=st.sampled_from(["point", "comma"]),
)
def test_a_wild_row_is_accepted_with_its_own_values_or_listed(
    rows: list[list[str]], decimal: str
) -> None:
    rows = [[f"R{i}", *row[1:]] if i % 2 else row for i, row in enumerate(rows)]
    good = ["GOOD", "700", "1", "0", "", ""]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([NAMES, *rows, good])
    try:
        found = load(out.getvalue(), decimal=decimal, delimiter=",")
    except PortfolioError:
        return
    listed = {line for line, *_ in found.rejects}
    blank = [place for place, row in enumerate(rows) if not any(cell.strip(" ") for cell in row)]
    assert found.report.blank_rows == len(blank)
    assert found.report.rows_read == len(rows) - len(blank) + 1
    assert found.report.accepted == len(found.accounts)
    assert len(listed) == found.report.rejected
    assert found.report.accepted + found.report.rejected == found.report.rows_read
    for place, row in enumerate(rows):
        if place + 2 in listed or place in blank:
            continue
        account = found.accounts[row[0].strip(" ")]
        for name, text in zip(NAMES[1:5], row[1:5], strict=True):
            value = strict(name, text, {"point": ".", "comma": ","}[decimal])
            if value is not None:
                assert account[name] == value
            elif text.strip():
                assert account[name] is not None


@SETTINGS
@given(
    rows=accounts,
    damage=st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(['"', ",", "\n", ";", "\r", "\0", "é"])),
        min_size=1,
        max_size=3,
    ),
)
def test_a_damaged_file_is_refused_or_adds_up(
    rows: list[dict[str, Any]], damage: list[tuple[int, str]]
) -> None:
    text = written([{k: v for k, v in row.items() if k != "region"} for row in rows])
    start = text.index("\n") + 1
    for place, sign in damage:
        at = start + place % (len(text) - start + 1)
        text = text[:at] + sign + text[at:]
    try:
        found = load(text, delimiter=",", decimal="point")
    except PortfolioError:
        return
    report = found.report
    assert report.accepted + report.rejected == report.rows_read
    assert report.accepted == len(found.accounts)
    assert report.accepted <= len(rows) + len(damage)
