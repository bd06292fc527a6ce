"""The method in words: all that is declared is in it, its numbers are right, and the file is it."""

from __future__ import annotations

import re

import pytest

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.cases import CASES
from analytics.declared.columns import COLUMNS
from analytics.declared.language import spoken
from analytics.declared.measures import MEASURES
from analytics.declared.parameters import Mark
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.regimes import CAPITAL, CONVERSION, PACKS
from analytics.declared.scales import KNOWN
from analytics.method.guardrails import GUARDRAILS, REASONS
from analytics.method.limits import BINDINGS
from analytics.results.stress import SHIPPED
from analytics.shown import markdown
from analytics.shown.method import (
    blocks,
    examples,
    excerpt,
    method_markdown,
    months_example,
    registry,
    rules,
    sections,
)
from analytics.shown.method.formulas import FORMULAS
from analytics.shown.method.registry import UNITS
from analytics.shown.words import BINDING_TITLES, REASON_TITLES, scenario_words
from tests.places import ROOT
from tests.pseudo import Pseudo, bare_words

SECTIONS = sections()
PARAMETERS = (
    *POLICY_PARAMETERS,
    *ASSUMPTION_PARAMETERS,
    *(band.declared for band in BAND_PARAMETERS),
)


def section(number: int) -> str:
    return next(item.body for item in SECTIONS if item.number == number)


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of every table in a text."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.split("\n")
        if line.startswith("| ") and not line.startswith("| ---")
    ]


def row_of(text: str, name: str) -> list[str]:
    """Return the one row of a text's tables that has a name in a cell."""
    found = [cells for cells in rows(text) if f"`{name}`" in cells]
    assert len(found) == 1, f"{name} stands in {len(found)} rows"
    return found[0]


def test_the_file_is_what_the_code_writes() -> None:
    written = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    assert written == method_markdown(), "docs/method.md is out of date: run make documents"


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_parameter_is_there_with_its_words_bounds_mark_and_source(parameter) -> None:  # type: ignore[no-untyped-def]
    text = section(3 if parameter in POLICY_PARAMETERS else 6)
    cells = row_of(text, parameter.name)
    assert parameter.title in cells
    assert parameter.help in cells
    assert parameter.allowed in cells
    assert f"[{parameter.mark.value}] {parameter.source}".strip() in cells


@pytest.mark.parametrize(
    ("number", "name", "default"),
    [
        (3, "score_threshold", "800"),
        (3, "raise_rate", "20 %"),
        (3, "limit_cap", "50,000"),
        (3, "max_increment", "none"),
        (3, "opted_out", "on"),
        (3, "author", "empty"),
        (6, "response_form", "log"),
        (6, "credit_conversion_factor", "20 %"),
        (6, "capital_ratio", "10.5 %"),
    ],
)
def test_defaults_are_as_shipped(number: int, name: str, default: str) -> None:
    assert row_of(section(number), name)[3] == default


@pytest.mark.parametrize("band", BAND_PARAMETERS, ids=lambda band: band.name)
def test_values_by_band_stand_under_each_preset(band) -> None:  # type: ignore[no-untyped-def]
    found = {cells[1]: cells[2:] for cells in rows(section(6)) if cells[0] == band.declared.title}
    for preset in ("low", "central", "high"):
        shown = found.get(preset) or found["every"]
        percent = [float(text.removesuffix(" %")) / 100 for text in shown]
        case = band.central if preset == "central" else getattr(band, f"{preset}_case")
        assert percent == pytest.approx(case)


def test_the_high_preset_and_the_central_one_are_those_of_the_studies() -> None:
    found = {cells[1]: cells[2:] for cells in rows(section(6)) if cells[0] == "Use of new limit"}
    assert found["high"] == ["58 %", "55 %", "45 %", "35 %", "25 %", "23 %", "20 %", "20 %"]
    assert found["central"][-1] == "3 %"


def test_every_column_is_there_and_says_whether_it_is_required() -> None:
    for column in COLUMNS:
        cells = row_of(section(2), column.name)
        assert column.title in cells
        assert column.help in cells
        assert cells[3] == ("yes" if column.required else "no")


def test_every_rule_is_named_at_the_column_that_it_reads() -> None:
    for rule in GUARDRAILS:
        cells = next(cells for cells in rows(section(2)) if cells[0] == f"`{rule.column}`")
        assert f"`{rule.name}`" in cells[5]


