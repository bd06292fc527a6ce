"""The policy under which pages are read: bold enough that each of them has something to say."""

from __future__ import annotations

from tests.oracle import DEFAULT_POLICY

LINK = {"score_threshold": "650", "raise_rate": "0.25"}
"""As a link asks for it."""
POLICY = DEFAULT_POLICY | {"score_threshold": 650, "raise_rate": 0.25}
"""As the oracle takes it."""
