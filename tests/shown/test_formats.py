"""Numbers are written as people read them, and never say what they are not."""

from __future__ import annotations

import ast
import math
from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.declared.language import spoken
from analytics.shown import formats
from analytics.shown.formats import DASH, MINUS, THIN
from analytics.shown.messages import SAYING, called, sources

AMOUNTS = st.floats(-1e13, 1e13)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.145, "0.145"),
        (7, "7.00"),
        (42.25, "42.2"),
        (999.4, "999"),
        (999.6, "1.00 k"),
        (1_000, "1.00 k"),
        (12_345, "12.3 k"),
        (999_499, "999 k"),
        (999_500, "1.00 m"),
        (1_884_000_000, "1.88 bn"),
        (2.5e12, "2.50 tn"),
        (3e15, "3,000 tn"),
        (-46_600_000, f"{MINUS}46.6 m"),
        (-0.0, "0"),
        (None, DASH),
        (math.nan, DASH),
    ],
)
def test_an_amount_has_three_digits_and_a_unit(value: float | None, text: str) -> None:
    assert formats.compact(value).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9_940, "9,940"),
        (9_999, "1.00 万"),
        (12_300, "1.23 万"),
        (1_880_000_000, "18.8 亿"),
        (3_000_000_000_000, "3.00 万亿"),
        (-25_000, f"{MINUS}2.50 万"),
    ],
)
def test_an_amount_in_chinese_counts_in_ten_thousands(value: float, text: str) -> None:
    assert formats.compact(value, chinese=True).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1_000, "1 k"), (1_500_000, "1.5 m"), (100, "100"), (-0.5, f"{MINUS}0.5")],
)
def test_a_tick_has_no_trailing_zeros(value: float, text: str) -> None:
    assert formats.tick(value).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3.2, 7.9), (1e6, 5e6), (-2e-9, 0), (0.1, 0.3), (-1e12, 1e12)]
)
def test_ticks_are_two_to_six_round_numbers_inside_the_axis(low: float, high: float) -> None:
    ticks = formats.round_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert all(low - 1e-9 * abs(low) <= tick <= high + 1e-9 * abs(high) for tick in ticks)
    step = ticks[1] - ticks[0]
    assert f"{step:.0e}"[0] in "125"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1_234_567.891, 2, "1,234,567.89"),
        (-0.001, 2, "0.00"),
        (-5.5, 0, f"{MINUS}6"),
        (None, 2, DASH),
        (math.nan, 0, DASH),
    ],
)
def test_an_amount_in_full_has_separators(value: float | None, decimals: int, text: str) -> None:
    assert formats.exact(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (8_335, "8,335"),
        (6_875.4, "6,875"),
        (0.145, "0.145"),
        (99.5, "99.5"),
        (-3, f"{MINUS}3"),
        (None, DASH),
    ],
)
def test_a_count_is_whole_unless_it_is_small(value: float | None, text: str) -> None:
    assert formats.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (0.0492, "4.92 %"),
        (0.00105, "0.105 %"),
        (0.99999, "100 %"),
        (1.5, "150 %"),
        (0.0000123, "0.00123 %"),
        (-0.02, f"{MINUS}2.00 %"),
        (None, DASH),
        (math.nan, DASH),
    ],
)
def test_a_rate_is_percent_with_the_digits_that_matter(value: float | None, text: str) -> None:
    assert formats.percent(value).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0012, "+0.12 pp"),
        (-0.0345, f"{MINUS}3.5 pp"),
        (0.0, "0 pp"),
        (-0.0, "0 pp"),
        (None, DASH),
    ],
)
def test_a_difference_of_rates_is_in_percentage_points(value: float | None, text: str) -> None:
    assert formats.percentage_points(value).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("text", "value", "signed"),
    [
        ("5.00", 5, "+5.00"),
        (f"{MINUS}5.00", -5, f"{MINUS}5.00"),
        ("0", 0, "0"),
        ("0.00", -0.001, "0.00"),
        (DASH, 3, DASH),
        ("3", None, DASH),
        ("3", math.nan, DASH),
    ],
)
def test_what_does_not_move_has_no_sign(text: str, value: float | None, signed: str) -> None:
    assert formats.signed(text, value) == signed


