"""The colours come from the theme file, and what is read stands out from its ground."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from analytics.shown.palette import THEME_FILE, Palette, palette
from tests.contrast import contrast

AA = 4.5
"""The contrast that WCAG asks of text."""
AA_LARGE = 3.0
"""The contrast that it asks of large text, and of lines and marks that carry meaning."""


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True])
def test_the_palette_is_the_theme_files(dark: bool) -> None:
    theme = tomllib.loads(THEME_FILE.read_text(encoding="utf-8"))["theme"]
    named = theme["dark" if dark else "light"]
    found = palette(dark=dark)
    assert found.ground == named["backgroundColor"]
    assert found.text == found.marker == named["textColor"]
    assert found.proposed == named["primaryColor"]
    assert found.hairline == named["borderColor"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["text", "muted", "proposed", "warning", "marker"])
def test_what_is_read_has_the_contrast_of_aa(name: str, dark: bool) -> None:
    found = palette(dark=dark)
    assert contrast(getattr(found, name), found.ground) >= AA


@pytest.mark.parametrize("dark", [False, True])
def test_bars_of_the_baseline_stand_out_from_the_ground(dark: bool) -> None:
    found = palette(dark=dark)
    assert contrast(found.baseline, found.ground) >= AA_LARGE


@pytest.mark.parametrize("dark", [False, True])
def test_no_two_meanings_share_a_colour(dark: bool) -> None:
    found = palette(dark=dark)
    told_apart = (found.ground, found.proposed, found.baseline, found.warning, found.marker)
    assert len(set(told_apart)) == len(told_apart)


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_is_written_out(dark: bool) -> None:
    pattern = re.compile(r"#[0-9A-F]{6}|rgba\(\d+, \d+, \d+, 0\.\d+\)")
    found = palette(dark=dark)
    assert all(pattern.fullmatch(getattr(found, item.name)) for item in fields(Palette))


def test_another_theme_file_has_the_last_word(tmp_path: Path) -> None:
    theme = tmp_path / "config.toml"
    theme.write_text('[theme.light]\nprimaryColor = "#123456"\n', encoding="utf-8")
    found = palette(theme_file=theme)
    assert found.proposed == "#123456"
    assert found.ground == palette().ground


@pytest.mark.parametrize("text", [None, "", "not = [toml", "[server]\nport = 1\n"])
def test_without_a_theme_the_palette_is_the_shipped_one(tmp_path: Path, text: str | None) -> None:
    theme = tmp_path / "config.toml"
    if text is not None:
        theme.write_text(text, encoding="utf-8")
    for dark in (False, True):
        assert palette(dark=dark, theme_file=theme).ground == palette(dark=dark).ground
