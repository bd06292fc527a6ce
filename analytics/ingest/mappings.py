"""Mappings that were confirmed once, kept for files with the same headers: a user's own.

What is kept is the names of columns, never data. A memory belongs to one user: it is a folder of
theirs, or lives as long as their session. It is bounded, a header of exactly a column's name
outranks it, and a folder that cannot be written to only remembers nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from analytics.declared.columns import BY_NAME
from analytics.declared.language import Sentence, calendar_day, later
from analytics.ingest.plan import folded

Mapping = tuple[tuple[str, str], ...]
MOST = 100
"""Mappings that a memory holds; the oldest gives way."""
MOST_BYTES = 65_536
"""Size of a kept mapping above which it is not ours."""
ENVIRONMENT = "HEADROOM_HOME"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A mapping that was confirmed: what was read from where, in which file, on which day."""

    mapping: Mapping
    file: str = ""
    day: dt.date | None = None

    def for_headers(self, headers: Iterable[str]) -> Remembered | None:
        """Return what of it may be used with headers: a column's exact name is not overruled.

        Neither is such a header read as another column. None where nothing is left.
        """
        exact = {folded(header) for header in headers} & set(BY_NAME)
        pairs = tuple(
            (column, source)
            for column, source in self.mapping
            if column not in exact and folded(source.strip("`")) not in exact
        )
        return Remembered(pairs, self.file, self.day) if pairs else None

    def sentence(self, undo: str | Sentence) -> Sentence:
        """Return what is said where it is used: what is read from where, and how it is undone."""
        read = tuple(f"{column} = {source}" for column, source in self.mapping)
        return later(
            "Remembered from {file}, {day}: {read}. {undo}",
            file=self.file or later("an earlier file"),
            day=calendar_day(self.day) if self.day else later("day unknown"),
            read=read,
            undo=undo,
        )


class Memory(Protocol):
    """Mappings of one user, by the headers that they were confirmed for."""

    def recall(self, headers: Iterable[str]) -> Remembered | None:
        """Return what may be used of the mapping kept for files with these headers."""

    def keep(self, headers: Iterable[str], remembered: Remembered) -> bool:
        """Keep a mapping in place of an earlier one; return whether that was possible."""

    def forget(self, headers: Iterable[str]) -> None:
        """Forget the mapping kept for files with these headers."""


@dataclass(frozen=True, slots=True)
class HeldMemory:
    """A memory that ends with who holds it, such as a session of the app."""

    held: dict[str, Remembered] = field(default_factory=dict)

    def recall(self, headers: Iterable[str]) -> Remembered | None:
        """Return what may be used of the mapping kept for files with these headers."""
        headers = tuple(headers)
        found = self.held.get(headers_key(headers))
        return found.for_headers(headers) if found else None

    def keep(self, headers: Iterable[str], remembered: Remembered) -> bool:
        """Keep a mapping in place of an earlier one; the oldest gives way."""
        key = headers_key(headers)
        self.held.pop(key, None)
        self.held[key] = remembered
        while len(self.held) > MOST:
            del self.held[next(iter(self.held))]
        return True

    def forget(self, headers: Iterable[str]) -> None:
        """Forget the mapping kept for files with these headers."""
        self.held.pop(headers_key(headers), None)


@dataclass(frozen=True, slots=True)
class FolderMemory:
    """A memory in a folder of the user's own; a folder that is out of reach remembers nothing."""

    folder: Path | None

    def is_empty(self) -> bool:
        """Whether nothing is remembered."""
        if self.folder is None:
            return True
        try:
            return next(self.folder.glob("mapping-*.json"), None) is None
        except OSError:
            return True

    def recall(self, headers: Iterable[str]) -> Remembered | None:
        """Return what may be used of the mapping kept for files with these headers."""
        headers = tuple(headers)
        place = self._place(headers)
        try:
            if place is None or place.stat().st_size > MOST_BYTES:
                return None
            found = _read(place.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return found.for_headers(headers) if found else None

    def keep(self, headers: Iterable[str], remembered: Remembered) -> bool:
        """Keep a mapping in place of an earlier one; return whether the folder took it."""
        place = self._place(headers)
        text = _written(remembered)
        if place is None or len(text.encode("utf-8")) > MOST_BYTES:
            return False
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(place, text)
            self._make_room(place)
        except OSError:
            return False
        return True

    def forget(self, headers: Iterable[str]) -> None:
        """Forget the mapping kept for files with these headers."""
        place = self._place(headers)
        if place is not None:
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)

    def _place(self, headers: Iterable[str]) -> Path | None:
        return self.folder / f"mapping-{headers_key(headers)}.json" if self.folder else None

    def _make_room(self, newest: Path) -> None:
        kept = [path for path in newest.parent.glob("mapping-*.json") if path != newest]
        kept.sort(key=lambda path: path.stat().st_mtime_ns)
        for path in kept[: max(len(kept) + 1 - MOST, 0)]:
            path.unlink(missing_ok=True)


def own_folder(of: str = "") -> Path | None:
    """Return where the user's mappings are kept, or those of one of several users; None if nowhere.

    Parameters
    ----------
    of : str, optional
        What a user of a server is known by; only a hash of it is the folder's name.
    """
    try:
        home = Path(os.environ.get(ENVIRONMENT) or Path.home() / ".headroom")
    except RuntimeError:
        return None
    folder = home / "mappings"
    return folder / hashlib.sha256(of.encode("utf-8")).hexdigest()[:32] if of else folder


def headers_key(headers: Iterable[str]) -> str:
    """Return what files with the same headers share, in any order and case: 16 characters."""
    text = json.dumps(sorted({folded(header) for header in headers if header}))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _written(remembered: Remembered) -> str:
    record = {
        "mapping": [list(pair) for pair in remembered.mapping],
        "file": remembered.file,
        "day": remembered.day.isoformat() if remembered.day else None,
    }
    return json.dumps(record, ensure_ascii=True)


def _read(text: str) -> Remembered | None:
    """Return a kept mapping; None where it is damaged or names what is no column."""
    record = json.loads(text)
    try:
        pairs = tuple((str(column), str(source)) for column, source in record["mapping"])
        day = dt.date.fromisoformat(record["day"]) if record.get("day") else None
        file = str(record.get("file") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Remembered(pairs, file, day) if all(column in BY_NAME for column, _ in pairs) else None


def _write(place: Path, text: str) -> None:
    """Put a text in its place whole, or leave what was there."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".mapping-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


__all__ = ["FolderMemory", "HeldMemory", "Mapping", "Memory", "Remembered", "own_folder"]
