"""Rows read back for what they say of treatments: they agree with themselves, or are named."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from analytics.export.accounts_file import accounts_on_disk
from analytics.export.treated_read import READ, TreatedReader
from analytics.policy import Policy
from tests.export.portfolios import simulated

POLICY = Policy(score_threshold=350, holdout_rate=0.3, message_holdout_rate=0.3)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with accounts_on_disk(simulated(policy=POLICY)) as listed:
        return list(csv.DictReader(io.StringIO(listed.path.read_text(encoding="utf-8"))))


def test_rows_as_they_were_written_agree_and_are_counted(rows: list[dict[str, str]]) -> None:
    reader = TreatedReader()
    assert [reader.fault([row[name] for name in READ]) for row in rows] == [None] * len(rows)
    found = reader.rows()
    assert found.treatments == Counter(row["treatment"] for row in rows)
    arms = Counter(row["message_arm"] for row in rows if row["message_arm"])
    assert found.messages == arms
    assert {"message", "held_out"} <= set(arms)
    sent = {(row["treatment"], row["message_code"]) for row in rows if row["message_code"]}
    assert found.codes == sent
    assert found.silent == {row["treatment"] for row in rows if not row["message_arm"]}


@pytest.mark.parametrize(
    ("treatment", "column", "value", "words"),
    [
        ("support", "treatment", "gidance", "its treatment is not known"),
        ("guidance", "treatment", "wait", "its treatment is not its reason's"),
        ("support", "message_code", "", "not as its message_arm says"),
        ("support", "message_arm", "", "not as its message_arm says"),
        ("support", "message_arm", "perhaps", "not as its message_arm says"),
        ("wait", "wait_months", "", "does not fit its treatment"),
        ("guidance", "wait_months", "3", "does not fit its treatment"),
        ("guidance", "missing_item", "monthly_income", "does not fit its treatment"),
        ("raise", "asked_limit", "1.00", "its asked_limit does not fit"),
    ],
)
def test_a_row_that_contradicts_itself_is_named(
    rows: list[dict[str, str]], treatment: str, column: str, value: str, words: str
) -> None:
    row = next(row for row in rows if row["treatment"] == treatment)
    assert row[column] != value
    fault = TreatedReader().fault([(row | {column: value})[name] for name in READ])
    assert fault
    assert words in fault


def test_the_message_of_support_is_never_withheld(rows: list[dict[str, str]]) -> None:
    row = next(row for row in rows if row["treatment"] == "support")
    held = row | {"message_code": "", "message_arm": "held_out"}
    fault = TreatedReader().fault([held[name] for name in READ])
    assert fault
    assert "the message of support is withheld, which it never is" in fault