@pytest.mark.parametrize(
    ("increment", "baseline", "text"),
    [
        (46.6, 1_880, "+2.48 %"),
        (-46.6, 1_880, f"{MINUS}2.48 %"),
        (50, 100, "+50.0 %"),
        (0.145, 6_875, "+0.002 %"),
        (0, 100, "0.00 %"),
        (5, -100, "+5.00 %"),
        (5, 0, DASH),
        (5, None, DASH),
        (None, 5, DASH),
        (math.nan, 5, DASH),
    ],
)
def test_an_increment_is_relative_to_its_baseline(
    increment: float | None, baseline: float | None, text: str
) -> None:
    assert formats.relative(increment, baseline).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 3, "0"),
        (0.99951, 3, "1.00"),
        (123_456, 3, "123,000"),
        (0.000123456, 3, "0.000123"),
        (9.99, 1, "10"),
    ],
)
def test_significant_digits_are_kept_without_an_exponent(
    value: float, digits: int, text: str
) -> None:
    assert formats.significant(value, digits) == text


@given(AMOUNTS)
def test_no_text_says_minus_zero_or_has_a_hyphen_or_an_exponent(value: float) -> None:
    texts = [
        formats.compact(value),
        formats.compact(value, chinese=True),
        formats.exact(value),
        formats.count(value),
        formats.percent(value),
        formats.percentage_points(value),
        formats.signed(formats.compact(value), value),
        formats.relative(value, 1e6),
        formats.tick(value),
    ]
    for text in texts:
        assert "-" not in text
        assert "e" not in text
        digits = any(digit in text for digit in "123456789")
        assert digits or (MINUS not in text and "+" not in text)


@given(AMOUNTS)
def test_an_amount_is_off_by_half_a_percent_at_most(value: float) -> None:
    number, _, unit = formats.compact(value).partition(THIN)
    size = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}[unit]
    shown = float(number.replace(MINUS, "-").replace(",", "")) * size
    assert shown == pytest.approx(value, rel=0.0051, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "value", "compact", "full"),
    [
        ("default_rate", 0.049234, "4.92 %", "4.923 %"),
        ("projected_defaults", 12.345, "12.3", "12.35"),
        ("projected_defaults", 1234.0, "1,234", "1,234"),
        ("ead", 1_884_000_000, "1.88 bn", "1,884,000,000"),
        ("ead", 12.345, "12.3", "12.35"),
        ("ead", None, DASH, DASH),
        ("ead", math.nan, DASH, DASH),
        ("projected_defaults", math.nan, DASH, DASH),
    ],
)
def test_a_measure_is_written_by_its_unit_compact_or_in_full(
    name: str, value: float | None, compact: str, full: str
) -> None:
    assert formats.measure(name, value).replace(THIN, " ") == compact
    assert formats.measure(name, value, full_in="CNY").replace(THIN, " ") == full


def test_money_in_full_has_the_decimals_of_its_currency_below_a_thousand() -> None:
    assert formats.amount(0.5, "CNY") == "0.50"
    assert formats.amount(0, "CNY") == "0"
    assert formats.amount(999.4, "JPY") == "999"
    assert formats.amount(1000.6, "CNY") == "1,001"


@pytest.mark.parametrize(
    ("name", "value", "compact", "full"),
    [
        ("default_rate", 0.0012, "+0.12 pp", "+0.12 pp"),
        ("loss_per_new_exposure", 0.0492, "4.92 %", "4.920 %"),
        ("projected_defaults", 0.0726, "+0.0726", "+0.07"),
        ("net_value", -46_600_000, f"{MINUS}46.6 m", f"{MINUS}46,600,000"),
        ("net_value", 0.0, "0", "0"),
        ("net_value", None, DASH, DASH),
    ],
)
def test_an_increment_is_signed_and_that_of_a_rate_in_percentage_points(
    name: str, value: float | None, compact: str, full: str
) -> None:
    assert formats.change(name, value).replace(THIN, " ") == compact
    assert formats.change(name, value, full_in="CNY").replace(THIN, " ") == full


