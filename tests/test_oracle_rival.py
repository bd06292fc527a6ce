"""The oracle's rival (section 10) and the end of a temporary raise, against examples by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.oracle import (
    at_its_end,
    load_cases,
    portfolio_from_csv,
    portfolio_from_parquet,
    rival,
    simulate,
)
from tests.oracle.examples import NO_RESPONSE, assumptions, in_all_bands, many, policy
from tests.oracle.rival import break_even

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "huabei_like.parquet"
# Figures are given to four decimals.
SHOWN = 5.1e-5
# Of a plain account: margin 3,000 x 0.045, less EL 0.017 x 4,400, less 0.095 x 0.105 x 0.75 x 3,700
WORTH = 135.0 - 74.80 - 0.095 * 0.105 * 0.75 * 3_700
# 10 % move at once; of the 5 % who leave anyway a quarter more, through the year.
LOST = 0.10 + 0.05 * 0.25 / 2


# The rival


def test_what_is_at_stake_worked_by_hand() -> None:
    accounts = many({}, {"score": 799}, {"opted_out": True})
    found = rival(accounts, policy(), assumptions())
    assert found["at_stake"] == pytest.approx(0.6 * LOST * WORTH, rel=1e-12)
    changed = {"rival_reach": 0.3, "rival_shift": 0.2, "rival_attrition": 0.5}
    found = rival(accounts, policy(), assumptions(), **changed)
    expected = 0.3 * (0.2 + 0.05 * 0.25) * WORTH
    assert found["at_stake"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("changes", [{}, {"temporary_days": 30}, {"holdout_rate": 0.4}])
def test_the_matrix_is_net_value_less_what_is_at_stake(changes: dict[str, Any]) -> None:
    for settings in (assumptions(), assumptions(consent_mode="opt_in", action_cost=Decimal(1))):
        everyone = policy(score_threshold=350, **changes)
        found = rival(load_cases(), everyone, settings)
        matrix, stake = found["matrix"], found["at_stake"]
        net_value = simulate(load_cases(), everyone, settings)["increment"]["net_value"]
        assert matrix["neither"] == 0
        assert matrix["we_alone"] == pytest.approx(net_value, rel=1e-12)
        assert matrix["rival_alone"] == -stake
        assert matrix["both"] == pytest.approx(net_value - stake / 2, rel=1e-12)


def test_the_reach_is_counted_where_the_rivals_limit_is_known() -> None:
    rows: list[dict[str, Any]] = [{"external_limit": cell} for cell in (1, 0, None, 500_000)]
    found = rival(many(*rows), policy(), assumptions())
    assert found["at_stake"] == pytest.approx(2.6 * LOST * WORTH, rel=1e-12)
    assert found["reach"] == pytest.approx(0.65, rel=1e-12)
    unknown = rival(many(rows[2], rows[2]), policy(), assumptions(), rival_reach=0.5)
    assert unknown["at_stake"] == pytest.approx(1.0 * LOST * WORTH, rel=1e-12)


def test_a_reach_of_nothing_makes_the_rival_irrelevant() -> None:
    for accounts, reach in ((many({}), 0.0), (many({"external_limit": 0}), 0.6)):
        found = rival(accounts, policy(), assumptions(), rival_reach=reach)
        assert found["at_stake"] == 0
        assert found["matrix"]["both"] == found["matrix"]["we_alone"]
        assert found["matrix"]["rival_alone"] == 0
        assert found["break_even_reach"] is None


def test_nobody_raised_has_nothing_at_stake() -> None:
    found = rival(many({"score": 500}), policy(), assumptions())
    assert set(found["matrix"].values()) == {0}
    assert found["reach"] is found["break_even_reach"] is None


def test_in_opt_in_mode_those_count_who_take_the_raise() -> None:
    settings = assumptions(consent_mode="opt_in", take_up=in_all_bands(0.3))
    found = rival(many({}), policy(), settings)
    assert found["at_stake"] == pytest.approx(0.3 * 0.6 * LOST * WORTH, rel=1e-12)
    assert found["reach"] == pytest.approx(0.6, rel=1e-12)


def test_at_the_break_even_raising_and_not_raising_are_equal() -> None:
    """A raise that answers nothing costs its loss, its capital and 0.40."""
    accounts = many({"default_probability": 0.001})
    settings = assumptions(**NO_RESPONSE, action_cost=Decimal("0.40"))
    reach = rival(accounts, policy(), settings)["break_even_reach"]
    assert reach is not None
    assert 0 < reach < 1
    matrix = rival(accounts, policy(), settings, rival_reach=reach)["matrix"]
    assert matrix["we_alone"] < 0
    assert matrix["both"] == pytest.approx(matrix["rival_alone"], rel=1e-12)


def test_the_break_even_is_null_outside_its_bounds() -> None:
    assert break_even(10.0, 0.6, 100.0) is None
    assert break_even(-10.0, 0.6, 100.0) == pytest.approx(0.12)
    assert break_even(-10.0, 0.6, 12.0) == pytest.approx(1.0)
    assert break_even(-10.0, 0.6, 11.0) is None
    assert break_even(10.0, 0.6, -100.0) == pytest.approx(0.12)
    assert str(break_even(0.0, 0.6, 100.0)) == "0.0"
    assert break_even(10.0, 0.6, 0.0) is None


def test_customers_who_cost_more_than_they_earn_are_no_loss_to_a_rival() -> None:
    found = rival(many({"default_probability": 0.2}), policy(), assumptions())
    assert found["at_stake"] < 0
    assert found["matrix"]["rival_alone"] > 0


def test_what_is_at_stake_on_the_sample() -> None:
    sample = portfolio_from_parquet(SAMPLE)
    from_700 = sample[sample["score"] >= 700].reset_index(drop=True)
    found = rival(from_700, policy(), assumptions())
    assert found["at_stake"] == pytest.approx(21_267.4673, abs=SHOWN)
    assert found["matrix"]["we_alone"] == pytest.approx(30_174.8653, abs=SHOWN)
    lower = policy(score_threshold=700, holdout_rate=0.05)
    found = rival(from_700, lower, assumptions())
    assert found["at_stake"] == pytest.approx(136_016.6421, abs=SHOWN)


def test_what_is_at_stake_on_real_cards(taiwan: Path) -> None:
    found = rival(portfolio_from_csv(taiwan), policy(limit_cap=None), assumptions())
    assert found["at_stake"] == pytest.approx(-81_119.2628, abs=SHOWN)


# The end of a temporary raise


def ended(accounts: pd.DataFrame, days: int, **changes: Any) -> dict[str, Any]:
    """Return the end of a raise of which a tenth is drawn."""
    draws = {**NO_RESPONSE, "response_form": "linear", "mpb": in_all_bands(0.1)}
    settings = policy(temporary_days=days, utilization_out_of_range=False)
    return at_its_end(accounts, settings, assumptions(**draws, **changes))


def test_balances_build_up_to_the_last_day_and_may_end_above_the_old_limit() -> None:
    """A raise of 2,000 draws 200 in a year; 0.55 of it by day 91.3, 10.84 by day 9."""
    built = 20_000 * 0.55 * 9 / 30.4375 / 3
    assert built == pytest.approx(1_084.189, abs=1e-3)
    rows = [
        {"balance": balance, "monthly_income": 9_000_000}
        for balance in (300_000, 998_915, 998_916, 1_000_000, 1_000_001)
    ]
    accounts = many(*rows, {"balance": 1_100_000, "score": 500})
    found = ended(accounts, 9)
    detail = found["accounts_detail"]
    assert detail["balance_at_end"][0] == pytest.approx(300_000 + built, rel=1e-12)
    assert detail["balance_at_end"][-1] == 1_100_000
    assert detail["above_old_limit"] == [False, False, True, True, True, False]
    assert found["above_old_limit"] == 3


def test_a_longer_raise_ends_with_no_fewer_above_and_costs_no_less_capital() -> None:
    accounts = many(*({"balance": 990_000 + 500 * number} for number in range(20)))
    counts = [ended(accounts, days)["above_old_limit"] for days in (7, 30, 60, 90)]
    assert counts == sorted(counts)
    assert 0 < counts[0] < counts[-1]
    charges = [
        simulate(accounts, policy(temporary_days=days), assumptions())["increment"]
        for days in (7, 30, 60, 90)
    ]
    amounts = [increment["capital_charge"] for increment in charges]
    assert amounts == sorted(amounts)


def test_in_opt_in_mode_the_count_is_expected() -> None:
    accounts = many({"balance": 1_000_000}, {"balance": 0})
    found = ended(accounts, 30, consent_mode="opt_in", take_up=in_all_bands(0.3))
    assert found["above_old_limit"] == pytest.approx(0.3)


def test_a_permanent_raise_has_no_end() -> None:
    with pytest.raises(ValueError, match="temporary_days"):
        at_its_end(many({}), policy(), assumptions())
