"""What the tests of loading share: a file written in a line, and what came of it."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.accounts.database import EmbeddedDatabase
from analytics.ingest import Declaration, LoadReport, load_bytes
from analytics.ingest.report import Loaded
from analytics.portfolio import segment_name

HEADER = "account_id,score,credit_limit,balance"


@dataclass(frozen=True)
class Outcome:
    """Accounts by id, rejects as (line, column, value, reason), and the report."""

    accounts: dict[str, dict[str, Any]]
    rejects: list[tuple[int, str, str | None, str]]
    report: LoadReport

    def reason(self, line: int, column: str) -> str:
        found = [why for at, name, _, why in self.rejects if (at, name) == (line, column)]
        assert len(found) == 1, self.rejects
        return found[0]


def outcome(loaded: Loaded) -> Outcome:
    database = loaded.portfolio.door
    assert isinstance(database, EmbeddedDatabase)
    with contextlib.closing(database._owner.cursor()) as cursor:
        result = cursor.execute("SELECT * FROM accounts")
        titles = {
            segment_name(place): title for place, title in enumerate(loaded.portfolio.segments)
        }
        names = [titles.get(column[0], column[0]) for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        rejects = cursor.execute("SELECT * FROM rejects").fetchall()
    database.close()
    return Outcome({row["account_id"]: row for row in rows}, rejects, loaded.report)


def load(data: str | bytes, *, file_name: str = "file.csv", **declared: Any) -> Outcome:
    content = data.encode("utf-8") if isinstance(data, str) else data
    return outcome(load_bytes(file_name, content, Declaration(**declared)))


def rows_text(header: str, rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue()
