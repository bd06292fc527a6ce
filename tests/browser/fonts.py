"""Fonts for the browser under test: a machine may have none that draws Chinese."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGE = "manimgx_fonts_cjk"
FAMILY = "Noto Sans CJK SC"
"""Of the package's faces the one with the forms of mainland China."""
_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match>
    <edit name="family" mode="append_last"><string>{family}</string></edit>
  </match>
</fontconfig>
"""


def settings(folder: Path) -> Path:
    """Write the settings of fontconfig with the package's font beside the machine's own."""
    found = importlib.util.find_spec(PACKAGE)
    assert found is not None
    assert found.origin is not None
    path = folder / "fonts.conf"
    fonts = Path(found.origin).parent
    text = _SETTINGS.format(fonts=fonts, cache=folder / "cache", family=FAMILY)
    path.write_text(text, encoding="utf-8")
    return path
