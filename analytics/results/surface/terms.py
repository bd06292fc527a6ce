"""What increments are made of: functions of limit and raise, and the sums that they multiply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Columns, Floats, Ints, Numbers
from analytics.declared.choices import Provisioning
from analytics.method import capital, formulas
from analytics.method.effects import BAND_VALUES
from analytics.method.elementwise import ln
from analytics.results.surface.cells import Question

Term = tuple[str, str, Numbers]
"""An increment, the sum that it takes, and the function that the sum is multiplied by."""


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of one band, idle or not, and of some of its scores and limits.

    ``row`` (place in ``rows``: groups and scores) and ``code`` (place in ``limits``) are one entry
    a cell, as are the ``cells`` themselves; the first ``free`` of them no ceiling stops.
    """

    band: int
    idle: bool
    free: int
    rows: Ints
    limits: Ints
    row: Ints
    code: Ints
    cells: Columns


def terms(question: Question, block: Block, limit: Ints, new: Ints) -> Iterator[Term]:
    """Give what increments are made of, for limits and new limits of the same shape."""
    effect = _effect(question, block, limit, new)
    more = new - limit
    yield "raised", "accounts", (more > 0).astype(np.int64)
    yield "limit", "accounts", more
    yield "retained", "worth", effect.attrition_fall
    yield from _balance_terms(question, effect)
    yield from _risk_terms(question, effect, limit, new)
    if question.irb:
        yield from _capital_terms(question, block, effect, limit, new)


def _balance_terms(question: Question, effect: _Effect) -> Iterator[Term]:
    """Give what the increments of balance are made of."""
    if effect.slope is not None:
        yield "balance", "balances", effect.slope
        if question.transactors:
            yield "transactor_balance", "transactor_balances", effect.slope
    if effect.start is not None:
        yield "balance", "accounts", effect.start
        if question.transactors:
            yield "transactor_balance", "transactors", effect.start


def _risk_terms(question: Question, effect: _Effect, limit: Ints, new: Ints) -> Iterator[Term]:
    """Give what the increments of defaults and losses are made of.

    An amount at default after the raise is ``per_unit`` of each unit of balance and ``per_account``
    of each account; the default probability is ``1 + alone`` times what it was and ``by_balance``
    times that for each unit of balance.
    """
    factor = question.assumptions.credit_conversion_factor
    slope, start = effect.slope_or_none, effect.start_or_none
    exposure = _Amount(
        per_unit=formulas.ead(1.0 + slope, -(1.0 + slope), factor),
        per_account=formulas.ead(start, new - start, factor),
        unit_before=formulas.ead(1.0, -1.0, factor),
        account_before=formulas.ead(0, limit, factor),
    )
    if effect.by_balance is not None:
        yield "projected_defaults", "risk_balances", effect.by_balance
    if effect.alone is not None:
        yield "projected_defaults", "risks", effect.alone
    yield from _weighted("defaulted_exposure", "risk", effect, exposure)
    yield from _weighted("expected_loss", "loss", effect, exposure)
    more = factor * (new - limit)
    yield "day_after_loss", "losses", more
    if question.policy.temporary_days is not None:
        yield "day_after_defaulted_exposure", "risks", more
    if question.assumptions.provisioning is Provisioning.CECL:
        balance = _Amount(
            per_unit=1.0 + slope, per_account=start, unit_before=1.0, account_before=0.0
        )
        yield from _weighted("drawn_loss", "loss", effect, balance)


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount after and before a raise: of each unit of balance, and of each account."""

    per_unit: Numbers
    per_account: Numbers
    unit_before: float
    account_before: Numbers | float


def _weighted(name: str, of: str, effect: _Effect, amount: _Amount) -> Iterator[Term]:
    """Give what an increment is made of that is an amount times default probability.

    ``of`` says whose sums are taken: those of default probability, or of it times loss given
    default.
    """
    alone, square = {"risk": ("risks", "risk_squares"), "loss": ("losses", "loss_squares")}[of]
    risk = 1.0 if effect.alone is None else 1.0 + effect.alone
    yield name, alone, risk * amount.per_account - amount.account_before
    with_balance = risk * amount.per_unit - amount.unit_before
    if effect.by_balance is not None:
        with_balance = with_balance + effect.by_balance * amount.per_account
        yield name, square, effect.by_balance * amount.per_unit
    elif effect.slope is None and effect.alone is None:
        return
    yield name, f"{of}_balances", with_balance


def _capital_terms(
    question: Question, block: Block, effect: _Effect, limit: Ints, new: Ints
) -> Iterator[Term]:
    """Give what the increments of risk-weighted assets are made of; cells bring requirements."""
    factor = question.assumptions.credit_conversion_factor
    slope, start = effect.slope_or_none, effect.start_or_none
    per_unit = formulas.ead(1.0 + slope, -(1.0 + slope), factor)
    per_account = formulas.ead(start, new - start, factor)
    unit_before, account_before = formulas.ead(1.0, -1.0, factor), formulas.ead(0, limit, factor)
    for index, share in enumerate(lagrange(question.nodes(), _shares(question, block, limit, new))):
        today = 1.0 if index == 0 else 0.0
        alone = capital.irb_rwa(1.0, share * per_account - today * account_before)
        yield "rwa", f"capital_{index}", alone
        with_balance = capital.irb_rwa(1.0, share * per_unit - today * unit_before)
        yield "rwa", f"capital_balances_{index}", with_balance
    yield "day_after_rwa", "capital_0", capital.irb_rwa(1.0, factor * (new - limit))


def _shares(question: Question, block: Block, limit: Ints, new: Ints) -> Floats:
    """Return raises as shares of the largest change of default probability that there is."""
    if not question.largest:
        return np.zeros(np.shape(new))
    growth = new / limit - 1.0
    if _by_logarithm(question, block):
        return np.asarray(np.log1p(growth) / np.log1p(question.largest))
    return np.asarray(growth / question.largest)


def _by_logarithm(question: Question, block: Block) -> bool:
    """Whether default probability follows the logarithm of the growth of limits."""
    return question.by_debt and question.splits_idle and not block.idle


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a raise does, in the parts that are linear in the account; None where there is none.

    Balance grows by ``start`` and by ``slope`` times itself; default probability by ``alone`` times
    itself and by ``by_balance`` times itself for each unit of balance; attrition falls by
    ``attrition_fall``.
    """

    slope: Floats | None
    start: Floats | None
    alone: Floats | None
    by_balance: Floats | None
    attrition_fall: Floats

    @property
    def slope_or_none(self) -> Floats:
        """The slope, 0 where there is none."""
        return np.zeros_like(self.attrition_fall) if self.slope is None else self.slope

    @property
    def start_or_none(self) -> Floats:
        """The start, 0 where there is none."""
        return np.zeros_like(self.attrition_fall) if self.start is None else self.start


