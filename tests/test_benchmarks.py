"""The benchmarks, tiny: each runs, and the rivals give the product's own figures."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.results.simulation import sweep
from benchmarks import __main__ as command
from benchmarks import (
    data,
    exporting,
    handwritten,
    in_pandas,
    loading,
    one_policy,
    out_of_core,
    report,
    surfaces,
    timing,
)
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit

ACCOUNTS = 2_000
RUN = [
    name
    for name in command.ALL
    if not name.startswith(("move-", "painted-")) or name.endswith("-customers")
]
"""Of the benchmarks that are one for each page, one page's."""


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    folder = tmp_path_factory.mktemp("portfolios")
    return Setting(accounts=ACCOUNTS, rounds=2, seconds=0.0, folder=folder)


@pytest.mark.parametrize("name", RUN)
def test_every_benchmark_runs(name: str, setting: Setting) -> None:
    measured = command.ALL[name].run(setting)
    assert measured.values
    # What takes no time, or is faster by a factor beyond belief, was not measured.
    least = 0.0 if command.ALL[name].unit is Unit.STATEMENTS else 1e-9
    assert all(least <= value < 1e7 for value in measured.values), measured


@pytest.mark.parametrize("rate", [0.0, *one_policy.RAISES, 1.0])
def test_the_handwritten_statements_give_the_products_figures(
    setting: Setting, rate: float
) -> None:
    swept = sweep(setting.portfolio(), Policy(raise_rate=rate), Assumptions())
    with one_policy.own_cursor(setting.portfolio()) as cursor:
        assert handwritten.differences(cursor, swept) == []


def test_pandas_gives_the_products_figures(setting: Setting) -> None:
    frame = in_pandas.accounts_frame(setting.portfolio())
    swept = sweep(setting.portfolio(), Policy(), Assumptions())
    assert in_pandas.differences(frame, swept) == []


def test_a_difference_between_the_product_and_its_rivals_is_found(setting: Setting) -> None:
    swept = sweep(setting.portfolio(), Policy(too_new=12), Assumptions())
    frame = in_pandas.accounts_frame(setting.portfolio())
    assert "increment raised" in in_pandas.differences(frame, swept)
    with one_policy.own_cursor(setting.portfolio()) as cursor:
        assert "raised" in handwritten.differences(cursor, swept)


def test_another_threshold_runs_no_statement(setting: Setting) -> None:
    portfolio = setting.portfolio()
    with one_policy.counted_statements(portfolio) as statements:
        swept = sweep(portfolio, Policy(), Assumptions())
        assert len(statements) == 3
        for threshold in range(350, 951, 50):
            swept.at(threshold)
        assert len(statements) == 3


def test_each_side_goes_first_in_every_other_round() -> None:
    order: list[str] = []
    setting = Setting(rounds=2, seconds=0.0)
    timed = timing.pairs(lambda: order.append("a"), lambda: order.append("b"), setting)
    assert order == ["a", "b", "a", "b", "b", "a"]
    assert len(timed.ratios) == len(timed.milliseconds) == 2


def test_rounds_end_with_the_time_but_not_before_the_least_number() -> None:
    assert len(list(timing.rounds(Setting(rounds=3, seconds=0.0)))) == 3
    assert len(list(timing.rounds(Setting(rounds=3, seconds=60.0)))) == 15


def test_a_generated_portfolio_is_kept_and_reused(tmp_path: Path) -> None:
    first = data.accounts_file(10, tmp_path / "new")
    written = first.stat().st_mtime_ns
    assert data.accounts_file(10, tmp_path / "new") == first
    assert first.stat().st_mtime_ns == written


def test_a_missed_target_is_said() -> None:
    benchmark = Benchmark(
        name="x", title="X", unit=Unit.RATIO, target=1.5, run=lambda _: Measured(values=())
    )
    slow, fast = Measured(values=(1.4, 1.6, 1.7)), Measured(values=(1.4, 1.4, 1.7))
    assert "MISSED" in report.cells(benchmark, slow)
    assert "kept" in report.cells(benchmark, fast)


