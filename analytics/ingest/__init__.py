"""Files become portfolios: read, held against the contract, reported on.

The ways in are :func:`load_file`, :func:`load_bytes` and :func:`load_sample`.
"""

from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import Declaration, Duplicates, parse_mapping
from analytics.ingest.load import load_bytes, load_file, load_sample
from analytics.ingest.report import Loaded, LoadReport, RejectReason

__all__ = [
    "Choice",
    "ChoiceNeeded",
    "Declaration",
    "Duplicates",
    "LoadReport",
    "Loaded",
    "RejectReason",
    "load_bytes",
    "load_file",
    "load_sample",
    "parse_mapping",
]
