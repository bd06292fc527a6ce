"""The app behind its guards, in a real browser: all of it works, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import Visit, serving

pytestmark = pytest.mark.browser

PAGES = ("", "frontier", "stress", "value", "customers", "assumptions", "load", "profile", "method")


@pytest.mark.parametrize("page", PAGES)
def test_the_first_visitor_of_a_fresh_server_finds_every_page(
    page: str, chromium: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path / "log.txt") as address, Visit.of(chromium, address) as first:
        first.open(f"/{page}?score_threshold=700")
        assert first.page.locator("[role=dialog]").count() == 0
        assert "Page not found" not in first.text()
        assert first.lever("Score threshold") == 700
        assert first.page.locator("[data-testid=stTopNavLink]").count() >= 3
        # What the policy of the page's content forbids is an error in the console.
        assert first.wrong() == []


def test_the_link_is_copied_and_fonts_and_pictures_are_there(visit: Visit) -> None:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.open("/?score_threshold=700").click("Link")
    shown = visit.page.locator("[data-testid=stCode]").first
    shown.hover()
    shown.locator("button").first.click()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(visit.address)
    assert "score_threshold=700" in copied
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    assert any("Source Sans" in family for family in visit.page.evaluate(loaded))
    images = "[...document.querySelectorAll('img')].map(image => image.naturalWidth)"
    assert min(visit.page.evaluate(images)) > 0


def test_no_other_site_can_show_the_app_in_a_frame(visit: Visit) -> None:
    visit.page.set_content(f"<iframe src='{visit.address}/'></iframe>")
    visit.page.wait_for_timeout(2000)
    (frame,) = visit.page.frames[1:]
    assert frame.locator("[data-testid=stApp]").count() == 0
    assert any("frame" in line for line in visit.noise)
    visit.noise.clear()


def test_a_link_on_another_site_leaves_an_open_tab_its_downloads(
    visit: Visit, tmp_path: Path
) -> None:
    visit.open("/?score_threshold=700")
    other = visit.page.context.new_page()
    other.set_content(f"<a href='{visit.address}/?score_threshold=710'>the policy</a>")
    other.click("a")
    other.locator("[data-testid=stMetric]").first.wait_for(timeout=180_000)
    # Its files were offered before the link was followed.
    assert visit.click("Export").save("manifest.json", tmp_path).read_bytes().startswith(b"{")


def test_no_chart_download_or_upload_does_what_the_policy_of_the_content_forbids(
    visit: Visit, tmp_path: Path
) -> None:
    charts = 0
    for page in PAGES:
        visit.open(f"/{page}?score_threshold=700")
        charts += visit.page.locator(".js-plotly-plot .main-svg").count()
    assert charts >= 5
    rows = "".join(f"A{place},{600 + place},5000,{place}\n" for place in range(300))
    visit.open("/load").page.locator("[data-testid=stMain] input[type=file]").set_input_files(
        {
            "name": "mine.csv",
            "mimeType": "text/csv",
            "buffer": f"account_id,score,credit_limit,balance\n{rows}".encode(),
        }
    )
    visit.settled().click("Load this portfolio")
    assert visit.errors() == []
    assert visit.cards()["Rows read"].startswith("300")
    visit.turn_to("Simulate").click("Export")
    assert visit.save("manifest.json", tmp_path).read_bytes().startswith(b"{")
    assert visit.noise == []


def test_what_the_policy_of_the_content_forbids_is_noise(visit: Visit) -> None:
    visit.open("/?score_threshold=700")
    visit.page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: 'http://x.invalid/y'}))"
    )
    visit.page.wait_for_timeout(1000)
    assert any("forbidden: img-src http://x.invalid" in line for line in visit.noise)
    visit.noise.clear()
