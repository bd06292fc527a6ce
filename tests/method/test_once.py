"""Each formula, ratio and closed set stands once: what would be a second place is found here."""

import ast
import dataclasses
from collections.abc import Iterator

import pytest

from analytics.declared import columns
from analytics.declared.choices import Choice
from analytics.declared.measures import BY_NAME, CAPITAL, CAPITAL_FUNDING, MEASURES, RATES
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.ingest.declaration import Declaration
from analytics.method.measures import SUM_NAMES
from tests.places import ROOT

METHOD = ROOT / "analytics" / "method"
CHOICES = {str(member) for choices in Choice.__subclasses__() for member in choices} - {
    *BY_NAME,
    *(lever.name for lever in POLICY_PARAMETERS),
    *columns.BY_NAME,
    *(option.name for option in dataclasses.fields(Declaration)),
}
"""Texts of choices, but for those that name measures, levers, columns or options as well."""
FACTORS = {
    "PER_TEN_PERCENT",
    "RWA_PER_CAPITAL",
    "action_cost",
    "capital_ratio",
    "conversion_factor",
    "credit_conversion_factor",
    "elasticity",
    "funding_rate",
    "hurdle_rate",
    "idle_draw",
    "mpb",
    "operating_rate",
    "regulatory_conversion_factor",
    "risk_weight",
}
"""What formulas multiply by, and nobody else does."""
ELSEWHERE = {
    "RWA_PER_CAPITAL": "analytics.method.capital",
    "action_cost": "analytics.method.measures",
}
"""Factors whose formula does not stand among the others, and where it does."""
NUMERATOR = {"margin", "retained", "expected_loss", "action_cost"}
"""What return on capital is made of."""


def trees(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield (name below its root, syntax tree) of every module."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts), ast.parse(path.read_text(encoding="utf-8"))


def named(node: ast.AST) -> str | None:
    """Return the name that an expression reads: `a.name`, `name` or `x["name"]`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return None


def multiplied(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name in a product or a quotient of two names, and its line.

    Times a plain number is a matter of how it is shown.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            sides = (node.left, node.right)
            if not any(isinstance(side, ast.Constant) for side in sides):
                yield from ((name, node.lineno) for side in sides if (name := named(side)))


def summands(node: ast.AST) -> set[str]:
    """Return the names that a sum adds up or takes off."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return summands(node.left) | summands(node.right)
    name = named(node)
    return set() if name is None else {name}


def compared_choices(source: str) -> list[int]:
    """Return the lines that compare with the text of a choice."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) for op in node.ops
        ):
            sides = (node.left, *node.comparators)
            if any(isinstance(s, ast.Constant) and s.value in CHOICES for s in sides):
                lines.append(node.lineno)
    return lines


def test_no_module_multiplies_by_what_a_formula_multiplies_by() -> None:
    faults = [
        f"{module}, line {line}: multiplies by {name}: call the formula"
        for module, tree in trees("analytics", "pages")
        for name, line in multiplied(tree)
        if name in FACTORS and module != ELSEWHERE.get(name, "analytics.method.formulas")
    ]
    assert not faults, "\n".join(faults)


def test_net_value_and_return_on_capital_are_put_together_in_one_place() -> None:
    places = {
        module
        for module, tree in trees("analytics", "pages")
        for node in ast.walk(tree)
        if len(summands(node) & NUMERATOR) >= 3
    }
    assert places == {"analytics.method.formulas"}


def test_no_text_of_a_choice_is_compared_with() -> None:
    faults = [
        f"{path.relative_to(ROOT)}, line {line}"
        for package in ("analytics", "pages")
        for path in sorted((ROOT / package).rglob("*.py"))
        for line in compared_choices(path.read_text(encoding="utf-8"))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "source",
    ["if form == 'log': pass", "x = 1 if 'opt_in' != mode else 2", "sign == '<='"],
)
def test_a_comparison_with_the_text_of_a_choice_is_found(source: str) -> None:
    assert compared_choices(source) == [1]


def test_a_second_formula_would_be_found() -> None:
    assert list(multiplied(ast.parse("a = b + assumptions.credit_conversion_factor * c"))) == [
        ("credit_conversion_factor", 1),
        ("c", 1),
    ]
    earned = ast.parse("s['margin'] + s['retained'] - s['expected_loss']", mode="eval").body
    assert summands(earned) == {"margin", "retained", "expected_loss"}


def test_array_types_are_declared_in_one_module_and_named_in_all_others() -> None:
    places = {
        str(path.relative_to(ROOT))
        for package in ("analytics", "pages", "benchmarks")
        for path in (ROOT / package).rglob("*.py")
        if "NDArray" in path.read_text(encoding="utf-8")
    }
    assert places == {"analytics/declared/arrays.py"}


def test_formulas_know_no_untyped_quantity() -> None:
    for name in ("formulas", "capital", "factor", "bands", "customers", "limits"):
        tree = ast.parse((METHOD / f"{name}.py").read_text(encoding="utf-8"))
        assert "Any" not in {named(node) for node in ast.walk(tree)}, name


@pytest.mark.parametrize("name", RATES)
def test_a_rate_is_the_quotient_of_sums_that_exist(name: str) -> None:
    ratio = BY_NAME[name].ratio
    assert ratio is not None
    additive = {m.name for m in MEASURES if not m.is_rate} | {CAPITAL_FUNDING}
    assert {*ratio.plus, *ratio.minus} <= additive
    assert ratio.over in additive | {CAPITAL}


def test_measures_are_sums_or_quotients_of_sums_or_follow_from_capital() -> None:
    rest = {m.name for m in MEASURES if not m.is_rate} - set(SUM_NAMES)
    assert rest == {"payback_months", "net_value"}, "payback is a month, not a sum"
