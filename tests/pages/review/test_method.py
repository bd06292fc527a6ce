"""The page Method: it shows the whole method, and finds a term in it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.measures import MEASURES
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.shown import markdown
from analytics.shown.method import blocks, sections
from analytics.shown.words import REASON_TITLES
from tests.pages import driver

SECTIONS = sections()
METHOD = "pages/review/method.py"


@pytest.fixture(scope="module")
def page() -> AppTest:
    return driver.opened(METHOD)


@pytest.fixture
def app(page: AppTest) -> AppTest:
    """The page without a term."""
    page.text_input(key="method_term").set_value("").run()
    return page


def sought(app: AppTest, term: str) -> str:
    """Return what is read on the page once a term was typed, the levers apart."""
    app.text_input(key="method_term").set_value(term).run()
    assert driver.complaints(app) == []
    return read(app)


def read(app: AppTest) -> str:
    boxes = (*app.main.markdown, *app.main.caption, *app.main.subheader, *app.main.code)
    tables = [
        "\n".join(
            map(" | ".join, (map(str, frame.value.columns), *frame.value.to_numpy().tolist()))
        )
        for frame in app.main.table
    ]
    return "\n".join([*(driver.plain(str(box.value)) for box in boxes), *tables])


def headings(app: AppTest) -> list[str]:
    return [box.value for box in app.main.subheader]


def test_the_page_holds_every_section_whole(app: AppTest) -> None:
    assert driver.complaints(app) == []
    assert headings(app) == [section.heading for section in SECTIONS]
    shown, code = read(app), [box.value for box in app.main.code]
    for block in (block for section in SECTIONS for block in blocks(section.body)):
        if block.startswith("```"):
            assert block.split("\n", 1)[1].removesuffix("\n```") in code
        elif block.startswith("|"):
            for cells in markdown.cells(block):
                assert " | ".join(cells) in shown
        else:
            assert block in shown


def test_every_lever_assumption_measure_and_reason_is_on_the_page_in_the_words_of_its_help(
    app: AppTest,
) -> None:
    shown = sought(app, "")
    bands = tuple(band.declared for band in BAND_PARAMETERS)
    for declared in (*POLICY_PARAMETERS, *ASSUMPTION_PARAMETERS, *bands, *MEASURES):
        assert declared.title in shown
        assert declared.help in shown
    for title in REASON_TITLES.values():
        assert f"| {title} |" in shown


def test_the_contents_lead_to_the_sections(app: AppTest) -> None:
    links = [box.value for box in app.main.markdown if box.value.startswith("[1. ")]
    assert links == [" · ".join(f"[{item.heading}](#{item.anchor})" for item in SECTIONS)]
    assert [box.proto.anchor for box in app.main.subheader] == [item.anchor for item in SECTIONS]


def test_a_term_leaves_the_sections_and_rows_that_hold_it(app: AppTest) -> None:
    shown = sought(app, "hurdle rate")
    assert headings(app) == [
        "6. What a raise does",
        "7. Measures",
        "8. Value over months",
        "15. What a result hangs on",
    ]
    assert "(hurdle rate - funding rate) x capital ratio x RWA" in shown
    assert "Credit conversion factor" not in shown


def test_a_term_that_the_method_does_not_hold_is_answered_and_shown_as_text(app: AppTest) -> None:
    shown = sought(app, "![x](https://canary.invalid/x.png)")
    assert headings(app) == []
    assert "Nothing in the method holds ![x](https:" in shown
    assert driver.markdown_images(app) == []


def test_one_letter_leaves_the_whole_method(app: AppTest) -> None:
    sought(app, "x")
    assert len(headings(app)) == len(SECTIONS)


def test_the_page_runs_no_statement(app: AppTest) -> None:
    with driver.statements() as seen:
        sought(app, "attrition")
    assert seen == []
