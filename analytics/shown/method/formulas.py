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
    "loss_rate_on_balance": marked("expected loss / balance"),
    "new_debt": marked("sum of (1 - moved share) dB; 0 in the baseline"),
    "moved_balance": marked("sum of moved share x dB; 0 in the baseline"),
    "margin": marked(
        "sum of B (yield - funding rate - operating rate); of a transactor with the yield of "
        "transactors"
    ),
    "rwa": marked(
        "sum of risk weight x (B + regulatory conversion factor x max(L - B, 0)), or by the "
        "IRB formula of section 9 12.5 K EAD"
    ),
    "capital_charge": marked("(hurdle rate - funding rate) x capital ratio x RWA"),
    "retained": marked(
        "sum of 1/2 (attrition0 - attrition1) (margin0 - p g EAD0 - capital charge0); 0 in the "
        "baseline"
    ),
    "action_cost": marked("cost of a raise x accounts raised or offered it; 0 in the baseline"),
    "net_value": marked("margin + retained - expected loss - capital charge - action cost"),
    "return_on_capital": marked(
        "(margin + retained - expected loss - action cost) / (capital ratio x RWA) + funding "
        "rate: net value is 0 where it is the hurdle rate"
    ),
    "npv": marked(
        "sum over months of value(t) / (1 + discount rate)^(t/12), less action cost: section 8"
    ),
    "first_year_value": marked("sum of value(t) for t up to 12, less action cost: section 8"),
    "payback_months": marked(
        "the first month from which the discounted cumulated value is at least 0 and stays so; "
        "none where there is none or nobody is raised"
    ),
    "provision_day_one": marked("stock(0) of section 8"),
    "first_year_profit": marked(
        "sum of margin(t) + retained(t) - default(t) for t up to 12, less stock(12) and action "
        "cost: section 8"
    ),
    "loss_per_new_exposure": marked(
        "increment of expected loss / increment of EAD; only an increment has it"
    ),
    "relieved": marked(
        "raised accounts with B / L at or above the tight utilization, and B1 / L1 below it; "
        "0 in the baseline"
    ),
    "strained": marked(
        "accounts with known income and minimum payment rate x L + payments elsewhere > share x "
        "income; after a raise with L1"
    ),
    "thin_cover": marked(
        "accounts with known income and max(L - B, 0) < 0.25 x income; after a raise with L1, B1"
    ),
    "short_cover": marked(
        "accounts with known income and max(L - B, 0) < income; after a raise with L1, B1"
    ),
    "over_indebted": marked(
        "accounts with known income and B > multiple x income; after a raise with B1"
    ),
}
"""Of the baseline and the proposal; an increment is the difference, of a rate too."""
