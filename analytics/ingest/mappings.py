"""Mappings that were confirmed once, kept for files with the same headers."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from analytics.declared.columns import BY_NAME
from analytics.ingest.plan import folded

Mapping = tuple[tuple[str, str], ...]


def headers_key(headers: Iterable[str]) -> str:
    """Return what files with the same headers share, in any order and case: 16 characters."""
    text = json.dumps(sorted({folded(header) for header in headers if header}))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def save_mapping(folder: Path, headers: Iterable[str], mapping: Mapping) -> Path:
    """Keep a mapping for files with these headers, in place of an earlier one."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"mapping-{headers_key(headers)}.json"
    handle, name = tempfile.mkstemp(dir=folder, prefix=".mapping-")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({"mapping": [list(pair) for pair in mapping]}, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    Path(name).replace(target)
    return target


def saved_mapping(folder: Path, headers: Iterable[str]) -> Mapping | None:
    """Return the mapping kept for files with these headers; None where there is none to use."""
    target = folder / f"mapping-{headers_key(headers)}.json"
    try:
        kept = json.loads(target.read_text(encoding="utf-8"))["mapping"]
        pairs = tuple((str(column), str(source)) for column, source in kept)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pairs if all(column in BY_NAME for column, _ in pairs) else None
