"""The types of what runs a command line in tests."""

from collections.abc import Callable
from typing import Any

Run = Callable[..., tuple[int, str, list[str]]]
"""Words of a command line to its exit code, its output, and the lines said beside it."""
Read = Callable[..., dict[str, Any]]
"""Words of a command line to the object that it prints with ``--json``."""
