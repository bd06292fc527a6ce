"""The formulas as a person writes them: of every measure, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.declared.language import marked

FORMULAS: Mapping[str, str] = {
    "accounts": marked("a count"),
    "raised": marked("a count of accounts with the reason `raised`; 0 in the baseline"),
    "raised_share": marked("raised / accounts"),
    "limit": marked("sum of L"),
    "balance": marked("sum of B"),
    "headroom": marked("sum of max(L - B, 0)"),
    "ead": marked("sum of B + c max(L - B, 0)"),
    "projected_defaults": marked("sum of p"),
    "defaulted_exposure": marked("sum of p EAD"),
    "expected_loss": marked("sum of p g EAD"),
    "default_rate": marked("projected defaults / accounts"),
    "loss_rate": marked("expected loss / EAD"),
    "margin": marked("sum of B (yield - funding rate - operating rate)"),
    "rwa": marked(
        "sum of risk weight x (B + regulatory conversion factor x max(L - B, 0)), or by the "
        "IRB formula of section 8 12.5 K EAD"
    ),
    "capital_charge": marked("hurdle rate x capital ratio x RWA"),
    "retained": marked(
        "sum of (attrition0 - attrition1) max(margin0 - p g EAD0, 0); 0 in the baseline"
    ),
    "action_cost": marked("cost of a raise x accounts that take it; 0 in the baseline"),
    "net_value": marked("margin + retained - expected loss - capital charge - action cost"),
    "return_on_capital": marked(
        "(margin + retained - expected loss - action cost) / (capital ratio x RWA)"
    ),
    "loss_per_new_exposure": marked(
        "increment of expected loss / increment of EAD; only an increment has it"
    ),
    "relieved": marked(
        "raised accounts with B / L at or above the tight utilization, and B1 / L1 below it; "
        "0 in the baseline"
    ),
    "strained": marked(
        "accounts with known income and minimum payment rate x L > share x income; after a "
        "raise with L1"
    ),
    "over_indebted": marked(
        "accounts with known income and B > multiple x income; after a raise with B1"
    ),
}
"""Of the baseline and the proposal; an increment is the difference, of a rate too."""