def test_reasons_stand_in_the_order_in_which_they_are_tried() -> None:
    table = [cells for cells in rows(section(4)) if cells[0].isdigit()]
    assert [cells[2] for cells in table] == [f"`{name}`" for name in REASONS]
    assert [cells[1] for cells in table] == [REASON_TITLES[name] for name in REASONS]
    assert [int(cells[0]) for cells in table] == list(range(1, len(REASONS) + 1))


@pytest.mark.parametrize(
    ("reason", "condition"),
    [
        ("opted_out", "opted_out IS true"),
        ("past_due", "days_past_due > 0"),
        ("past_due_12m", "max_days_past_due_12m >= 30"),
        ("persistent_minimum_payer", "minimum_payment_months_6 >= 3"),
        ("too_new", "months_on_book < 6"),
        ("recent_limit_change", "months_since_limit_change < 6"),
    ],
)
def test_a_rule_is_quoted_as_the_database_is_asked(reason: str, condition: str) -> None:
    assert row_of(section(4), reason)[5] == f"`{condition}`"


def test_every_binding_is_there_in_the_order_in_which_it_is_named() -> None:
    table = rows(rules.bindings_table())[1:]
    assert [cells[1] for cells in table] == [f"`{name}`" for name in BINDINGS]
    assert [cells[0] for cells in table] == [BINDING_TITLES[name] for name in BINDINGS]


def test_every_measure_is_there_with_unit_direction_and_formula() -> None:
    assert list(FORMULAS) == [measure.name for measure in MEASURES]
    for measure in MEASURES:
        cells = row_of(section(7), measure.name)
        assert cells[0] == measure.title
        assert cells[2] == UNITS[measure.unit]
        assert cells[4] == measure.help
        assert cells[5] == FORMULAS[measure.name]


def test_every_case_of_an_assumption_is_there() -> None:
    for name, case in CASES.items():
        cells = row_of(section(15), name)
        assert cells[4] == f"[{case.mark.value}] {case.source}"
    assert row_of(section(15), "loss_given_default")[2:4] == ["70 %", "95 %"]


def test_scales_regimes_and_scenarios_are_there() -> None:
    for scale in KNOWN:
        cells = next(cells for cells in rows(section(2)) if cells[0] == scale.name)
        assert cells[1:3] == [str(scale), ", ".join(map(str, scale.band_edges))]
    titles = [cells[1] for cells in rows(section(9))]
    assert {regime.title for regime in (*CONVERSION, *CAPITAL)} <= set(titles)
    for scenario in SHIPPED:
        cells = row_of(section(9), scenario.name)
        assert cells[0] == scenario.title
        assert cells[2] == scenario_words(scenario)


def test_every_value_of_a_rule_book_is_there_with_its_mark_and_whether_to_check_it() -> None:
    table = rows(registry.packs_table())[1:]
    told = [(cells[2].strip("`"), cells[4]) for cells in table]
    assert told == [
        (ruled.name, f"[{ruled.mark.value}] {ruled.source}") for pack in PACKS for ruled in pack
    ]
    assert [cells[0] for cells in table if cells[0]] == [pack.title for pack in PACKS]
    assert registry.packs_table() in section(9)
    china = next(cells for cells in table if "NFRA" in cells[4] and "unused" in cells[4])
    assert china[3] == "20 %"
    assert china[4].endswith("to be checked at source")


def test_every_mark_is_explained_and_no_other_is_used() -> None:
    used = set(re.findall(r"\[([A-Z])\]", method_markdown()))
    explained = set(re.findall(r"\[([A-Z])\]", rules.MARKS))
    assert used == explained == {mark.value for mark in Mark}


def test_sections_have_the_numbers_that_the_code_cites() -> None:
    titles = {item.number: item.title for item in SECTIONS}
    assert list(titles) == list(range(1, len(SECTIONS) + 1))
    cited = {
        int(number)
        for path in (ROOT / "analytics").rglob("*.py")
        for number in re.findall(r"METHOD (\d+)", path.read_text(encoding="utf-8"))
    }
    assert cited <= set(titles)
    words = {4: "raised", 5: "probability", 7: "Measures", 8: "months", 9: "Capital", 11: "Groups"}
    for number, word in words.items():
        assert word in titles[number]
    assert titles[12] == "Not modelled"
    assert titles[13] == "What moved since version 1"


