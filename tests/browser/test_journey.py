"""The main job in a real browser: from the sample, or a file of one's own, to a policy and back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from analytics.export import read_policy_csv
from analytics.policy import Policy
from tests.browser.visit import Visit, serving

pytestmark = pytest.mark.browser

THRESHOLD, RAISE = "Score threshold", "Raise"


def test_an_analyst_finds_a_policy_exports_it_and_gets_it_back(
    visit: Visit, chromium: Browser, tmp_path: Path
) -> None:
    visit.open()
    start = visit.cards()
    assert "at 800+" in start["Accounts raised"]
    assert "→" in start["Credit limit"]
    assert "95 % range" in start["Projected defaults"]

    # The mouse, the keyboard, the number box: sliders, figures and address agree.
    visit.drag(THRESHOLD, 700)
    dragged = visit.lever(THRESHOLD)
    assert abs(dragged - 700) <= 5
    assert f"at {dragged}+" in visit.cards()["Accounts raised"]
    assert visit.cards()["Credit limit"] != start["Credit limit"]
    assert visit.link()["score_threshold"] == str(dragged)

    visit.press(THRESHOLD, "ArrowRight", 2)
    assert visit.lever(THRESHOLD) == dragged + 2
    assert f"at {dragged + 2}+" in visit.cards()["Accounts raised"]
    assert visit.link()["score_threshold"] == str(dragged + 2)

    visit.press(RAISE, "ArrowLeft", 2)
    assert visit.lever(RAISE) == 18
    assert visit.link()["raise_rate"] == "0.18"

    visit.type(f"{THRESHOLD}, typed", "700")
    assert visit.lever(THRESHOLD) == 700
    assert "at 700+" in visit.cards()["Accounts raised"]
    assert visit.link()["score_threshold"] == "700"
    typed = visit.cards()

    # A click on the map of all policies takes that policy.
    threshold, percent = visit.take_cell(640, 60)
    assert (visit.lever(THRESHOLD), visit.lever(RAISE)) == (threshold, percent)
    assert abs(threshold - 640) <= 10
    assert f"at {threshold}+" in visit.cards()["Accounts raised"]
    assert visit.link()["score_threshold"] == str(threshold)
    assert float(visit.link()["raise_rate"]) == percent / 100
    chosen = visit.cards()

    # Back is the policy before, forward the one after.
    visit.page.go_back()
    assert visit.settled().cards() == typed
    assert visit.lever(THRESHOLD) == 700
    visit.page.go_forward()
    assert visit.settled().cards() == chosen

    # A reload keeps the policy; so do other pages.
    visit.page.reload()
    assert visit.settled().cards() == chosen
    visit.turn_to("Profile").turn_to("Load")
    assert visit.lever(THRESHOLD) == threshold
    visit.turn_to("Simulate")
    assert visit.cards() == chosen

    # The link opens the same figures for somebody else.
    visit.click("Link")
    link = visit.page.locator("[data-testid=stCode]").first.inner_text().strip()
    visit.page.keyboard.press("Escape")
    with Visit.of(chromium, visit.address) as other:
        other.open(link)
        assert other.cards() == chosen
        assert other.wrong() == []

    # The export holds the policy, which comes back through the uploader.
    visit.click("Export")
    archive = zipfile.ZipFile(visit.save("Everything, one zip", tmp_path))
    visit.page.keyboard.press("Escape")
    with archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "accounts.csv",
            "manifest.json",
            "messages.csv",
            "policy.csv",
            "treatments.csv",
        ]
        data = archive.read("policy.csv")
        accounts = archive.read("accounts.csv")
    wanted = Policy(score_threshold=threshold, raise_rate=percent / 100)
    assert read_policy_csv(data) == wanted
    rows = list(csv.DictReader(io.StringIO(accounts.decode())))
    raised = sum(row["decision"] == "raise" for row in rows)
    assert len(rows) == 200_000
    assert chosen["Accounts raised"].startswith(f"{raised:,} ")

    visit.click("Reset")
    assert visit.cards() == start
    visit.unfold("Load a policy")
    visit.page.locator("[data-testid=stSidebar] input[type=file]").set_input_files(
        {"name": "policy.csv", "mimeType": "text/csv", "buffer": data}
    )
    assert visit.settled().cards() == chosen
    assert visit.link()["score_threshold"] == str(threshold)


def test_real_card_accounts_go_from_file_to_export_with_the_figures_of_the_method(
    visit: Visit, taiwan: Path, tmp_path: Path
) -> None:
    visit.open("/load")
    visit.page.locator("[data-testid=stMain] input[type=file]").set_input_files(taiwan)
    visit.settled()
    visit.page.get_by_role("combobox", name="Currency").click()
    visit.page.keyboard.type("TWD")
    visit.page.keyboard.press("Enter")
    visit.settled().click("Load this portfolio")
    assert visit.errors() == []
    loaded = visit.cards()
    assert loaded["Rows read"].startswith("15,000")
    assert loaded["Accepted"].startswith("15,000")

    visit.turn_to("Simulate")
    visit.type(f"{THRESHOLD}, typed", "800").type(f"{RAISE}, typed", "20")
    assert "limit_cap" not in visit.link(), "a portfolio in TWD starts without a cap"
    cards = visit.cards()
    assert cards["Accounts raised"].startswith("384 2.56 % of all")
    assert "+24.7 m" in cards["Credit limit"]
    assert cards["Exposure (EAD)"].startswith("1.12 bn → 1.13 bn")
    assert "+5.75 m" in cards["Exposure (EAD)"]
    assert cards["Projected defaults"].startswith("3,317 → 3,318")
    assert "+0.583" in cards["Projected defaults"]
    assert "+330 k" in cards["Expected loss"]

    visit.click("Export")
    with zipfile.ZipFile(visit.save("Everything, one zip", tmp_path)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        rows = list(csv.DictReader(io.StringIO(archive.read("accounts.csv").decode())))
        policy = read_policy_csv(archive.read("policy.csv"))
    assert policy.limit_cap is None
    assert manifest["raised"] == 384
    assert manifest["increment"]["limit"] == 24_678_000
    figures = (
        ("baseline", "ead", 1_122_027_527.2),
        ("proposed", "ead", 1_127_775_594.5600889),
        ("baseline", "projected_defaults", 3_317.03885),
        ("proposed", "projected_defaults", 3_317.6220522669723),
        ("increment", "expected_loss", 330_070.1649213755),
    )
    for side, name, value in figures:
        assert manifest[side][name] == pytest.approx(value, rel=1e-9)
    parts = manifest["expected_loss_parts"]
    assert parts["new_exposure"] == pytest.approx(272_794.1390617178, rel=1e-9)
    assert sum(row["decision"] == "raise" for row in rows) == 384
    assert len(rows) == 15_000


def test_a_file_that_cannot_be_used_is_answered_on_the_page(visit: Visit) -> None:
    visit.open().turn_to("Load")
    before = visit.cards()
    visit.page.locator("[data-testid=stMain] input[type=file]").set_input_files(
        {"name": "odd.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    visit.settled()
    if not visit.errors():
        visit.click("Load this portfolio")
    assert len(visit.errors()) == 1
    assert "; the portfolio in view stays." in visit.errors()[0]
    assert visit.cards() == before


def test_hostile_text_makes_no_request_no_image_and_no_link(visit: Visit) -> None:
    hostile = (
        "![x](https://canary.invalid/x.png)",
        "<img src=https://canary.invalid/y.png onerror=alert(1)>",
        "[a](https://canary.invalid) www.canary.invalid :red[x] $x$ &lt;",
    )
    rows = [f'A{i},{700 + 50 * i},5000,100,"{text}"' for i, text in enumerate(hostile)]
    header = "account_id,score,credit_limit,balance,![h](https://canary.invalid/h.png)"
    visit.open().turn_to("Load")
    visit.page.locator("[data-testid=stMain] input[type=file]").set_input_files(
        {
            "name": "![f](https://canary.invalid/f.png).csv",
            "mimeType": "text/csv",
            "buffer": "\n".join([header, *rows]).encode(),
        }
    )
    visit.settled()
    visit.type("Name", hostile[0]).click("Load this portfolio")
    assert visit.errors() == []
    visit.unfold("Name and note").type("Policy name", hostile[2])
    for title in ("Load", "Profile", "Simulate"):
        visit.turn_to(title)
        assert hostile[0] in visit.text()
        assert visit.strange_links() == []
    assert hostile[2] in visit.text()
    assert visit.noise == []


def test_what_is_typed_wrong_is_said_below_its_box_and_nothing_moves(visit: Visit) -> None:
    visit.open("/?score_threshold=750&raise_rate=0.1")
    before = visit.cards()
    visit.type(f"{RAISE}, typed", "200 %")
    assert "raise_rate = 200 % is too high" in visit.text()
    assert visit.cards() == before
    assert visit.lever(RAISE) == 10
    visit.type(f"{RAISE}, typed", "12.5")
    assert "is too high" not in visit.text()
    assert visit.link()["raise_rate"] == "0.125"


def test_a_lever_that_can_be_off_is_switched_off_by_emptying_its_box(visit: Visit) -> None:
    visit.open()
    visit.unfold("Caps and rounding").type("Limit cap", "")
    assert visit.link()["limit_cap"] == "none"
    assert "limit cap none" in visit.text()


def test_a_cold_deep_link_opens_its_page_with_the_levers(chromium: Browser, tmp_path: Path) -> None:
    with serving(tmp_path / "log.txt") as address, Visit.of(chromium, address) as cold:
        cold.open("/load?score_threshold=700")
        assert cold.lever(THRESHOLD) == 700
        assert "Huabei-like sample" in cold.text()
        assert cold.page.locator("[data-testid=stTopNavLink]").count() >= 3
        assert cold.page.locator("[data-testid=stSidebarNav]").count() == 0
        assert cold.errors() == []
        assert [line for line in cold.noise if "another host" in line] == []


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 768)])
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(
    chromium: Browser, server: str, width: int, height: int
) -> None:
    with Visit.of(chromium, server, width, height) as small:
        small.open()
        titles = small.page.locator("[data-testid=stTopNavLink]").all_inner_texts()
        found = {"Simulate": small.faults()}
        for title in titles:
            small.turn_to(title.strip())
            found[title.strip()] = small.faults()
        assert {title: faults for title, faults in found.items() if faults} == {}
        assert small.wrong() == []
