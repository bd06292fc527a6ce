"""Files become portfolios: read, held against the contract, reported on.

The ways in are :func:`load_file`, :func:`load_bytes` and :func:`load_sample`.
"""

from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import (
    CreditBalances,
    Declaration,
    Duplicates,
    SumRow,
    parse_mapping,
    parse_marks,
    parse_statuses,
)
from analytics.ingest.load import load_bytes, load_file
from analytics.ingest.mappings import FolderMemory, HeldMemory, Memory, Remembered, own_folder
from analytics.ingest.preview import Preview, inspect_bytes, inspect_file
from analytics.ingest.proposals import Proposal, propose_mapping
from analytics.ingest.rejects import rejects_csv, rejects_table
from analytics.ingest.report import Loaded, LoadReport, RejectReason
from analytics.ingest.shipped import load_sample, named_sample

__all__ = [
    "Choice",
    "ChoiceNeeded",
    "CreditBalances",
    "Declaration",
    "Duplicates",
    "FolderMemory",
    "HeldMemory",
    "LoadReport",
    "Loaded",
    "Memory",
    "Preview",
    "Proposal",
    "RejectReason",
    "Remembered",
    "SumRow",
    "inspect_bytes",
    "inspect_file",
    "load_bytes",
    "load_file",
    "load_sample",
    "named_sample",
    "own_folder",
    "parse_mapping",
    "parse_marks",
    "parse_statuses",
    "propose_mapping",
    "rejects_csv",
    "rejects_table",
]
