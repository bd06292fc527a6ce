"""accounts.csv read back: its rows agree with themselves, or the first that does not is named."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from analytics.export.accounts_file import accounts_on_disk
from analytics.export.accounts_read import count_rows, read_accounts
from analytics.policy import Policy
from tests.export.portfolios import simulated

HELD, RAISED, BELOW = "000000000000000001", "0002", "0019"


@pytest.fixture(scope="module")
def listed() -> bytes:
    simulation = simulated(policy=Policy(holdout_rate=0.5))
    with accounts_on_disk(simulation) as listed:
        return listed.path.read_bytes()


def test_a_list_as_it_was_written_adds_up(listed: bytes) -> None:
    found = read_accounts(io.BytesIO(listed), name="accounts.csv", arms=True)
    rows = list(csv.DictReader(io.StringIO(listed.decode())))
    assert found.rows == count_rows(io.BytesIO(listed)).rows == 25
    assert found.faults == ()
    assert found.raised == sum(row["decision"] == "raise" for row in rows)
    for name, total in found.sums.items():
        assert total == sum(Decimal(row[name]) for row in rows)


@pytest.mark.parametrize(
    ("account", "column", "value", "said"),
    [
        (HELD, "arm", "raised", "its arm is not its reason's"),
        (HELD, "arm", "", "its arm is not its reason's"),
        (BELOW, "arm", "held_out", "its arm is not its reason's"),
        (HELD, "new_limit", "12000.00", "it is not raised, and its limit moves"),
        (BELOW, "new_limit", "1.00", "it is not raised, and its limit moves"),
        (RAISED, "would_be_limit", "1.00", "to another limit than would_be_limit"),
        (RAISED, "new_limit", "1.00", "to another limit than would_be_limit"),
        (BELOW, "would_be_limit", "9.00", "has a would_be_limit of its own"),
        (HELD, "decision", "raise", "its decision is not its reason's"),
        (RAISED, "decision", "hold", "its decision is not its reason's"),
    ],
)
def test_a_row_that_contradicts_itself_is_named(
    listed: bytes, account: str, column: str, value: str, said: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(listed.decode())))
    row = next(row for row in rows if row["account_id"] == account)
    assert row[column] != value
    row[column] = value
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    (fault,) = read_accounts(io.BytesIO(data), name="accounts.csv", arms=True).faults
    line = rows.index(row) + 2
    assert fault.startswith(f"accounts.csv: row {line}, account {account!r}: ")
    assert said in fault
