"""``docs/policy-files.md``."""

from __future__ import annotations


def policy_files_markdown() -> str:
    """Return it."""
    return "# Policy files\n"