@pytest.mark.parametrize(("fast", "verdict"), [(900.0, "MISSED"), (1_000.0, "kept")])
def test_of_times_faster_more_is_better(fast: float, verdict: str) -> None:
    benchmark = Benchmark(
        name="x", title="X", unit=Unit.TIMES, target=1_000, run=lambda _: Measured(values=())
    )
    row = report.cells(benchmark, Measured(values=(fast,)))
    assert verdict in row
    assert "at least 1,000" in row


def test_a_larger_portfolio_has_a_target_of_its_own() -> None:
    surface = command.ALL["surface"]
    assert [surface.target_at(n) for n in (10**6, 10**7, 10**8)] == [350.0, 1_200.0, 1_200.0]
    measured = Measured(values=(500.0,))
    assert "MISSED" in report.cells(surface, measured, 10**6)
    assert "kept" in report.cells(surface, measured, 10**7)


def test_what_needs_a_browser_much_disk_or_many_draws_runs_only_where_it_is_named() -> None:
    in_browser = {name for name in command.ALL if name.startswith("painted-")}
    named = set(command.ALL) - set(command.BY_DEFAULT)
    assert named == {"arms", "out-of-core", *in_browser}
    assert len(in_browser) == 5


def test_the_copies_are_ten_times_the_portfolio_with_ids_of_their_own(tmp_path: Path) -> None:
    source = data.accounts_file(50, tmp_path / "one")
    out_of_core.write_copies(source, tmp_path)
    files = sorted(tmp_path.glob("*.parquet"))
    tables = [pq.read_table(file) for file in files]
    ids = [one for table in tables for one in table.column("account_id").to_pylist()]
    assert len(files) == 10
    assert len(set(ids)) == 500
    rows = pq.read_table(source).drop_columns("account_id").to_pylist()
    assert all(table.drop_columns("account_id").to_pylist() == rows for table in tables)


def test_a_disk_without_room_is_said_before_anything_is_written(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.accounts_file(setting.accounts, setting.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    before = sorted(setting.folder.iterdir())
    with pytest.raises(RuntimeError, match="needed on the disk"):
        out_of_core.peak(setting)
    assert sorted(setting.folder.iterdir()) == before


def _other_accounts(monkeypatch: pytest.MonkeyPatch) -> Callable[[Setting], Measured]:
    monkeypatch.setattr(loading, "_load", lambda _: (ACCOUNTS, 1))
    return loading.csv_against_duckdb


def _another_order(monkeypatch: pytest.MonkeyPatch) -> Callable[[Setting], Measured]:
    def copy(connection: Any, path: Path) -> None:
        connection.execute(f"COPY (FROM list ORDER BY account_id DESC) TO '{path}' (FORMAT csv)")

    monkeypatch.setattr(exporting, "_copy_list", copy)
    return exporting.against_copy


def _other_sums(monkeypatch: pytest.MonkeyPatch) -> Callable[[Setting], Measured]:
    sums = in_pandas.policy_sums
    monkeypatch.setattr(in_pandas, "policy_sums", lambda *given: sums(*given) * (1 + 1e-8))
    return surfaces.against_pandas


@pytest.mark.parametrize("change", [_other_accounts, _another_order, _other_sums])
def test_a_rival_with_other_results_is_refused(
    change: Callable[[pytest.MonkeyPatch], Callable[[Setting], Measured]],
    setting: Setting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(AssertionError, match="The rival"):
        change(monkeypatch)(setting)


def test_the_command_writes_the_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ["--accounts", "1k", "--rounds", "1", "--seconds", "0", "--date", "2026-11-30"]
    places = ["--folder", str(tmp_path), "--results", str(tmp_path / "results.md")]
    assert command.main(["threshold-move", *tiny, *places]) == 0
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "1,000 accounts" in text
    assert dt.date(2026, 11, 30).isoformat() in text
    assert "| threshold-move |" in capsys.readouterr().out


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["no-such-thing"])
    assert "no-such-thing" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "number"), [("2000", 2_000), ("200k", 200_000), ("10M", 10**7)])
def test_account_numbers_may_be_short(text: str, number: int) -> None:
    assert command.account_number(text) == number