def _effect(question: Question, block: Block, limit: Ints, new: Numbers) -> _Effect:
    assumptions = question.assumptions
    value = {name: getattr(assumptions, name)[block.band] for name in BAND_VALUES}
    growth = new / limit - 1.0
    fall = value["attrition"] - formulas.attrition_after(
        value["attrition"], growth, value["attrition_change"], assumptions.attrition_floor
    )
    slope: Floats | None = None
    start: Floats | None = None
    if not question.splits_idle:
        start = formulas.drawn_linear(value["mpb"], new - limit)
    elif block.idle:
        start = formulas.drawn_idle(assumptions.idle_draw, new - limit)
    else:
        slope = formulas.drawn_log(value["elasticity"], 1.0, ln(new / limit))
    drawn = start if slope is None else slope
    change = formulas.uplift_change(
        value["pd_uplift"],
        growth=growth,
        drawn=np.asarray(drawn) / limit,
        reference=value["reference_draw"],
        driver=assumptions.pd_uplift_driver,
    )
    if _by_logarithm(question, block):
        return _Effect(slope, start, None, change, fall)
    return _Effect(slope, start, change, None, fall)


def largest_changes(question: Question, block: Block) -> Floats:
    """Return the largest relative change of default probability of each account of a block."""
    limit = block.cells["credit_limit"]
    most = _effect(question, block, limit, limit * (1.0 + question.largest))
    if most.by_balance is not None:
        return np.asarray(most.by_balance * block.cells["balances"])
    return np.asarray(most.alone)


def lagrange(nodes: Floats, at: Floats) -> Iterator[Floats]:
    """Give, for each node, the weight of its value in the interpolation at each place."""
    count = len(nodes)
    if count == 1:
        yield np.ones_like(at)
        return
    weights = (-1.0) ** np.arange(count)
    weights[[0, -1]] /= 2.0
    hit = np.equal(at[..., None], nodes).argmax(axis=-1)
    on_node = nodes[hit] == at
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = [weight / (at - node) for weight, node in zip(weights, nodes, strict=True)]
        total = sum(inverse)
        for index, part in enumerate(inverse):
            yield np.where(on_node, (hit == index).astype(np.float64), part / total)
