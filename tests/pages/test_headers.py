"""Text columns of any name stop no page, in a file and in a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.accounts.books import cells_of, from_duckdb
from tests.ingest.loading import rows_text
from tests.pages import driver
from tests.pages.driver import CUSTOMERS, HOME, LOAD, PROFILE, STRESS

NAMES = (
    *("exposure", "More", "UNUSED", "new_limit", "New_Balance", "NEW_UNUSED", "new_probability"),
    *("Yield_Rate", "attrition_fall", "assumed", "CURVED", "rowid", "SELECT", "from", "Group"),
    *("x" * 300, "地区", "score_band", "--by", ":p"),
)
CELLS = cells_of(60, **dict.fromkeys(NAMES, ["North", "South"] * 30))


@pytest.mark.parametrize("kind", ["file", "table"])
def test_no_page_stops_at_the_name_of_a_text_column(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "file":
        rows = [[str(cell) for cell in row] for row in zip(*CELLS.values(), strict=True)]
        app = driver.with_portfolio("book.csv", rows_text(",".join(CELLS), rows).encode())
    else:
        from_duckdb(CELLS, tmp_path).portfolio.door.close()
        address = f"duckdb:///{tmp_path / 'bank.duckdb'}"
        monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": address}))
        app = driver.pressed(driver.opened(LOAD), "Open this table")
    assert driver.complaints(app) == []
    for page in (HOME, STRESS, CUSTOMERS, PROFILE):
        assert driver.complaints(driver.turned_to(app, page)) == [], page
    box = app.selectbox(key="profile_segment")
    assert list(box.options) == list(NAMES)
    for name in ("exposure", "score_band", "地区", "x" * 300):
        app.selectbox(key="profile_segment").set_value(name).run()
        assert driver.complaints(app) == [], name
