"""policy.csv: what is written is read back to the identical policy, and nothing else is."""

# Full-width characters are what is tested.
# ruff: noqa: RUF001

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.declared.choices import UnknownCells
from analytics.declared.visible import unseen_fault
from analytics.errors import ExportError, PolicyFileError
from analytics.export import (
    Context,
    load_policy,
    policy_csv,
    read_policy_csv,
    read_stated,
    save_policy,
)
from analytics.export.policy_reading import BY_NAME
from analytics.policy import Policy, Tier
from tests.places import VERSION_1

TIERED = Policy(score_threshold=650, tiers=(Tier(650, 0.05), Tier(700, 0.1), Tier(800, 0.2)))


def rates(high: int = 10_000) -> st.SearchStrategy[float]:
    return st.integers(0, high).map(lambda points: points / 10_000)


def money(low: int = 1, high: int = 10**8) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda minor: Decimal(minor) / 100)


def texts(low: int, high: int) -> st.SearchStrategy[str]:
    anything = st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\x7f", min_codepoint=32),
        min_size=low,
        max_size=high,
    )
    nasty = ["=1+1", "-7", "+x", "@a", " both ends ", '"q", ;', "雪,\u3000é", "none", "\u200dx"]
    return anything.filter(lambda text: unseen_fault(text) is None) | st.sampled_from(nasty)


def test_a_file_has_one_row_for_every_lever() -> None:
    written = io.StringIO(policy_csv(Policy()).decode("utf-8"))
    rules = [row["rule"] for row in csv.DictReader(written)]
    assert [rule for rule in rules if rule in BY_NAME] == list(BY_NAME)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    low, high = sorted(draw(st.tuples(rates(), rates())))
    starts = sorted(draw(st.sets(st.integers(300, 950), max_size=4)))
    return Policy(
        score_threshold=starts[0] if starts else draw(st.integers(0, 1000)),
        tiers=tuple(Tier(start, draw(rates())) for start in starts),
        raise_rate=draw(rates()),
        limit_cap=draw(st.none() | money()),
        income_multiple=draw(st.none() | st.integers(1, 500_000).map(lambda n: n / 10_000)),
        rounding_step=draw(money()),
        min_increment=draw(money(0)),
        max_increment=draw(st.none() | money()),
        **{
            name: draw(st.booleans())
            for name in ("closed", "opted_out", "in_hardship", "is_student", "past_due")
        },
        affordability=draw(st.booleans()),
        unknown_cells=draw(st.sampled_from(UnknownCells)),
        temporary_days=draw(st.none() | st.integers(7, 90)),
        past_due_12m=draw(st.none() | st.integers(1, 365)),
        persistent_minimum_payer=draw(st.none() | st.integers(1, 6)),
        too_new=draw(st.none() | st.integers(1, 120)),
        recent_limit_change=draw(st.none() | st.integers(1, 120)),
        utilization_out_of_range=draw(st.booleans()),
        utilization_min=low,
        utilization_max=high,
        holdout_rate=draw(rates(5_000)),
        message_holdout_rate=draw(rates(5_000)),
        policy_seed=draw(texts(1, 64)),
        name=draw(texts(1, 80)),
        author=draw(texts(0, 80)),
        note=draw(texts(0, 500)),
        effective_date=draw(st.none() | st.dates()),
    )


def table(policy: Policy) -> list[list[str]]:
    return list(csv.reader(io.StringIO(policy_csv(policy).decode("utf-8"), newline="")))


