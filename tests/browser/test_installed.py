"""The app of an installed wheel, seen in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import Visit, serving

pytestmark = pytest.mark.browser


def test_an_installed_wheel_shows_figures_in_its_own_look_from_any_folder(
    chromium: Browser, installed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    with (
        serving(tmp_path / "log.txt", program=(str(installed),), folder=folder) as address,
        Visit.of(chromium, address) as visit,
    ):
        visit.open("/?score_threshold=700&raise_rate=0.2")
        assert "at 700+" in visit.cards()["Accounts raised"]
        assert visit.page.locator(".js-plotly-plot").count() > 0
        # The settings lie beside the app: size of the text, colours, no menu of the framework.
        size = "getComputedStyle(document.documentElement).fontSize"
        assert visit.page.evaluate(size) == "14px"
        assert visit.page.locator("[data-testid=stMainMenu]").count() == 0
        images = "[...document.querySelectorAll('img')].map(image => image.naturalWidth)"
        assert min(visit.page.evaluate(images)) > 0
        for title in ("Frontier", "Load"):
            visit.turn_to(title)
        assert visit.wrong() == []
