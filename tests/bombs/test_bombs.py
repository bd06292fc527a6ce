"""What is made to take all memory or time is answered in a sentence, within bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bombs import bombs
from tests.bombs.measured import TABLE, run

MEGABYTES, SECONDS = 1000, 30
MILLION = 1_000_000
ROWS = 200_000
Make = Callable[[Path], Path]

FILES: dict[str, tuple[Make, str]] = {
    "one long id": (
        lambda at: bombs.parquet(at, ROWS, account_id=bombs.one_value("x" * 45_000, ROWS)),
        "from all over the file",
    ),
    "one long limit": (
        lambda at: bombs.parquet(at, ROWS, credit_limit=bombs.one_value("9" * 45_000, ROWS)),
        "from all over the file",
    ),
    "lists of long texts": (
        lambda at: bombs.parquet(at, 20_000, balance=bombs.nested(20_000)),
        "None of the 20,000 rows",
    ),
    "a row group for each row": (lambda at: bombs.row_groups(at, 25_001), "25,001 row groups"),
    "a long footer": (lambda at: bombs.long_footer(at, 20 * MILLION), "footer has 20,000,000"),
    "thousands of columns": (
        lambda at: bombs.parquet(at, 1, **{f"c{place}": [1] for place in range(5000)}),
        "5,004 columns",
    ),
    "a workbook with forged sizes": (
        lambda at: bombs.forged(bombs.workbook(at, bombs.repeated(bombs.ROW, 2 * MILLION))),
        "damaged or protected",
    ),
    "a workbook that unpacks to far more": (
        lambda at: bombs.workbook(at, bombs.repeated(bombs.ROW, 2 * MILLION)),
        "unpacks to far more",
    ),
    "a shared text in every row": (
        lambda at: bombs.workbook(
            at,
            bombs.repeated(bombs.SHARED_ROW, 100_000),
            shared=[b"<si><t>", b"x" * 60_000, b"</t></si>"],
        ),
        "900 MB of memory",
    ),
    "a cell in the last corner": (
        lambda at: bombs.workbook(
            at, [bombs.ROW, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>']
        ),
        "900 MB of memory",
    ),
    "formulas that never end": (
        lambda at: bombs.workbook(at, bombs.repeated(b"<f ", MILLION)),
        "damaged or protected",
    ),
    "nothing but quotation marks": (
        lambda at: bombs.lines(at, bombs.repeated(b'"' * 1000, 150_000)),
        "Line 2 is longer than 8,388,608 bytes",
    ),
    "lines of quotation marks": (
        lambda at: bombs.lines(
            at, (b'A,"%s\n%s",1,700\n' % (b'"' * 2000, b'"' * 2000) for _ in range(12_000))
        ),
        "48,024,000 quotation marks",
    ),
    "one field of 50 MB": (
        lambda at: bombs.lines(at, [b"A,", *bombs.repeated(b"1" * 1000, 50_000), b",1,700\n"]),
        "Line 2 is longer",
    ),
    "thousands of columns in a header": (
        lambda at: bombs.lines(at, [b"1\n"], b",".join(b"c%d" % c for c in range(20_000)) + b"\n"),
        "20,000 columns",
    ),
    "headers of 60,000 characters": (
        lambda at: bombs.lines(at, [b"1,2\n"], b"a" * 60_000 + b",b\n"),
        "60,000 characters",
    ),
    "millions of empty rows": (
        lambda at: bombs.lines(at, bombs.repeated(b",,,\n", 4 * MILLION)),
        "a header and no rows",
    ),
    "a million rows of words": (
        lambda at: bombs.lines(at, bombs.repeated(b"a,b,c,d\n", MILLION)),
        "from all over the file",
    ),
    "one id in millions of rows": (
        lambda at: bombs.lines(at, bombs.repeated(b"A,9,1,700\n", 2 * MILLION)),
        "about 1 ids",
    ),
    "ids of 60,000 characters": (
        lambda at: bombs.lines(at, (b"%d%s,9,1,700\n" % (i, b"A" * 60_000) for i in range(1500))),
        "None of the 1,500 rows",
    ),
    "scores of 5,000 digits": (
        lambda at: bombs.lines(at, (b"A%d,9,1,%s\n" % (i, b"7" * 5000) for i in range(5000))),
        "None of the 5,000 rows",
    ),
    "a zip of zeros": (
        lambda at: bombs.packed(at, a__csv=bombs.repeated(b"A" * 1000, 500_000)),
        "unpacks to far more",
    ),
    "a zip in a zip": (
        lambda at: bombs.packed(
            at, a__zip=[bombs.packed(at, a__csv=[b"A" * MILLION]).read_bytes()]
        ),
        "compressed twice",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_take_all_memory_is_answered_in_a_sentence(
    name: str, tmp_path: Path
) -> None:
    make, said = FILES[name]
    taken = run("check", make(tmp_path / "bomb"), "--scale", "350-950")
    assert taken.code == 2
    assert said in taken.said
    assert len(taken.said) < 1000
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def test_a_long_text_beside_good_accounts_takes_no_memory(tmp_path: Path) -> None:
    city = bombs.one_value("x" * 45_000, ROWS)
    taken = run("check", bombs.parquet(tmp_path / "bomb", ROWS, city=city), "--scale", "350-950")
    assert taken.code == 0
    assert "200,000 of 200,000 rows used" in taken.said
    assert "Left aside: city" in taken.said
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def test_a_segment_of_a_million_values_is_left_aside(tmp_path: Path) -> None:
    header = bombs.HEADER.strip() + b",city\n"
    rows = (b"A%d,9,1,700,c%d\n" % (i, i if i > 20_000 else i % 40) for i in range(MILLION))
    taken = run("check", bombs.lines(tmp_path / "bomb", rows, header), "--scale", "350-950")
    assert "Left aside: city" in taken.said
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


@pytest.mark.parametrize(
    ("option", "pieces", "said"),
    [
        (
            "--policy",
            [b"rule,score_from,value\nheadroom_policy,,1\n", b"unknown,,1\n" * 60_000],
            "60,001 rows",
        ),
        (
            "--policy",
            [
                b"rule,score_from,value\nheadroom_policy,,1\n",
                *(b"constraint,,ead_incremen_%d<=1\n" % i for i in range(1900)),
            ],
            "And 80 more faults.",
        ),
        (
            "--assumptions",
            [
                b"name,value\nheadroom_assumptions,1\n",
                *(b"loss_given_defaul%d,1\n" % i for i in range(1900)),
            ],
            "And 80 more faults.",
        ),
    ],
    ids=["rules", "constraints", "assumptions"],
)
def test_a_file_of_unknown_names_shows_its_first_faults_and_a_count(
    option: str, pieces: list[bytes], said: str, tmp_path: Path
) -> None:
    file = bombs.lines(tmp_path / "bomb.csv", pieces, b"")
    taken = run("simulate", "sample", option, file)
    assert taken.code == 2
    assert said in taken.said
    assert len(taken.said.splitlines()) <= 21
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def test_an_export_that_unpacks_to_far_more_is_not_whole(tmp_path: Path) -> None:
    assert run("export", "sample", "--out", tmp_path / "out").code == 0
    files = {
        file.name.replace(".", "__"): [file.read_bytes()] for file in (tmp_path / "out").iterdir()
    }
    zeros = bombs.repeated(b"0" * 1000, 500_000)
    taken = run(
        "verify-export", bombs.packed(tmp_path / "b.zip", **{**files, "accounts__csv": zeros})
    )
    assert taken.code == 1
    assert "accounts.csv unpacks to far more than an export holds" in taken.said
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


DEEP, MANY = 5_000, 10_000
WORDS: dict[str, tuple[list[str], int]] = {
    "an appetite of 1,500 constraints": (
        ["simulate", "sample", "--set", "constraints=" + "; ".join(["ead_increment <= 1"] * 1500)],
        21,
    ),
    "tiers of 10,000": (
        ["simulate", "sample", "--set", "tiers=" + ", ".join(["700:0.1"] * 10_000)],
        21,
    ),
    "tiers of 5,000 digits": (
        ["simulate", "sample", "--set", f"tiers={'7' * 5000}:0.{'1' * 5000}"],
        5,
    ),
    "a raise of 5,000 digits": (["simulate", "sample", "--raise", "9" * 5000], 5),
    "a raise of a huge exponent": (["simulate", "sample", "--raise", "1e999999999"], 5),
    "brackets in brackets": (["--map", f"balance={'(' * DEEP}used{')' * DEEP}"], 5),
    "signs before a number": (["--map", f"balance={'-' * DEEP}used"], 5),
    "an exponent without end": (["--map", "balance=used*1e999999999"], 5),
    "powers of powers": (["--map", "balance=used*9**9**9**9"], 5),
    "ten thousand terms": (["--map", f"balance={'+'.join(['used'] * MANY)}"], 5),
}


@pytest.mark.parametrize("name", WORDS)
def test_words_that_are_made_to_take_all_time_are_answered_in_sentences(
    name: str, tmp_path: Path
) -> None:
    words, most = WORDS[name]
    if words[0] == "--map":
        header = b"account_id,credit_limit,used,score\n"
        file = bombs.lines(tmp_path / "a.csv", [b"A1,100,1,700\nA2,200,5,800\n"], header)
        words = ["check", str(file), "--scale", "350-950", *words]
    taken = run(*words)
    assert taken.code == 2
    assert 0 < len(taken.said.splitlines()) <= most, taken.said[:2000]
    assert len(taken.said) < 6000, taken.said[:2000]
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def test_a_file_of_thousands_of_scenarios_shows_its_first_faults(tmp_path: Path) -> None:
    rows = (b"s%d,unknown%d,9\n" % (i, i) for i in range(1900))
    file = bombs.lines(tmp_path / "bomb.csv", rows, b"name,headroom_scenarios,1\n")
    taken = run("stress", "sample", "--scenario", file)
    assert taken.code == 2
    assert len(taken.said.splitlines()) <= 21
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


@pytest.mark.parametrize("where", ["file", "table"])
def test_nothing_is_grouped_by_a_segment_of_a_million_values(where: str, tmp_path: Path) -> None:
    if where == "file":
        header = bombs.HEADER.strip() + b",city\n"
        rows = (b"A%d,9,1,700,c%d\n" % (i, i) for i in range(MILLION))
        file = bombs.lines(tmp_path / "bomb", rows, header)
        taken = run("optimise", file, "--scale", "350-950", "--tiers", "--by", "city")
        assert taken.code == 2
        assert "city" in taken.said
    else:
        taken = run(TABLE, view_of(tmp_path, MILLION, city="'c' || range"), "accounts", "60")
        assert taken.said.endswith("segments [], aside ['city']")
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def view_of(path: Path, rows: int = 1000, **over: str) -> str:
    """Return the address of a view of good accounts, with other columns or in place of theirs."""
    good = {"account_id": "CAST(range AS VARCHAR)", "credit_limit": "1000.0", "balance": "10.0"}
    columns = {**good, "score": "700", **over}
    query = ", ".join(f"{cell} AS {name}" for name, cell in columns.items())
    return f"duckdb:///{bombs.view(path / 'bomb.duckdb', f'SELECT {query} FROM range({rows})')}"


TENS_OF_GIGABYTES = "repeat('x', 10000000) || range"


@pytest.mark.parametrize(
    "columns",
    [
        {"account_id": "repeat('x', 1000000000)"},
        {"account_id": TENS_OF_GIGABYTES},
        {"city": TENS_OF_GIGABYTES},
        {"balance": f"length({TENS_OF_GIGABYTES}) * 1.0"},
        {"account_id": "CAST(list_transform(range(100000000), lambda x: x) AS VARCHAR)"},
    ],
    ids=["constant", "id", "segment", "number", "list"],
)
def test_a_view_that_makes_gigabytes_of_text_is_refused(
    columns: dict[str, str], tmp_path: Path
) -> None:
    taken = run(TABLE, view_of(tmp_path, **columns), "accounts")
    assert taken.code == 2
    # On a busy machine its time is over first.
    assert re.search("HEADROOM_MEMORY|within the time limit", taken.said)
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def test_a_long_text_in_a_table_is_refused_as_an_id_and_left_aside_as_a_segment(
    tmp_path: Path,
) -> None:
    long = "repeat('x', 20000) || range"
    refused = run(TABLE, view_of(tmp_path, account_id=long), "accounts")
    assert "'account_id' holds a text of 20,003 bytes, more than the 10,000" in refused.said
    taken = run(TABLE, view_of(tmp_path, notes=long, city="'north'"), "accounts")
    assert taken.said.endswith("1000 accounts, segments ['city'], aside ['notes']")
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken


def test_a_view_without_end_is_given_up(tmp_path: Path) -> None:
    columns = "CAST(a.range AS VARCHAR) AS account_id, 700 AS score, 1.0 AS credit_limit"
    rows = "range(10000000) a, range(10000000) b"
    query = f"SELECT {columns}, 0.0 AS balance FROM {rows}"
    taken = run(TABLE, f"duckdb:///{bombs.view(tmp_path / 'bomb.duckdb', query)}", "accounts")
    assert taken.code == 2
    assert "within the time limit" in taken.said
    assert (taken.megabytes < MEGABYTES, taken.seconds < SECONDS) == (True, True), taken