def written(rows: list[list[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode("utf-8")


def changed(policy: Policy, **values: str) -> bytes:
    rows = [[*row[:2], values.get(row[0], row[2]), *row[3:]] for row in table(policy)]
    return written(rows)


def faults_of(data: bytes) -> list[str]:
    with pytest.raises(PolicyFileError) as caught:
        read_policy_csv(data)
    return list(caught.value.faults)


def faults_or_none(data: bytes) -> list[str]:
    try:
        read_policy_csv(data)
    except PolicyFileError as error:
        return list(error.faults)
    return []


@given(policies())
def test_every_policy_comes_back_identical(policy: Policy) -> None:
    data = policy_csv(policy)
    found = read_policy_csv(data)
    assert found == policy
    assert found.fingerprint == policy.fingerprint
    assert policy_csv(found) == data


@given(policies(), st.randoms(), st.sampled_from(",;\t"))
def test_a_policy_survives_a_spreadsheet(policy: Policy, random: Any, delimiter: str) -> None:
    header, *rows = table(policy)
    random.shuffle(rows)
    kept = random.choice((3, 4, 5))
    padded = [[f" {row[0]} ", *row[1:kept]] for row in [header, *rows, [""] * 5]]
    data = b"\xef\xbb\xbf" + written(padded, delimiter)
    assert b"\r\n" in data
    assert read_policy_csv(data) == policy


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_a_policy_or_refused_in_sentences(data: bytes) -> None:
    with pytest.raises(PolicyFileError):
        read_policy_csv(data)


@given(policies(), st.data())
def test_any_broken_cell_is_a_policy_or_refused_in_sentences(policy: Policy, data: Any) -> None:
    rows = table(policy)
    row = data.draw(st.integers(0, len(rows) - 1))
    rows[row][data.draw(st.integers(0, 2))] = data.draw(
        st.text(max_size=20) | st.sampled_from(["1e99", "-1", "9" * 40, "nan", "inf", "1,000", "٣"])
    )
    faults = faults_or_none(written(rows))
    assert all(fault.endswith((".", "?")) for fault in faults), faults


def test_the_file_is_one_row_a_rule_in_plain_text() -> None:
    lines = policy_csv(Policy(name='Spring, "bold"', effective_date=dt.date(2026, 12, 1)))
    text = lines.decode("utf-8")
    assert text.startswith(
        "rule,score_from,value,unit,title\n"
        "headroom_policy,,2,format,Format of this file\n"
        "method_version,,2,version,Version of the method\n"
        "scale,,none,scale,Score scale of its scores\n"
        "currency,,none,currency,Currency of its amounts\n"
        "beyond_evidence,,off,flag,Raise beyond the evidence\n"
        "score_threshold,,800,score,Score threshold\n"
        "raise_rate,,0.2,rate,Raise\n"
        "limit_cap,,50000,money,Limit cap\n"
    )
    assert 'name,,"Spring, ""bold""",text,Policy name\n' in text
    assert "effective_date,,2026-12-01,date," in text
    assert "\r" not in text


def test_each_tier_is_a_row_of_its_own() -> None:
    rows = [row[:3] for row in table(TIERED) if row[0] == "raise_rate"]
    assert rows == [["raise_rate", "650", "0.05"], ["raise_rate", "700", "0.1"],
                    ["raise_rate", "800", "0.2"]]  # fmt: skip


def test_a_text_that_looks_like_a_formula_is_not_altered() -> None:
    policy = Policy(name="=cmd|' /C calc'!A0", note="-20 % for some", author="@x")
    assert "\nname,,=cmd|' /C calc'!A0,text," in policy_csv(policy).decode("utf-8")


def test_rates_and_amounts_may_be_written_as_people_do() -> None:
    data = changed(Policy(), raise_rate=" 12.5 % ", limit_cap="1,250,000.50", past_due="TRUE")
    found = read_policy_csv(data)
    assert (found.raise_rate, found.limit_cap, found.past_due) == (
        0.125,
        Decimal("1250000.50"),
        True,
    )


def test_a_decimal_comma_is_read_in_a_file_with_semicolons() -> None:
    rows = [[*row[:2], {"raise_rate": "0,25", "limit_cap": "1000,5"}.get(row[0], row[2])]
            for row in table(Policy())]  # fmt: skip
    found = read_policy_csv(written(rows, ";"))
    assert (found.raise_rate, found.limit_cap) == (0.25, Decimal("1000.5"))


@pytest.mark.parametrize(
    ("delimiter", "text", "said"),
    [
        (";", "50,000", "can be read in two ways: write it plainly, as 50000"),
        (";", "50.000", "was not understood"),
        (",", "50.000", "was not understood"),
        (",", "50,00", "was not understood"),
        (",", "5,0000", "was not understood"),
        (",", "5 000", "was not understood"),
    ],
)
def test_an_amount_that_reads_two_ways_is_refused(delimiter: str, text: str, said: str) -> None:
    rows = [[*row[:2], text if row[0] == "limit_cap" else row[2]] for row in table(Policy())]
    (fault,) = faults_of(written(rows, delimiter))
    assert fault.startswith(f"Line 9: limit_cap = '{text}' {said}")


def german(rows: list[list[str]], money: dict[str, str]) -> bytes:
    """Return rows as a German spreadsheet saves them: semicolons, commas, thousands with points."""
    return written([[*row[:2], money.get(row[0], row[2].replace(".", ","))] for row in rows], ";")


def test_thousands_of_a_german_spreadsheet_are_thousands() -> None:
    money = {"limit_cap": "50.000", "max_increment": "1.000.000", "min_increment": "1.000,50"}
    found = read_policy_csv(german(table(Policy()), money))
    assert (found.limit_cap, found.max_increment, found.min_increment) == (
        Decimal(50000),
        Decimal(1000000),
        Decimal("1000.50"),
    )
    assert found.raise_rate == Policy().raise_rate


def test_thousands_with_points_are_refused_where_no_other_number_tells_the_sign() -> None:
    rows = [["rule", "score_from", "value"], ["headroom_policy", "", "2"]]
    rows += [["method_version", "", "2"]]
    rows += [["limit_cap", "", "50.000"], ["rounding_step", "", "1.000"]]
    faults = faults_of(written(rows, ";"))
    assert sum("can be read in two ways" in fault for fault in faults) == 2


@pytest.mark.parametrize(
    "text", ["46357", "46357.0", "01.12.2026", "12/1/2026", "1-Dec-26", "1 Dez 2026"]
)
def test_a_date_that_a_spreadsheet_changed_is_refused_with_the_form_wanted(text: str) -> None:
    (fault,) = faults_of(changed(Policy(), effective_date=text))
    assert "effective_date" in fault
    assert text in fault
    assert "write year, month and day as 2026-10-31" in fault


def test_all_faults_are_named_at_once() -> None:
    rows = [row for row in table(Policy()) if row[0] not in ("too_new", "past_due")]
    rows[6][2] = "high"
    rows[7][2] = "3"
    rows += [["limt_cap", "", "5"], ["rounding_step", "", "50"], ["policy_seed", "700", "x"]]
    faults = faults_of(written(rows))
    assert len(faults) == 6
    expected = ("score_threshold = 'high'", "raise_rate = 300 % is too high", "limit_cap",
                "rounding_step is there more than once", "policy_seed has a score_from",
                "no row for past_due, too_new")  # fmt: skip
    for words in expected:
        assert any(words in fault for fault in faults), words


def test_a_missing_rule_is_never_filled_in() -> None:
    for name in (row[0] for row in table(Policy())[2:] if row[0] != "beyond_evidence"):
        rows = [row for row in table(Policy()) if row[0] != name]
        (fault,) = faults_of(written(rows))
        assert f"no row for {name}:" in fault


def test_a_cell_left_empty_is_refused() -> None:
    (fault,) = faults_of(changed(Policy(), limit_cap=""))
    assert "limit_cap has no value" in fault


def test_tiers_are_unambiguous() -> None:
    twice = table(TIERED)
    twice[8][1] = "650"
    assert "more than once from 650" in faults_of(written(twice))[0]
    mixed = table(TIERED)
    mixed[8][1] = ""
    assert "more than once" in faults_of(written(mixed))[0]
    word = table(TIERED)
    word[8][1] = "some"
    assert "score_from = 'some'" in faults_of(written(word))[0]
    late = table(TIERED)
    late[6][2] = "660"
    assert "let the first tier begin at the threshold" in faults_of(written(late))[0]


def test_a_file_of_another_version_is_refused_first() -> None:
    rows = table(Policy())
    rows[1][2] = "3"
    rows[6][2] = "nonsense"
    (fault,) = faults_of(written(rows))
    assert "format '3'" in fault
    assert "reads format 1 and 2" in fault
    (fault,) = faults_of(written([rows[0], *rows[2:]]))
    assert "no row headroom_policy" in fault


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"PK\x03\x04rest", "zip or a workbook"),
        (b"rule,score_from,value\n\xff\xfe", "not in UTF-8"),
        (b'rule,score_from,value\n"a', "not a proper CSV"),
        (b"account_id,score\n1,2\n", "no column rule, score_from, value"),
        (b"x" * 1_000_001, "larger than"),
    ],
)
def test_what_is_no_policy_file_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    (fault,) = faults_of(data)
    assert words in fault


