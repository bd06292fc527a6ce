"""Whether an export is still what was written: hashes, rows and control sums against its manifest.

A spreadsheet that opens ``accounts.csv`` and saves it again loses leading zeros and long ids; a
copy can stop half way. Both are found here, before an engine reads the file.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

from analytics.errors import PolicyFileError
from analytics.export.accounts_file import SUMMED
from analytics.export.atomic import fault_of
from analytics.export.bundle import ACCOUNTS, ACCOUNTS_VIEW, FILES, POLICY
from analytics.export.manifest import FORMAT_KEY, FORMAT_VERSION, MANIFEST
from analytics.export.policy_file import MAX_BYTES, read_policy_csv

MAX_MANIFEST = 10_000_000
Open = Callable[[str], contextlib.AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class _Export:
    """A folder or zip that holds an export: which files, and how to open one."""

    place: Path
    names: frozenset[str]
    open: Open


def verify_export(place: Path) -> list[str]:
    """Return every fault of an export in a folder or zip, one sentence each; none if it is whole.

    Files of other names beside it are not looked at.
    """
    try:
        with _opened(place) as export:
            return _faults(export)
    except zipfile.BadZipFile:
        return [f"{place} is not a whole zip: export again, or copy it again."]
    except OSError as error:
        return [f"{place} cannot be read: {fault_of(error)}."]


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[_Export]:
    if place.is_dir():
        names = frozenset(name for name in FILES if (place / name).exists())
        yield _Export(place, names, lambda name: (place / name).open("rb"))
        return
    with zipfile.ZipFile(place) as archive:

        @contextlib.contextmanager
        def member(name: str) -> Iterator[BinaryIO]:
            with archive.open(name) as file:
                yield file  # type: ignore[misc]

        yield _Export(place, frozenset(archive.namelist()) & frozenset(FILES), member)


def _faults(export: _Export) -> list[str]:
    if MANIFEST not in export.names:
        return [f"{export.place} has no {MANIFEST}: there is no complete export. Export again."]
    try:
        manifest = _manifest(export)
        listed = {entry["name"]: entry for entry in manifest["files"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return [f"{MANIFEST} was changed or cut short and cannot be read: export again."]
    if manifest[FORMAT_KEY] != FORMAT_VERSION:
        return [
            f"{MANIFEST} is not of format {FORMAT_VERSION}: check it with the version it names."
        ]
    found = [
        f"{name} is there, but the manifest does not name it: it is of another export."
        for name in FILES
        if name in export.names and name not in listed and name != MANIFEST
    ]
    found += [
        f"The manifest names no {name}: export again."
        for name in (POLICY, ACCOUNTS)
        if name not in listed
    ]
    for name, entry in listed.items():
        found += _file_faults(export, name, entry)
    return found + _policy_faults(export, manifest)


def _manifest(export: _Export) -> Mapping[str, Any]:
    with export.open(MANIFEST) as file:
        manifest = json.loads(file.read(MAX_MANIFEST).decode("utf-8"))
    if not isinstance(manifest, dict) or FORMAT_KEY not in manifest:
        raise ValueError(MANIFEST)
    return manifest


def _file_faults(export: _Export, name: str, entry: Mapping[str, Any]) -> list[str]:
    if name not in FILES or name == MANIFEST:
        return ["The manifest names a file that no export writes: it was changed. Export again."]
    if name not in export.names:
        return [f"{name} is missing: export again."]
    try:
        digest, size = _digest(export, name)
        same = (digest, size) == (entry["sha256"], entry["bytes"])
        rows, sums = entry["rows"], dict(entry.get("control_sums") or {})
    except (KeyError, TypeError, ValueError):
        return [f"{MANIFEST} was changed and says too little of {name}: export again."]
    found = []
    if not same:
        found.append(
            f"{name} was changed after the export: its SHA-256 or its size ({size:,} bytes) is not "
            "the manifest's. Do not use it; export again."
        )
    return found + _content_faults(export, name, rows, sums)


def _content_faults(
    export: _Export, name: str, rows: object, sums: Mapping[str, object]
) -> list[str]:
    try:
        counted, added = _read(export, name)
    except (csv.Error, UnicodeDecodeError, InvalidOperation, ValueError, IndexError):
        return [f"{name} cannot be read as the table that was exported: do not use it."]
    found = [f"{name} has {counted:,} rows, and the manifest says {rows}."]
    found = found if counted != rows else []
    found += [
        f"{name}: {column} adds up to {total}, and the manifest says {sums.get(column, 'nothing')}."
        for column, total in added.items()
        if str(total) != sums.get(column)
    ]
    return found


def _read(export: _Export, name: str) -> tuple[int, dict[str, Decimal]]:
    """Return the rows of a table below its header, and the sums of its money columns."""
    with export.open(name) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        header = next(reader, [])
        if name not in (ACCOUNTS, ACCOUNTS_VIEW):
            return sum(1 for _ in reader), {}
        places = [header.index(column) for column in SUMMED]
        totals, count = [Decimal("0.00") for _ in places], 0
        for row in reader:
            count += 1
            for at, place in enumerate(places):
                totals[at] += Decimal(row[place])
    return count, dict(zip(SUMMED, totals, strict=True))


def _digest(export: _Export, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with export.open(name) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _policy_faults(export: _Export, manifest: Mapping[str, Any]) -> list[str]:
    if POLICY not in export.names:
        return []
    with export.open(POLICY) as file:
        data = file.read(MAX_BYTES + 1)
    try:
        fingerprint = read_policy_csv(data).fingerprint
    except PolicyFileError as error:
        return [f"{POLICY}: {fault}" for fault in error.faults]
    said = manifest.get("policy")
    if not isinstance(said, dict) or said.get("fingerprint") != fingerprint:
        return [f"{POLICY} is not the policy that the manifest describes: export again."]
    return []
