"""The databases that an administrator named in the settings, and their addresses.

Each has a short name and an address (a SQLAlchemy URL), in the environment variable
``HEADROOM_DATABASES`` (a JSON object) or under ``[databases]`` in ``.streamlit/secrets.toml``.
Only the short name is ever shown, logged or exported.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics.declared.language import listed, say
from analytics.errors import DatabaseError

ENVIRONMENT = "HEADROOM_DATABASES"
SECRETS = Path(".streamlit") / "secrets.toml"
SECTION = "databases"


def known_databases() -> tuple[str, ...]:
    """Return the short names of the databases in the settings, sorted."""
    return tuple(sorted(_addresses()))


def address_of(name: str) -> str:
    """Return the address of a short name.

    Raises
    ------
    DatabaseError
        The settings have no such name, or cannot be read.
    """
    known = _addresses()
    if name not in known:
        names = listed(sorted(known)) or "none"
        raise DatabaseError(
            say(
                "There is no database {name!r} in the settings: known are {names}.",
                name=name,
                names=names,
            )
        )
    return known[name]


def _addresses() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (Path.home() / SECRETS, Path.cwd() / SECRETS):
        where = say("[{section}] in {file}", section=SECTION, file=SECRETS)
        found |= _checked(_from_file(path), where)
    text = os.environ.get(ENVIRONMENT, "").strip()
    return found | _checked(_from_json(text) if text else {}, ENVIRONMENT)


def _from_file(path: Path) -> Any:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get(SECTION, {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise DatabaseError(
            say("{file} could not be read: it has to be TOML in UTF-8.", file=SECRETS)
        ) from None


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise DatabaseError(
            say(
                '{setting} was not understood: write a JSON object, {{"name": "address"}}.',
                setting=ENVIRONMENT,
            )
        ) from None


def _checked(entries: Any, where: str) -> dict[str, str]:
    if not isinstance(entries, Mapping) or not all(
        isinstance(name, str) and isinstance(url, str) and name.strip() and "://" not in name
        for name, url in entries.items()
    ):
        raise DatabaseError(
            say("{where}: give each database as a short name and an address.", where=where)
        )
    return dict(entries)