def test_a_policy_is_saved_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "policy.csv"
    save_policy(TIERED, path)
    assert load_policy(path) == TIERED
    assert [item.name for item in tmp_path.iterdir()] == ["policy.csv"]
    with pytest.raises(PolicyFileError, match="there is no such file"):
        load_policy(tmp_path / "absent.csv")
    with pytest.raises(ExportError, match="no such file or folder"):
        save_policy(TIERED, tmp_path / "absent" / "policy.csv")


# ---- What the policy was made for


MADE_FOR = Context(
    scale="300-850", currency="USD", minimum_payment_rate=0.05, strain_income_share=0.25
)


@given(policies())
def test_what_a_policy_was_made_for_comes_back_and_makes_no_policy(policy: Policy) -> None:
    found = read_stated(policy_csv(policy, MADE_FOR))
    assert found.context == MADE_FOR
    assert found.policy == policy
    assert found.fingerprint == policy.fingerprint


@pytest.mark.parametrize("said", ["1", "3", "two", ""])
def test_a_policy_of_another_version_of_the_method_is_refused_first(said: str) -> None:
    rows = table(Policy())
    rows[2][2] = said
    rows[7][2] = "nonsense"
    (fault,) = faults_of(written(rows))
    assert fault.startswith(f"method_version = {said!r}: ")
    assert "the latest that this Headroom knows is 2" in fault


