"""The formulas as a person writes them: of every measure, by its name."""

from __future__ import annotations

FORMULAS: dict[str, str] = {
    "accounts": "a count",
    "raised": "a count of accounts with the reason `raised`; 0 in the baseline",
    "raised_share": "raised / accounts",
    "limit": "sum of L",
    "balance": "sum of B",
    "headroom": "sum of max(L - B, 0)",
    "ead": "sum of B + c max(L - B, 0)",
    "projected_defaults": "sum of p",
    "defaulted_exposure": "sum of p EAD",
    "expected_loss": "sum of p g EAD",
    "default_rate": "projected defaults / accounts",
    "loss_rate": "expected loss / EAD",
    "margin": "sum of B (yield - funding rate - operating rate)",
    "rwa": "sum of risk weight x (B + regulatory conversion factor x max(L - B, 0)), "
    "or by the IRB formula of section 8 12.5 K EAD",
    "capital_charge": "hurdle rate x capital ratio x RWA",
    "retained": "sum of (attrition0 - attrition1) max(margin0 - p g EAD0, 0); 0 in the baseline",
    "action_cost": "cost of a raise x accounts that take it; 0 in the baseline",
    "net_value": "margin + retained - expected loss - capital charge - action cost",
    "return_on_capital": "(margin + retained - expected loss - action cost) / "
    "(capital ratio x RWA)",
    "loss_per_new_exposure": "increment of expected loss / increment of EAD; "
    "only an increment has it",
    "relieved": "raised accounts with B / L at or above the tight utilization, and B1 / L1 below "
    "it; 0 in the baseline",
    "strained": "accounts with known income and minimum payment rate x L > share x income; "
    "after a raise with L1",
    "over_indebted": "accounts with known income and B > multiple x income; after a raise with B1",
}
"""Of the baseline and the proposal; an increment is the difference, of a rate too."""
