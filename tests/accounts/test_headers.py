"""A segment may be called anything: its header meets no name that a statement uses."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.export.accounts_file import accounts_on_disk
from analytics.ingest import Loaded, rejects_table
from analytics.ingest.arithmetic import Number, parse_arithmetic
from analytics.policy import Policy
from analytics.results.simulation import simulate
from analytics.results.surface import load_surface
from analytics.results.whatif.pools import load_stress_pools
from tests.accounts.books import KINDS, Cells, cells_of
from tests.portfolios import alike

INNOCENT = "region"
HEADERS = (
    *("exposure", "more", "unused", "new_limit", "new_balance", "new_unused", "new_probability"),
    *("yield_rate", "attrition_fall", "assumed", "curved", "rowid", "group_label", "reason"),
    *("wanted", "binding", "headline", "raised", "s0", "s1", "t0", "v0", "c0", "valid", "repeated"),
    *("why0", "band", "line", "score_band", "accounts", "priced", "label7", "place", "cells", "p0"),
    *("__odd", "column", "value", "idle", "top", "listed", "odds_step", "checked", "elasticity"),
)
LABELS = tuple("North" if place % 3 else "South" if place % 2 else None for place in range(60))
POLICY, ASSUMPTIONS = Policy(score_threshold=700, holdout_rate=0.1), Assumptions()


def book(*headers: str) -> Cells:
    """Sixty accounts, one of them with a score off the scale, each header with the same labels."""
    cells = cells_of(60, **dict.fromkeys(headers, LABELS))
    return {**cells, "score": [5, *cells["score"][1:]]}


@pytest.fixture(scope="module", params=["file", "duckdb"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Loaded, Loaded]]:
    """Give the book with every odd header, and the same with the innocent one alone."""
    folders = (tmp_path_factory.mktemp(name) for name in ("odd", "plain"))
    opened = KINDS[request.param]
    found = tuple(
        opened(book(*headers), folder)
        for headers, folder in zip(((*HEADERS, INNOCENT), (INNOCENT,)), folders, strict=True)
    )
    yield found[0], found[1]
    for loaded in found:
        loaded.portfolio.door.close()


def test_every_header_is_a_segment(both: tuple[Loaded, Loaded]) -> None:
    odd, plain = both
    assert odd.portfolio.segments == (*HEADERS, INNOCENT)
    assert odd.report.segments == odd.portfolio.segments
    assert (odd.portfolio.accounts, odd.report.rejected) == (59, 1)
    assert odd.portfolio.total_limit == plain.portfolio.total_limit


@pytest.mark.parametrize("header", HEADERS)
def test_figures_by_a_header_are_those_by_an_innocent_name(
    both: tuple[Loaded, Loaded], header: str
) -> None:
    odd, plain = both
    found = simulate(odd.portfolio, POLICY, ASSUMPTIONS, by=header)
    wanted = simulate(plain.portfolio, POLICY, ASSUMPTIONS, by=INNOCENT)
    assert [group.label for group in found.groups] == ["(blank)", "North", "South"]
    pairs = itertools.zip_longest((found.total, *found.groups), (wanted.total, *wanted.groups))
    assert all(alike(one, other) for one, other in pairs)


@pytest.mark.parametrize("header", ["raised", "s0", "rowid", "top"])
def test_the_surface_by_a_header_is_that_by_an_innocent_name(
    both: tuple[Loaded, Loaded], header: str
) -> None:
    odd, plain = both
    raises = (0, 1_000, 2_500)
    found = load_surface(odd.portfolio, POLICY, ASSUMPTIONS, raises=raises, by=header)
    wanted = load_surface(plain.portfolio, POLICY, ASSUMPTIONS, raises=raises, by=INNOCENT)
    assert found.groups == wanted.groups
    for name in ("raised", "limit", "balance", "expected_loss"):
        ours, theirs = (np.asarray(getattr(one.by_score, name)) for one in (found, wanted))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_stress_pools_are_those_without_the_headers(both: tuple[Loaded, Loaded]) -> None:
    found, wanted = (load_stress_pools(one.portfolio, POLICY, ASSUMPTIONS) for one in both)
    for side in ("standing", "raised"):
        ours, theirs = getattr(found, side), getattr(wanted, side)
        np.testing.assert_array_equal(ours.score, theirs.score)
        np.testing.assert_array_equal(ours.keys, theirs.keys)
        for name, values in theirs.amounts.items():
            np.testing.assert_allclose(ours.amounts[name], values, rtol=1e-9)


def test_the_list_of_accounts_is_that_without_the_headers(both: tuple[Loaded, Loaded]) -> None:
    files = []
    for one in both:
        simulation = simulate(one.portfolio, POLICY, ASSUMPTIONS, by=one.portfolio.segments[0])
        with accounts_on_disk(simulation) as listed:
            files.append(listed.path.read_bytes())
    assert files[0] == files[1]


def test_rejected_rows_are_those_without_the_headers(both: tuple[Loaded, Loaded]) -> None:
    found, wanted = (rejects_table(one.portfolio) for one in both)
    assert found.equals(wanted)
    assert found[["column", "value", "reason"]].to_numpy().tolist() == [["score", "5", "off_scale"]]


def test_a_segment_is_found_by_its_title_alone(both: tuple[Loaded, Loaded]) -> None:
    portfolio = dataclasses.replace(both[0].portfolio, segments=("s1", "s0"))
    assert portfolio.segment("s1").key == "s0"
    assert portfolio.segment("s0").key == "s1"


@pytest.mark.parametrize("text", ["`limit`*_h0", "`a b` + _h0 + _h_0 - _h1", "`x` * _\uff48\uff10"])
def test_headers_in_arithmetic_meet_no_name_of_ours(text: str) -> None:
    parsed = parse_arithmetic(text)
    assert len(parsed.headers) == text.count("_") - text.count("h_") + 1
    operands = {header: Number(f"<{header}>", None, None) for header in parsed.headers}
    assert all(f"<{header}>" in parsed.compile(operands).sql for header in parsed.headers)