def test_the_hand_example_is_the_one_of_the_method() -> None:
    found = examples.worked(examples.Account())
    assert found["limit"] == (10_000, 12_000)
    assert found["balance"] == (3_000, pytest.approx(3_500))
    assert found["ead"] == (pytest.approx(6_500), pytest.approx(7_750))
    assert found["expected_loss"] == (pytest.approx(110.50), pytest.approx(137.02))
    assert examples.parts(examples.Account()) == pytest.approx((21.25, 4.42, 0.85))
    said = " ".join(section(16).split())
    assert "is 26.52 = 21.25 new exposure + 4.42 old balance + 0.85 cross" in said


@pytest.mark.parametrize(
    "row",
    [
        # METHOD 5: the curves of the model case and of the textbook.
        ["650", "49", "40", "650", "49 to 1", "2 %"],
        ["600", "50", "20", "600", "50 to 1", "1.96078 %"],
        ["600", "50", "20", "620", "100 to 1", "0.990099 %"],
        # The worst year in 20 and in 1,000 at a correlation of 4 %.
        ["1 in 20", "-1.644854", "3.917472 %"],
        ["1 in 1,000", "-3.090232", "7.141850 %"],
        # Basel II, Annex 5: qualifying revolving retail at a loss given default of 45 %.
        ["0.25 %", "5.76 %"],
        ["1.00 %", "17.22 %"],
        ["2.50 %", "33.98 %"],
    ],
    ids=" ".join,
)
def test_worked_figures_are_those_of_the_sources(row: list[str]) -> None:
    assert row in rows(section(16))


def test_value_over_months_by_hand() -> None:
    """The account of the first example, c 0.2 and p 1 %: each amount worked without the engine.

    Margin 500 x (7.5 % - 2.5 % - 0.5 %); risk-weighted assets 75 % of (500 + 10 % of 1,500), the
    day after 75 % of 10 % of 2,000; expected loss 1 % x 85 % x 4,400 before and
    1.04 % x 85 % x 5,200 after, the day after 1 % x 85 % x 20 % x 2,000 more.
    """
    charge, lag, horizon = (0.12 - 0.025) * 0.105, 6, 36
    built = [0.55 * t / 3 if t <= 3 else min(0.55 + 0.05 * (t - 3), 1.0) for t in range(1, 37)]
    stays = [0.99 ** ((t - 1) / 12) for t in range(1, 37)]
    pairs = list(zip(stays, built, strict=True))
    margin = [s * phi * 22.50 / 12 for s, phi in pairs]
    capital = [s * charge * (150 + 337.50 * phi) / 12 for s, phi in pairs]
    default = [s * (3.40 + (8.568 - 3.40) * phi) / 12 for s, phi in pairs]
    value = [0.0] * (horizon + lag)
    for t in range(horizon):
        value[t] += margin[t] - capital[t]
        value[t + lag] -= default[t]
    worth = [flow / 1.12 ** (t / 12) for t, flow in enumerate(value, start=1)]
    cumulated = [sum(worth[: t + 1]) - 5.0 for t in range(len(worth))]
    found = months_example.followed()
    assert found.flows["margin"][:36] == pytest.approx(margin)
    assert found.flows["capital"][:36] == pytest.approx(capital)
    assert found.flows["default"][:36] == pytest.approx(default)
    assert list(found.cumulated) == pytest.approx(cumulated)
    assert found.worths == pytest.approx(
        {
            "npv": cumulated[-1],
            "first_year_value": sum(value[:12]) - 5.0,
            "provision_day_one": 3.40,
            "first_year_profit": sum(margin[:12]) - sum(default[:12]) - 0.99 * 8.568 - 5.0,
        }
    )
    stays_paid = [t + 1 for t in range(len(worth)) if min(cumulated[t:]) >= 0]
    assert found.payback_months == stays_paid[0] == 8


def test_the_text_of_the_months_is_the_example() -> None:
    text = section(16)
    found = months_example.followed()
    shown = {int(cells[0]): cells for cells in rows(months_example.text())[1:]}
    assert list(shown) == list(months_example.SHOWN)
    for month, cells in shown.items():
        assert cells in rows(text)
        flows = [found.flows[name][month - 1] for name in ("margin", "capital", "default", "loss")]
        assert [float(cell) for cell in cells[2:6]] == pytest.approx(flows, abs=5e-5)
        assert float(cells[7]) == pytest.approx(found.cumulated[month - 1], abs=5e-5)
    said = " ".join(text.split())
    assert "Margin at month 12 is 500 x (7.5 % - funding - operating cost) = 22.50 a year" in said
    assert (
        f"The value over the horizon is {found.worths['npv']:.2f}, that of the first year" in said
    )
    assert "is paid back in month 8. The provision on day one is 3.40" in said


