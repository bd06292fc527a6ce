"""Where things lie: the repository, the worked material beside it, and the portfolios of tests."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CASES = ROOT / "tests" / "cases" / "accounts.csv"
PAYERS = ROOT / "tests" / "cases" / "payers.csv"
SAMPLE = ROOT / "sample_data" / "huabei_like.parquet"
PLUS = ROOT / "sample_data" / "huabei_plus.parquet"
THOUSAND = ROOT / "sample_data" / "huabei_like_1000.csv"
VERSION_1 = ROOT / "tests" / "version_1"
"""What version 1 of the method wrote: policies, their figures, and an export."""
