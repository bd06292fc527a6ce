"""Docstrings name modules and classes by role, as in :class:`Policy`; the site links them."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:attr|class|data|func|meth|mod|obj):`~?(?P<name>[\w.]+)`")


class Roles(griffe.Extension):
    """Turn every role in a docstring into a link, or into code where nothing has that name."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object once it has been read."""
        if obj.docstring is not None:
            text = obj.docstring.value
            obj.docstring.value = _ROLE.sub(lambda found: _linked(obj, found["name"]), text)


def _linked(obj: griffe.Object, name: str) -> str:
    """Return a link to what a name means where it stands; without a meaning it stays code."""
    first, dot, rest = name.partition(".")
    try:
        target = obj.resolve(first) + dot + rest
    except griffe.NameResolutionError:
        target = name
    shown = name.removeprefix("analytics.")
    return f"[`{shown}`][{target}]" if "." in target else f"`{shown}`"