def test_the_affordable_limit_by_hand() -> None:
    """30 % of 5,000 less 300 is 1,200, and 10 % of 12,000 is 1,200."""
    assert examples.affordable(5_000, 300, 0.30, 0.10) == 12_000
    assert examples.affordable(5_000, 0, 0.30, 0.10) == 15_000
    assert examples.affordable(1_000, 300, 0.30, 0.10) == 0
    said = " ".join(section(16).split())
    assert "30 % is 1,500; 300 of it are paid elsewhere" in said
    assert "on a limit of 12,000.00, and on no higher one" in said


def test_reasons_without_room_and_of_unknown_data_follow_their_levers() -> None:
    for reason, lever in (
        ("unknown_data", "hold at first [P] What is not known is not waved through"),
        ("at_limit_cap", "50,000 at first [A] Top line of Huabei"),
        ("at_income_multiple", "none at first [A] Off; 4 is Turkey's, summed over all banks there"),
        ("unaffordable", "on at first [A] Its rates are assumptions; Reg Z 1026.51 asks"),
    ):
        assert row_of(section(4), reason)[4].startswith(lever)
    names = [cells[2].strip("`") for cells in rows(section(4)) if cells[0].isdigit()]
    assert names[-2:] == ["held_out", "raised"]
    assert "drawn last, so that the two arms differ by chance alone" in " ".join(section(3).split())


def test_the_edge_of_the_evidence_and_the_version_of_the_method_are_said() -> None:
    assert "**The evidence ends at 30 %.**" in section(3)
    assert "(raises of up to 30 %)" in " ".join(section(14).split())
    assert "\nVersion 2 of the method." in method_markdown()


def test_a_raise_that_floating_point_loses_is_kept_in_whole_numbers() -> None:
    assert examples.rounded_limit(10_000, 0.15, 500) == 11_500
    assert int(100 * 1.15 / 5) * 5 == 110
    said = " ".join(section(16).split())
    assert "is 115.00" in said
    assert "rounds down to 110" in said


def test_the_number_of_policies_is_that_of_thresholds_and_raises() -> None:
    assert "601 x 101 = 60,701 policies" in " ".join(section(14).split())


def test_the_contents_lead_to_the_headings() -> None:
    text = method_markdown()
    links = dict(re.findall(r"^- \[(.+)\]\(#(.+)\)$", text, flags=re.MULTILINE))
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert list(links) == headings
    for heading, anchor in links.items():
        assert anchor == re.sub(r"[^a-z0-9 ]", "", heading.lower()).replace(" ", "-")


def test_an_excerpt_keeps_the_rows_and_paragraphs_that_hold_the_term() -> None:
    found = excerpt(SECTIONS[2], "income_multiple")
    assert found.startswith("### Caps and rounding\n\n| title |")
    assert [cells[0] for cells in rows(found)] == ["title", "Income multiple"]
    assert excerpt(SECTIONS[2], "INCOME MULTIPLE") == found
    assert excerpt(SECTIONS[2], "no such word") == ""
    assert excerpt(SECTIONS[6], "").count("|") == SECTIONS[6].body.count("|")


def test_formulas_with_a_blank_line_are_one_block() -> None:
    found = [block for block in blocks(SECTIONS[5].body) if block.startswith("```")]
    assert len(found) == 1
    assert "\n\n" in found[0]
    assert excerpt(SECTIONS[5], "attrition_floor").startswith(found[0])
    assert "\n\n".join(blocks(SECTIONS[5].body)) == SECTIONS[5].body


def test_the_cells_of_a_table_come_back_as_they_went_in() -> None:
    rows = [["a", "x | y"], ["b", "`c`"]]
    assert markdown.cells(markdown.table(("one", "two"), rows)) == [["one", "two"], *rows]


def test_the_method_is_said_in_the_language_in_force() -> None:
    with spoken(Pseudo()):
        said = sections()
    assert [item.number for item in said] == [item.number for item in SECTIONS]
    for item, english in zip(said, SECTIONS, strict=True):
        assert not bare_words(item.title), item.title
        words = len(re.findall(r"[A-Za-z]\w+", english.body))
        assert len(bare_words(item.body)) < words / 4, "names and sources alone stay as they are"
    assert sections() == SECTIONS


def test_nothing_in_the_text_is_taken_for_a_formula_or_an_image() -> None:
    text = method_markdown()
    assert "$" not in text
    assert "![" not in text
    assert "<" not in re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL).replace("< ", "")
