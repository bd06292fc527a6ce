"""The generated portfolios that ship with Headroom, read as they are meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from analytics.declared.choices import Sample
from analytics.declared.columns import PD_HORIZON_MONTHS
from analytics.declared.currencies import CNY
from analytics.declared.scales import SESAME
from analytics.ingest.declaration import Declaration
from analytics.ingest.load import load_file
from analytics.ingest.report import Loaded

_FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
FILES: Mapping[Sample, Path] = {
    Sample.HUABEI_LIKE: _FOLDER / "huabei_like.parquet",
    Sample.HUABEI_PLUS: _FOLDER / "huabei_plus.parquet",
}
NAMES: Mapping[Sample, str] = {
    Sample.HUABEI_LIKE: "Huabei-like sample",
    Sample.HUABEI_PLUS: "Huabei-plus sample",
}
AS_OF = dt.date(2026, 10, 31)


def load_sample(sample: Sample = Sample.HUABEI_LIKE) -> Loaded:
    """Return a generated portfolio, in CNY on the scale 350-950.

    The first has 200,000 accounts; ``Sample.HUABEI_PLUS`` has 120,000, with what a credit bureau
    and the servicing of accounts add: limits, balances and payments elsewhere, who pays in full,
    accounts that are no longer open, and blank cells.
    """
    declaration = Declaration(
        name=NAMES[sample],
        as_of=AS_OF,
        currency=CNY.code,
        scale=SESAME,
        pd_horizon_months=PD_HORIZON_MONTHS,
    )
    return load_file(FILES[sample], declaration)


def named_sample(text: str) -> Sample | None:
    """Return the sample that a text names in place of a file; None where it names none."""
    return {str(sample): sample for sample in Sample}.get(text)
