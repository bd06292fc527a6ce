"""The colours of every figure, taken from the theme file, so that charts and pages agree."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

THEME_FILE = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they mean. The same meaning has the same colour on every chart."""

    ground: str
    text: str
    muted: str
    hairline: str
    proposed: str
    proposed_light: str
    baseline: str
    warning: str
    marker: str
    """The current policy: neither good nor bad news."""


_LIGHT = Palette(
    ground="#FFFFFF",
    text="#0E1720",
    muted="#5B6670",
    hairline="#DDE2E7",
    proposed="#0F5C7A",
    proposed_light="rgba(15, 92, 122, 0.16)",
    baseline="#8A949E",
    warning="#B5482A",
    marker="#0E1720",
)
_DARK = Palette(
    ground="#11171D",
    text="#E6EBF0",
    muted="#9AA7B3",
    hairline="#33404C",
    proposed="#4496B6",
    proposed_light="rgba(68, 150, 182, 0.25)",
    baseline="#7C8894",
    warning="#E08A63",
    marker="#E6EBF0",
)


def palette(*, dark: bool = False, theme_file: Path = THEME_FILE) -> Palette:
    """Return the palette of the light or the dark theme; the theme file has the last word."""
    base = _DARK if dark else _LIGHT
    try:
        theme = tomllib.loads(theme_file.read_text(encoding="utf-8"))["theme"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return base
    named = theme.get("dark" if dark else "light", {})
    return Palette(
        ground=named.get("backgroundColor", base.ground),
        text=named.get("textColor", base.text),
        muted=base.muted,
        hairline=named.get("borderColor", base.hairline),
        proposed=named.get("primaryColor", base.proposed),
        proposed_light=base.proposed_light,
        baseline=base.baseline,
        warning=base.warning,
        marker=named.get("textColor", base.marker),
    )
