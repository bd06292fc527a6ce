"""Mappings that a user of the command line keeps: asked for, said where used, and forgotten."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

from analytics.declared.language import later, say
from analytics.errors import ParameterError
from analytics.ingest import (
    Declaration,
    FolderMemory,
    Loaded,
    Remembered,
    inspect_file,
    load_file,
    own_folder,
)


def loaded_file(path: Path, declaration: Declaration, options: argparse.Namespace) -> Loaded:
    """Return the portfolio in a file, read with what is remembered of its headers.

    A column that ``--map`` names or whose own name is a header is never read otherwise. Where a
    memory is used, the report says so, and so does a line beside what other commands print.
    """
    memory = FolderMemory(own_folder())
    asked = options.remember or options.forget
    if not asked and memory.is_empty():
        return load_file(path, declaration)
    headers = inspect_file(path, declaration).headers
    if options.forget:
        memory.forget(headers)
    recalled = memory.recall(headers)
    used = _used(recalled, declaration) if recalled else None
    if used:
        both = (*declaration.mapping, *used.mapping)
        declaration = replace(declaration, mapping=both)
    loaded = load_file(path, declaration)
    if options.remember:
        _keep(memory, headers, declaration, path)
    return _noted(loaded, used, quiet=options.command == "check") if used else loaded


def refuse_memory(options: argparse.Namespace) -> None:
    """Refuse the options on what is remembered where no file is read."""
    if options.remember or options.forget:
        raise ParameterError(
            say(
                "--remember and --forget are for files: the names of a table's columns are set "
                "in a view, and the sample has its own."
            )
        )


def _used(recalled: Remembered, declaration: Declaration) -> Remembered | None:
    """Return what is remembered of columns that the command line says nothing about."""
    said = {column for column, _ in declaration.mapping}
    pairs = tuple(pair for pair in recalled.mapping if pair[0] not in said)
    return replace(recalled, mapping=pairs) if pairs else None


def _keep(
    memory: FolderMemory, headers: tuple[str, ...], declaration: Declaration, path: Path
) -> None:
    own = tuple(pair for pair in declaration.mapping if pair[1])
    today = dt.datetime.now(dt.UTC).date()
    if not memory.keep(headers, Remembered(own, path.name, today)):
        _say(
            say(
                "The mapping is not remembered: its folder cannot be written to. Name another "
                "one in HEADROOM_HOME."
            )
        )


def _noted(loaded: Loaded, used: Remembered, *, quiet: bool) -> Loaded:
    sentence = used.sentence(later("--forget undoes that."))
    if not quiet:
        _say(str(sentence))
    return loaded.with_note(sentence)


def _say(sentence: str) -> None:
    sys.stderr.write(f"headroom: {sentence}\n")
