"""Copies for viewing: no text of theirs is run by a spreadsheet, and no number is spoiled."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import PolicyFileError
from analytics.export import read_policy_csv
from analytics.export.accounts_file import accounts_on_disk
from analytics.export.viewing import BYTE_ORDER_MARK, policy_view, write_accounts_view
from analytics.policy import Policy
from analytics.shown.harmless import harmless
from tests.export.portfolios import accounts, portfolio_of, simulated

TRIGGERS = "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"


def view_of(ids: list[str]) -> list[dict[str, str]]:
    written: list[bytes] = []
    simulation = simulated(portfolio_of(accounts(ids)), Policy(score_threshold=350))
    with accounts_on_disk(simulation) as listed:
        write_accounts_view(listed.path, written.append)
    data = b"".join(written)
    assert data.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-7",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "\x00x",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "  =1",
        "\u00a0=1",
        "\u3000-1",
        "=cmd|' /C calc'!A0",
        "00123",
        "9007199254740993",
        "1E5",
        "12e3",
        "1.5",
        "1-2",
        "3/4",
        "12:30",
        "TRUE",
        "false",
        "MAR1",
        "Sept-2",
        "2026-01-01",
        "1,5",
        "5%",
        ".5",
    ],
)
def test_a_text_that_a_spreadsheet_would_run_or_change_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "A-17",
        "TW000001",
        "12345",
        "0",
        "123456789012345",
        "raise",
        "mars",
        "x=1",
        "",
        "North",
        "雪",
    ],
)
def test_any_other_text_stays(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_begins_with_a_trigger(text: str) -> None:
    shown = harmless(text)
    assert shown in (text, f"'{text}")
    assert not shown.strip().startswith(tuple(TRIGGERS))
    assert not shown.startswith(tuple(TRIGGERS))


def test_numbers_stay_numbers_and_ids_stay_readable() -> None:
    (first, second, third) = view_of(["-7", "000123", "A1"])
    assert [first["account_id"], second["account_id"], third["account_id"]] == [
        "'-7",
        "'000123",
        "A1",
    ]
    for row in (first, second, third):
        assert float(row["new_limit"]) == 12_000
        assert row["score"] == "820"
        assert row["current_limit"] == "10000.00"


def test_a_policy_for_viewing_has_harmless_texts_and_plain_numbers() -> None:
    policy = Policy(name="=1+1", author="@x", note="-20 % for some", policy_seed="007")
    data = policy_view(policy)
    assert data.startswith(BYTE_ORDER_MARK)
    rows = {row[0]: row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))}
    found = [rows[name][2] for name in ("name", "author", "note", "policy_seed")]
    assert found == ["'=1+1", "'@x", "'-20 % for some", "'007"]
    assert rows["raise_rate"][2] == "0.2"
    assert rows["limit_cap"][2] == "50000"


def test_a_policy_for_viewing_is_never_read_as_a_policy() -> None:
    data = policy_view(Policy(policy_seed="007"))
    for copy in (data, data.replace(b"\n", b"\r\n"), data.replace(b",", b";")):
        with pytest.raises(PolicyFileError, match=r"load policy\.csv of the same export instead"):
            read_policy_csv(copy)
