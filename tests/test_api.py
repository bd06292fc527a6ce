"""What a program may import: the nouns, the verb and the ways in, by their promised names."""

from __future__ import annotations

import dataclasses
import importlib
import inspect

import pytest

ENTRIES = {
    "analytics.accounts.connect": ("open_database",),
    "analytics.appetite": ("Appetite", "Constraint", "parse_appetite"),
    "analytics.assumptions": ("Assumptions",),
    "analytics.export": ("export_policy", "export_zip", "load_policy", "save_policy"),
    "analytics.ingest": ("Declaration", "load_bytes", "load_file", "load_sample"),
    "analytics.ingest.tables": ("load_warehouse",),
    "analytics.policy": ("Policy", "Tier"),
    "analytics.portfolio": ("Portfolio",),
    "analytics.results.simulation": ("Group", "Simulation", "Sweep", "simulate", "sweep"),
    "analytics.results.surface": ("Surface", "load_surface"),
}
"""What the documents tell a program to import."""

POLICY = """
    score_threshold raise_rate tiers limit_cap income_multiple rounding_step min_increment
    max_increment closed opted_out in_hardship is_student past_due past_due_12m
    persistent_minimum_payer too_new recent_limit_change utilization_out_of_range utilization_min
    utilization_max holdout_rate message_holdout_rate policy_seed name author note effective_date
    constraints affordability unknown_cells temporary_days end_date
    with_changes at_threshold rate_at fingerprint
"""
ASSUMPTIONS = """
    band_edges elasticity mpb pd_uplift attrition attrition_change take_up yield_rate
    response_form consent_mode idle_draw attrition_floor anchor_score anchor_odds
    points_to_double_odds credit_conversion_factor loss_given_default asset_correlation
    funding_rate operating_rate capital_approach risk_weight regulatory_conversion_factor
    pd_floor lgd_floor capital_ratio hurdle_rate action_cost relief_utilization
    minimum_payment_rate strain_income_share over_indebted_multiple
    build_month_3 discount_rate horizon_months life_years loss_lag_months moved_share
    pd_uplift_driver provisioning reference_draw transactor_yield
    rival_reach rival_shift rival_attrition
    for_scale with_changes with_preset changed_from response_name fingerprint
"""
PORTFOLIO = """
    name as_of currency scale fingerprint accounts rows_read rows_rejected total_limit
    total_balance columns blanks segments derived has
    pd_horizon_months assumed protected outcomes marks
"""
SIMULATION = "portfolio policy assumptions total groups bands not_applied"
GROUP = """
    label baseline proposed increment raised expected_takers headline_raise effective_raise
    expected_loss_parts reasons binding at_threshold relieved timeline
    above_old_limit at_stake in_reach
"""
PINNED = {
    ("analytics.policy", "Policy"): POLICY,
    ("analytics.assumptions", "Assumptions"): ASSUMPTIONS,
    ("analytics.portfolio", "Portfolio"): PORTFOLIO,
    ("analytics.results.simulation", "Simulation"): SIMULATION,
    ("analytics.results.simulation", "Group"): GROUP,
}
FURTHER = {
    "Assumptions": "curve with_checked has_presets for_readings",
    "Policy": "values rows faults_on for_sweep for_eligibility is_beyond_evidence needs_income",
    "Portfolio": """
        door relation rows_used segment contents outcome hold_no_outcome hold_fit_for_tiers
    """,
    "Simulation": "",
    "Group": "effective_raise_minor",
}
"""What is public for the other rooms' sake, and not promised."""


@pytest.mark.parametrize("module", ENTRIES)
def test_what_documents_tell_to_import_is_there_and_says_what_it_is(module: str) -> None:
    found = importlib.import_module(module)
    for name in ENTRIES[module]:
        assert inspect.getdoc(getattr(found, name)), f"{module}.{name} says nothing of itself"


@pytest.mark.parametrize(("module", "name"), PINNED, ids=[name for _, name in PINNED])
def test_the_public_names_of_nouns_and_results_are_those_promised(module: str, name: str) -> None:
    kind = getattr(importlib.import_module(module), name)
    public = {item for item in dir(kind) if not item.startswith("_")}
    public |= {item.name for item in dataclasses.fields(kind)}
    promised = set(PINNED[module, name].split())
    assert promised <= public, f"gone: {sorted(promised - public)}"
    new = public - promised - set(FURTHER[name].split())
    assert not new, f"public and not promised: {sorted(new)}"


def test_nouns_and_results_are_frozen() -> None:
    for module, name in PINNED:
        kind = getattr(importlib.import_module(module), name)
        assert kind.__dataclass_params__.frozen, name
        assert "__slots__" in vars(kind), name


def test_the_verb_takes_the_three_nouns_and_a_segment() -> None:
    simulate = importlib.import_module("analytics.results.simulation").simulate
    parameters = inspect.signature(simulate).parameters
    assert list(parameters) == ["portfolio", "policy", "assumptions", "by"]
    assert parameters["by"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["by"].default is None
