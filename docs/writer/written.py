"""Which documents come from the code, and what each of them says."""

from __future__ import annotations

from pathlib import Path

from analytics.cli.reference import reference
from analytics.shown.method import method_markdown
from docs.writer.architecture import architecture_markdown
from docs.writer.drawing import drawing_svg
from docs.writer.policy_files import policy_files_markdown
from docs.writer.rooms import house

ROOT = Path(__file__).resolve().parents[2]


def written() -> dict[str, str]:
    """Return every document by its path below the repository's root."""
    rooms = house(ROOT)
    return {
        "docs/method.md": method_markdown(),
        "docs/architecture.md": architecture_markdown(rooms),
        "docs/architecture.svg": drawing_svg(rooms),
        "docs/commands.md": reference(),
        "docs/policy-files.md": policy_files_markdown(),
    }