def test_a_raise_beyond_the_evidence_is_marked() -> None:
    for policy, mark in ((Policy(raise_rate=0.3), "off"), (Policy(raise_rate=0.31), "on")):
        rows = {row[0]: row[2] for row in table(policy)}
        assert rows["beyond_evidence"] == mark
    tiers = Policy(score_threshold=600, tiers=(Tier(600, 0.05), Tier(800, 0.5)))
    assert ["beyond_evidence", "", "on"] in [row[:3] for row in table(tiers)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("scale", "low", "score scale"),
        ("currency", "money", "three-letter"),
        ("minimum_payment_rate", "7", "minimum_payment_rate"),
        ("strain_income_share", "", "strain_income_share has no value"),
    ],
)
def test_a_fault_in_what_a_policy_was_made_for_is_named(name: str, value: str, said: str) -> None:
    text = policy_csv(Policy(), MADE_FOR).decode()
    rows = [[*row[:2], value if row[0] == name else row[2]]
            for row in csv.reader(io.StringIO(text))]  # fmt: skip
    (fault,) = faults_of(written(rows))
    assert fault.startswith("Line ")
    assert said in fault


def test_a_file_of_version_1_may_name_what_came_later() -> None:
    text = (VERSION_1 / "default_policy.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    found = read_stated(written([*rows, ["affordability", "", "on", "", ""]]))
    assert found.policy.affordability is True
    assert found.policy.unknown_cells is UnknownCells.PASS
    short = [row for row in rows if row[0] != "too_new"]
    (fault,) = faults_of(written(short))
    assert "no row for too_new:" in fault


def test_the_copy_for_viewing_of_any_version_is_refused() -> None:
    for version in ("1", "2"):
        rows = table(Policy())
        rows[1][2] = f"{version} for viewing"
        (fault,) = faults_of(written(rows))
        assert "copy of a policy file for viewing" in fault


def test_a_file_of_version_1_from_before_closed_accounts_were_told_stands_as_it_did() -> None:
    text = (VERSION_1 / "default_policy.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("closed,")]
    found = read_stated("\n".join(lines).encode())
    assert found.policy.closed is False
    assert found.context.unnamed == (
        "affordability",
        "unknown_cells",
        "temporary_days",
        "message_holdout_rate",
        "closed",
    )
    assert read_stated(text.encode()).policy.closed is True
    assert read_stated(text.encode()).context.unnamed == found.context.unnamed[:4]


def test_all_rows_that_a_file_lacks_are_named_at_once() -> None:
    gone = ("method_version", "currency", "too_new")
    (fault,) = faults_of(written([row for row in table(Policy()) if row[0] not in gone]))
    assert "no row for method_version, currency, too_new: add it" in fault


def test_full_width_digits_are_read_and_a_point_among_them_decides_nothing() -> None:
    assert read_policy_csv(changed(Policy(), limit_cap="５００００")).limit_cap == 50_000
    assert read_policy_csv(changed(Policy(), raise_rate="２５％")).raise_rate == 0.25
    (fault,) = faults_of(changed(Policy(), limit_cap="５０．０００"))
    assert "limit_cap = " in fault