def test_beside_other_cases_only_money_is_written_in_full() -> None:
    assert formats.moved("projected_defaults", 0.0726, "CNY") == "+0.0726"
    assert formats.moved("net_value", 1234.5, "CNY") == "+1,234"


def test_a_gain_has_no_plus_and_keeps_a_minus() -> None:
    assert formats.gain("raised", 1200) == "1,200"
    assert formats.gain("raised", -12) == f"{MINUS}12"


def test_a_figure_to_check_has_all_its_decimals() -> None:
    assert formats.to_check("ead", 1234.5) == "1,234.50"
    assert formats.to_check("default_rate", 0.04923456) == "0.0492"


def test_an_axis_names_the_unit_of_its_measure() -> None:
    named = [formats.unit(name, "TWD") for name in ("ead", "raised", "loss_rate")]
    assert named == ["TWD", "accounts", "%"]


def test_amounts_are_counted_in_the_units_of_the_language() -> None:
    class Chinese(NullTranslations):
        def info(self) -> dict[str, str]:
            return {"language": "zh"}

    with spoken(Chinese()):
        assert formats.compact(1_884_000_000) == f"18.8{THIN}亿"
    assert formats.compact(1_884_000_000) == f"1.88{THIN}bn"


BY_HAND_IS_RIGHT = {
    "analytics/declared/parameters.py": "writes rates and counts for all",
    "analytics/shown/formats.py": "writes rates and counts for all",
    "analytics/shown/messages.py": "speaks to who translates, of the code",
}

WITH_SEPARATORS = ("f','", "f',.0f'")
"""Formats of counts, as they are unparsed."""


def times_a_hundred(node: ast.AST) -> bool:
    """Whether an expression multiplies or divides by 100 somewhere."""
    return any(
        isinstance(part, ast.BinOp)
        and isinstance(part.op, ast.Mult | ast.Div)
        and any(isinstance(s, ast.Constant) and s.value == 100 for s in (part.left, part.right))
        for part in ast.walk(node)
    )


def written_by_hand(source: str) -> list[int]:
    """Return the lines that write a rate as percent, or a count with separators, by themselves.

    A place ``{count:,}`` of a message that is said is no such thing: translators may move it.
    """
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            for part, after in zip(node.values, [*node.values[1:], None], strict=True):
                if isinstance(part, ast.FormattedValue):
                    percent = isinstance(after, ast.Constant) and "%" in str(after.value)[:2]
                    spec = ast.unparse(part.format_spec) if part.format_spec else ""
                    if (percent and times_a_hundred(part.value)) or spec in WITH_SEPARATORS:
                        lines.append(part.lineno)
        if isinstance(node, ast.Call) and called(node) in SAYING:
            lines += [word.value.lineno for word in node.keywords if times_a_hundred(word.value)]
    return lines


def test_rates_and_counts_are_written_in_one_place() -> None:
    found = [
        f"{path}, line {line}"
        for path, source in sources("analytics", "pages")
        if path not in BY_HAND_IS_RIGHT
        for line in written_by_hand(source)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        'text = f"{rate * 100:g} %"',
        'text = f"{point / 100:g} %"',
        'text = f"{rows:,} rows"',
        'say("{share:g} % of all", share=rate * 100)',
    ],
)
def test_a_rate_or_a_count_written_by_hand_is_found(source: str) -> None:
    assert written_by_hand(source) == [1]


def test_a_place_of_a_message_may_say_how_a_count_is_written() -> None:
    assert written_by_hand('say("{rows:,} rows, {share}", rows=n, share=percent(x))') == []


def test_an_interval_of_a_rate_has_its_unit_once() -> None:
    assert formats.percent_interval((0.2553, 0.3662)) == "25.5\N{EN DASH}36.6\N{NO-BREAK SPACE}%"
    assert formats.percent_interval((0.0, 1.0)) == "0\N{EN DASH}100\N{NO-BREAK SPACE}%"
    assert formats.percent_interval(None) == formats.DASH
