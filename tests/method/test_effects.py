"""What a raise does to one account, by hand, as arrays: the stages from limit to loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.method import effects
from analytics.method.effects import BAND_VALUES, Rows

LINEAR = Assumptions(response_form="linear", credit_conversion_factor=0.5)  # type: ignore[arg-type]
BAND: dict[str, Any] = {name: getattr(LINEAR, name)[6] for name in BAND_VALUES} | {
    "mpb": 0.25,
    "pd_uplift": 0.02,
    "reference_draw": 0.025,
}


def account(assumptions: Assumptions = LINEAR, *, transactor: bool = False, **cells: Any) -> Rows:
    """Return limit 10,000 raised to 12,000, balance 3,000, p 2 %, g 85 %, through both stages."""
    one = Rows(
        **{
            "balance": np.array([3_000.0]),
            "credit_limit": np.array([10_000.0]),
            "new_limit": np.array([12_000.0]),
            "default_probability": np.array([0.02]),
            "loss_given_default": np.array([0.85]),
            "is_transactor": np.array([transactor]),
        }
        | cells
    )
    vars(one).update(effects.first_stage(one, BAND, assumptions, transactors=True))
    vars(one).update(effects.second_stage(one, assumptions))
    return one


def terms(one: Rows, assumptions: Assumptions = LINEAR) -> dict[str, float]:
    found = effects.terms(one, assumptions, transactors=True, day_after=True)
    return {name: float(np.ravel(value)[0]) for name, value in found.items()}


def test_the_hand_example_of_the_method_with_the_limit_as_driver() -> None:
    """26.52 = 21.25 + 4.42 + 0.85."""
    driven = LINEAR.with_changes(pd_uplift_driver="limit")
    found = terms(account(driven), driven)
    assert found["limit"] == 2_000
    assert found["balance"] == pytest.approx(500)
    parts = [found[name] for name in ("new_exposure", "old_balance", "cross")]
    assert parts == pytest.approx([21.25, 4.42, 0.85])


def test_default_follows_debt_by_the_draw_over_the_reference() -> None:
    """500 of 10,000 are twice the reference of 2.5 %, so twice 2 % more."""
    one = account()
    assert one.new_probability == pytest.approx(0.02 * (1 + 2 * 0.02))


def test_who_draws_nothing_is_as_safe_as_before() -> None:
    still = Rows(**vars(account()))
    still.new_balance = still.balance
    assert effects.second_stage(still, LINEAR)["new_probability"] == pytest.approx(0.02)


def test_the_day_after_only_limits_have_moved() -> None:
    """Headroom 2,000 more, half of it drawn by default: 2 % x 85 % x 1,000."""
    found = terms(account())
    assert found["day_after_headroom"] == 2_000
    assert found["day_after_loss"] == pytest.approx(17.0)
    assert found["day_after_defaulted_exposure"] == pytest.approx(20.0)


def test_a_transactor_earns_its_own_yield() -> None:
    assert account().yield_rate == pytest.approx(BAND["yield_rate"])
    assert account(transactor=True).yield_rate == pytest.approx(LINEAR.transactor_yield)
    assert terms(account(transactor=True))["transactor_balance"] == pytest.approx(500)
    assert terms(account())["transactor_balance"] == 0


def test_what_is_retained_is_half_of_what_stays_and_below_zero_for_a_loss_maker() -> None:
    """Attrition falls from 5 % by 6 %; margin 3,000 x 4.5 %, loss 110.50, capital on 2,775."""
    charge = 0.095 * 0.105 * 0.75 * (3_000 + 0.10 * 7_000)
    earned = 3_000 * 0.045 - 110.50 - charge
    assert earned < 0
    assert terms(account())["retained"] == pytest.approx(0.5 * 0.05 * 0.06 * earned)


def test_drawn_loss_is_known_where_provisions_need_it() -> None:
    """3,500 x 2.08 % x 85 % less 3,000 x 2 % x 85 %."""
    cecl = LINEAR.with_changes(provisioning="cecl")
    found = terms(account(cecl), cecl)
    assert found["drawn_loss"] == pytest.approx(3_500 * 0.0208 * 0.85 - 51.0)
    assert "drawn_loss" not in terms(account())
