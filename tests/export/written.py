"""An export written into a folder, and its manifest read back."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from analytics.export import (
    export_policy,
)
from analytics.policy import Policy
from tests.export.portfolios import simulated

STAMPED = dt.datetime(2026, 11, 24, 16, 30, 5, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def exported(folder: Path, policy: Policy | None = None, **options: Any) -> Path:
    export_policy(simulated(policy=policy), folder, stamped=STAMPED, **options)
    return folder


def manifest_of(folder: Path) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise AssertionError(f"the manifest holds {word}")

    text = (folder / "manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return manifest
