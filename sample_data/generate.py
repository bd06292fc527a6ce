"""Generate the sample portfolio: a synthetic book of revolving credit lines in CNY.

No row describes a real customer. A seed fixes every value: there is no clock and no network, and
the same seed gives the same accounts. ``python -m sample_data.generate`` writes both files.

The book is built in the order in which its quantities depend on each other: scores; the person
behind each account; limits; probabilities of default; balances; income; payment history. Per score
band the shares, mean limits, utilization and mean probabilities of default follow ``SHAPE``. The
means are reached by moving the knots of one continuous curve over the score, not by rescaling each
band, so that nothing jumps at a band edge.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sample_data.draws import (
    Booleans,
    Floats,
    Integers,
    count_column,
    draw,
    label_column,
    logistic,
    logit,
    money_column,
    pick,
    save_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

AS_OF_DATE = dt.date(2026, 10, 31)
CURRENCY = "CNY"
SCORE_MIN = 350
SCORE_MAX = 950
LIMIT_MIN = 500
LIMIT_MAX = 50_000
DEFAULT_ACCOUNTS = 200_000
DEFAULT_SEED = 20261031
CSV_ROWS = 1_000

FOLDER = Path(__file__).resolve().parent
PARQUET_FILE = FOLDER / "huabei_like.parquet"
CSV_FILE = FOLDER / "huabei_like_1000.csv"

MONEY_COLUMNS = ("credit_limit", "balance", "monthly_income")

REGIONS = (  # China's eight economic zones: name, share of accounts, income relative to the whole
    ("Northern Coast", 0.155, 1.05),
    ("Eastern Coast", 0.205, 1.25),
    ("Southern Coast", 0.165, 1.10),
    ("Northeast", 0.065, 0.85),
    ("Middle Yellow River", 0.125, 0.88),
    ("Middle Yangtze", 0.145, 0.92),
    ("Southwest", 0.105, 0.90),
    ("Northwest", 0.035, 0.84),
)
AGE_BANDS = ("18-22", "23-30", "31-40", "41-50", "51+")
AGE_EDGES = (23, 31, 41, 51)
STATUS = "active"  # the book holds live accounts alone
CHANNELS = ("marketplace", "in-store", "bill payment", "travel")
CHANNEL_SHARES = (0.54, 0.29, 0.12, 0.05)
LOSS_GIVEN_DEFAULTS = (0.75, 0.80, 0.85, 0.90, 0.95)
LOSS_GIVEN_DEFAULT_SHARES = (0.06, 0.18, 0.50, 0.20, 0.06)

LIMIT_STEPS = (100, 500, 1_000)
LIMIT_STEP_EDGES = (10_000, 20_000)
INCOME_LOST_RATE = 0.02
INCOME_UNKNOWN_RATE = 0.03

CALIBRATION_TOLERANCE_RATE = 0.001
CALIBRATION_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class BandShape:
    """The declared shape of one score band: rates are decimals, money is in CNY."""

    score_from: int
    share_rate: float
    mean_limit: float
    utilization_rate: float
    mean_default_probability: float


SHAPE = (
    BandShape(350, 0.080, 1_000, 0.55, 0.1600),
    BandShape(550, 0.160, 2_500, 0.42, 0.0650),
    BandShape(600, 0.240, 5_000, 0.30, 0.0300),
    BandShape(650, 0.220, 8_500, 0.20, 0.0130),
    BandShape(700, 0.150, 14_000, 0.13, 0.0055),
    BandShape(750, 0.095, 21_000, 0.09, 0.0025),
    BandShape(800, 0.045, 30_000, 0.07, 0.0010),
    BandShape(850, 0.010, 40_000, 0.05, 0.0005),
)
BAND_EDGES: Integers = np.array([*(band.score_from for band in SHAPE), SCORE_MAX + 1])


@dataclass(frozen=True, slots=True)
class People:
    """Who holds each account; the columns that the money depends on, one entry an account."""

    age_years: Floats
    region: Integers
    channel: Integers
    is_student: Booleans
    months_on_book: Integers
    affluence: Floats


def sample_accounts(accounts: int = DEFAULT_ACCOUNTS, seed: int = DEFAULT_SEED) -> pd.DataFrame:
    """Return a synthetic portfolio, one row an account, money in CNY.

    Parameters
    ----------
    accounts
        How many accounts, at least 1. Below a few thousand the small bands are too thin for their
        means to reach the declared shape.
    seed
        Fixes every value; the same number of accounts and seed give the same frame.

    Returns
    -------
    pandas.DataFrame
        Shape (accounts, 18), in account_id order, which says nothing about the score. Money is
        float64, each value the double nearest to a whole number of cents; an unknown
        ``monthly_income`` is NaN. Rates are decimals, counts int32, flags bool, text str.
        ``sample_table`` holds the same rows with money as exact decimals.

    Raises
    ------
    ValueError
        When ``accounts`` is below 1.

    """
    return accounts_frame(sample_table(accounts, seed))


def sample_table(accounts: int = DEFAULT_ACCOUNTS, seed: int = DEFAULT_SEED) -> pa.Table:
    """Return the ``sample_accounts`` as an Arrow table, money as DECIMAL(12, 2) in CNY.

    Parameters and errors are those of ``sample_accounts``; an unknown income is null.
    """
    if accounts < 1:
        message = f"accounts is {accounts}; give at least 1."
        raise ValueError(message)
    streams = iter(np.random.Generator(np.random.PCG64(seed)).spawn(8))
    account_id = _account_ids(next(streams), accounts)
    score = _scores(next(streams), accounts)
    people = _people(next(streams), score)
    credit_limit = _credit_limits(next(streams), score, people)
    appetite, default_probability = _default_probabilities(next(streams), score, people)
    balance = _balances(next(streams), score, credit_limit, appetite, default_probability)
    monthly_income = _monthly_incomes(next(streams), score, people)
    behaviour = _behaviour(next(streams), people, default_probability, balance / credit_limit)
    return pa.table(
        {
            "account_id": account_id,
            "score": count_column(score),
            "credit_limit": money_column(credit_limit),
            "balance": money_column(balance),
            "default_probability": pa.array(default_probability),
            "loss_given_default": behaviour.pop("loss_given_default"),
            "monthly_income": money_column(monthly_income),
            "months_on_book": count_column(people.months_on_book),
            **behaviour,
            "is_student": pa.array(people.is_student),
            "account_status": label_column(np.zeros(accounts, dtype=np.int64), [STATUS]),
            "region": label_column(people.region, [name for name, _, _ in REGIONS]),
            "age_band": label_column(np.digitize(people.age_years, AGE_EDGES), AGE_BANDS),
            "channel": label_column(people.channel, CHANNELS),
        },
    )


def accounts_frame(table: pa.Table) -> pd.DataFrame:
    """Return a table of ``sample_table`` as a frame of ``sample_accounts``: money as float64."""
    amounts = [field.name for field in table.schema if pa.types.is_decimal(field.type)]
    for name in amounts:
        position = table.schema.get_field_index(name)
        table = table.set_column(position, name, table.column(name).cast(pa.float64()))
    frame: pd.DataFrame = table.replace_schema_metadata(None).to_pandas()
    for name in amounts:  # the cast may miss the nearest double; a division does not
        frame[name] = np.rint(frame[name] * 100) / 100
    return frame


def spread_rows(frame: pd.DataFrame, rows: int = CSV_ROWS) -> pd.DataFrame:
    """Return ``rows`` rows at equal distances through the frame; all when it has fewer."""
    step = max(len(frame) // rows, 1)
    return frame.iloc[step // 2 :: step].head(rows)


def csv_text(frame: pd.DataFrame) -> str:
    """Return the frame as CSV: LF line ends, cents on money, true/false, blank for unknown."""
    shown = frame.astype(object)
    for name in MONEY_COLUMNS:
        shown[name] = [None if np.isnan(value) else f"{value:.2f}" for value in frame[name]]
    for name in frame.columns[frame.dtypes == np.bool_]:
        shown[name] = np.where(frame[name], "true", "false")
    text: str = shown.to_csv(index=False, lineterminator="\n")
    return text


def main() -> None:
    """Write the Parquet file (all accounts) and the CSV file (1,000 of them) beside this script."""
    table = sample_table()
    about = {
        "as_of_date": AS_OF_DATE.isoformat(),
        "currency": CURRENCY,
        "score_scale": f"{SCORE_MIN}-{SCORE_MAX}",
        "origin": f"synthetic, sample_data/generate.py, seed {DEFAULT_SEED}",
    }
    save_table(table, PARQUET_FILE, about, plain=("balance",))
    CSV_FILE.write_bytes(csv_text(spread_rows(accounts_frame(table))).encode())


def _account_ids(rng: np.random.Generator, accounts: int) -> pa.Array:
    """Return unique ids of 18 digits in ascending order, a tenth of them with leading zeros.

    The range of 18 digits is cut into as many equal cells as there are accounts; each has one id.
    """
    cell = 10**18 // accounts
    number = np.arange(accounts, dtype=np.int64) * cell + rng.integers(0, cell, accounts)
    return pc.utf8_lpad(pa.array(number).cast(pa.string()), 18, "0")


def _scores(rng: np.random.Generator, accounts: int) -> Integers:
    """Return scores in random order whose counts per band are the declared shares, rounded."""
    density = _score_density()
    counts = _band_counts(accounts)
    parts = []
    for lower, upper, count in zip(BAND_EDGES[:-1], BAND_EDGES[1:], counts, strict=True):
        mass = density[lower - SCORE_MIN : upper - SCORE_MIN]
        cumulative = np.cumsum(mass) / mass.sum()
        draw = np.searchsorted(cumulative, rng.random(count), side="right")
        parts.append(lower + np.minimum(draw, len(mass) - 1))
    return rng.permutation(np.concatenate(parts))


def _band_counts(accounts: int) -> Integers:
    """Return the accounts in each band, shape (bands,), summing to ``accounts``.

    They are the declared shares; the largest remainders are rounded up.
    """
    exact = np.array([band.share_rate for band in SHAPE]) * accounts
    counts = np.floor(exact + 1e-9).astype(np.int64)
    short = accounts - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    return counts


def _score_density() -> Floats:
    """Return the share of accounts at each score, shape (601,), smooth, summing to each share.

    Tobler's mass-preserving interpolation (1979): smooth over neighbours, restore each band's sum,
    and repeat.
    """
    band = np.repeat(np.arange(len(SHAPE)), np.diff(BAND_EDGES))
    share = np.array([shape.share_rate for shape in SHAPE])
    width = np.diff(BAND_EDGES)
    density: Floats = (share / width)[band]
    kernel = np.ones(15) / 15
    for _ in range(400):
        padded = np.pad(density, 7, mode="constant")
        density = np.convolve(padded, kernel, mode="valid")
        density *= (share / np.bincount(band, density))[band]
    return density


def _people(rng: np.random.Generator, score: Integers) -> People:
    """Draw who holds each account: older, longer-standing customers tend to score higher."""
    accounts = len(score)
    merit = (score - 650) / 100
    age = 18 + np.minimum(12 * np.exp(0.68 * rng.standard_normal(accounts) + 0.16 * merit), 57)
    region = draw(rng, [share for _, share, _ in REGIONS], accounts)
    regional_income = np.log([relative for _, _, relative in REGIONS])
    age_band = np.digitize(age, AGE_EDGES)
    is_student = rng.random(accounts) < np.array([0.40, 0.022, 0.001, 0.0, 0.0])[age_band]
    tenure = rng.random(accounts) ** np.exp(0.08 - 0.35 * merit)
    months_on_book = np.minimum(np.floor(101 * tenure), np.floor(12 * (age - 18)))
    career = 0.35 * np.log(np.minimum(age - 17, 30) / 13)
    affluence = career + regional_income[region] + 0.36 * rng.standard_normal(accounts)
    return People(
        age_years=age,
        region=region,
        channel=draw(rng, CHANNEL_SHARES, accounts),
        is_student=is_student,
        months_on_book=months_on_book.astype(np.int64),
        affluence=affluence - 1.0 * is_student,
    )


def _credit_limits(rng: np.random.Generator, score: Integers, people: People) -> Floats:
    """Return limits: round numbers from 500 to 50,000, higher for affluence and time on book."""
    spread = np.interp(score, [350, 600, 800, 950], [0.42, 0.45, 0.30, 0.20])
    relative = spread * (
        1.1 * people.affluence
        + 0.5 * (people.months_on_book - 48) / 30
        + 0.7 * rng.standard_normal(len(score))
    )

    def limits(level: Floats) -> Floats:
        raw = np.exp(level + relative)
        step = np.array(LIMIT_STEPS)[np.digitize(raw, LIMIT_STEP_EDGES)]
        rounded: Floats = np.clip(np.rint(raw / step) * step, LIMIT_MIN, LIMIT_MAX)
        return rounded

    target = np.array([band.mean_limit for band in SHAPE])
    return _calibrate(score, target, np.log, limits, np.ones(len(score)))


def _default_probabilities(
    rng: np.random.Generator,
    score: Integers,
    people: People,
) -> tuple[Floats, Floats]:
    """Return each account's appetite for credit, standard normal, and its probability of default.

    The log-odds fall with the score; around that they rise with the appetite, which ties default
    to utilization inside each band, and fall with affluence and time on book. Probabilities have
    three significant digits.
    """
    appetite = rng.standard_normal(len(score))
    relative = (
        0.30 * appetite
        - 0.15 * people.affluence
        - 0.10 * (people.months_on_book - 48) / 30
        + 0.50 * rng.standard_normal(len(score))
    )

    def probabilities(level: Floats) -> Floats:
        raw = np.maximum(logistic(level + relative), 0.0001)
        unit = 10 ** (2 - np.floor(np.log10(raw)))
        rounded: Floats = np.rint(raw * unit) / unit
        return rounded

    target = np.array([band.mean_default_probability for band in SHAPE])
    return appetite, _calibrate(score, target, logit, probabilities, np.ones(len(score)))


def _balances(
    rng: np.random.Generator,
    score: Integers,
    credit_limit: Floats,
    appetite: Floats,
    default_probability: Floats,
) -> Floats:
    """Return balances in whole cents: idle accounts at 0, some accounts over their limit.

    Idle accounts are likelier at high scores, over-limit ones at a high probability of default.
    """
    accounts = len(score)
    idle_rate = np.interp(score, [350, 550, 700, 850], [0.22, 0.26, 0.33, 0.44])
    idle = rng.random(accounts) < idle_rate
    over = pick(rng, 0.007, np.where(idle, 0.0, default_probability))
    excess = 1.005 + np.minimum(rng.exponential(0.06, accounts), 0.40)
    spread = np.interp(score, [350, 600, 850], [1.2, 1.35, 1.5])
    relative = spread * (0.8 * appetite + 0.6 * rng.standard_normal(accounts))

    def utilizations(level: Floats) -> Floats:
        drawn = np.where(over, excess, logistic(level + relative))
        return np.where(idle, 0.0, drawn)

    target = np.array([band.utilization_rate for band in SHAPE])
    utilization = _calibrate(score, target, logit, utilizations, credit_limit)
    return np.rint(utilization * credit_limit * 100) / 100


def _monthly_incomes(rng: np.random.Generator, score: Integers, people: People) -> Floats:
    """Return monthly incomes in tens of CNY, median about 6,500 and rising with score; 3 % NaN.

    One account in fifty has lost most of its income since the limit was set.
    """
    accounts = len(score)
    level = np.log(6_400) + 0.0052 * (score - 650)
    income = np.exp(level + people.affluence + 0.27 * rng.standard_normal(accounts))
    lost = rng.random(accounts) < INCOME_LOST_RATE
    income = np.where(lost, rng.uniform(0.1, 0.5, accounts) * income, income)
    income = np.maximum(np.rint(income / 10) * 10, 300)
    return np.where(rng.random(accounts) < INCOME_UNKNOWN_RATE, np.nan, income)


def _behaviour(
    rng: np.random.Generator,
    people: People,
    default_probability: Floats,
    utilization: Floats,
) -> dict[str, pa.Array]:
    """Return the columns of payment history, limit history, flags and loss, by column name.

    Arrears and hardship are picked in proportion to the probability of default; arrears and minimum
    payments need a balance; no history is longer than the time on book.
    """
    accounts = len(utilization)
    months = people.months_on_book
    at_risk = np.where((utilization > 0) & (months > 0), default_probability, 0.0)
    past_due = pick(rng, 0.025, at_risk**0.8)
    earlier = pick(rng, 0.06, default_probability**0.7)
    days_now = np.where(past_due, _arrears_days(rng, months), 0)
    days_earlier = np.where(earlier, _arrears_days(rng, months), 0)
    changed = np.floor(rng.exponential(76, accounts)).astype(np.int64)
    strain = 3.6 * np.minimum(utilization, 1) + 1.1 * rng.standard_normal(accounts)
    minimum_payments = rng.binomial(6, np.where(utilization > 0, logistic(strain - 4.2), 0.0))
    loss = draw(rng, LOSS_GIVEN_DEFAULT_SHARES, accounts)
    return {
        "loss_given_default": pa.array(np.array(LOSS_GIVEN_DEFAULTS)[loss]),
        "days_past_due": count_column(days_now),
        "max_days_past_due_12m": count_column(np.maximum(days_now, days_earlier)),
        "months_since_limit_change": count_column(np.minimum(changed, months)),
        "minimum_payment_months_6": count_column(np.minimum(minimum_payments, months)),
        "opted_out": pa.array(pick(rng, 0.03, people.age_years)),
        "in_hardship": pa.array(pick(rng, 0.006, at_risk)),
    }


def _arrears_days(rng: np.random.Generator, months_on_book: Integers) -> Integers:
    """Return days past due from 1 to 180, mostly under 30, at most 30 for each month on book."""
    days = 1 + np.minimum(np.floor(rng.exponential(22, len(months_on_book))), 179)
    capped: Integers = np.minimum(days, 30 * months_on_book).astype(np.int64)
    return capped


def _calibrate(
    score: Integers,
    target: Floats,
    link: Callable[[Floats], Floats],
    values: Callable[[Floats], Floats],
    weight: Floats,
) -> Floats:
    """Return ``values(level)`` with weighted band means at ``target``; level is a curve over score.

    The curve is linear between knots at the bands' mean scores, on the scale of ``link``; outside
    the knots it goes on at half its slope. Each round moves each knot by its band's miss. A band
    without accounts keeps its first knot; a thin one may stay off its target.
    """
    band = np.digitize(score, BAND_EDGES) - 1
    bands = len(SHAPE)
    count = np.bincount(band, minlength=bands)
    middle = (BAND_EDGES[:-1] + BAND_EDGES[1:]) / 2
    centre = np.where(count > 0, np.bincount(band, score, bands) / np.maximum(count, 1), middle)
    total = np.bincount(band, weight, bands)
    filled = total > 0
    knot = link(target)
    for _ in range(CALIBRATION_ROUNDS):
        result = values(_curve(centre, knot)[score - SCORE_MIN])
        reached = np.bincount(band, weight * result, bands)[filled] / total[filled]
        if np.all(np.abs(reached / target[filled] - 1) < CALIBRATION_TOLERANCE_RATE):
            break
        near = np.clip(reached, target[filled] / 2, target[filled] * 1.5)
        knot[filled] += link(target[filled]) - link(near)
    return result


def _curve(centre: Floats, knot: Floats) -> Floats:
    """Return the curve through the knots at each score, shape (601,)."""
    slope = np.diff(knot) / np.diff(centre)
    first = knot[0] - (centre[0] - SCORE_MIN) * slope[0] / 2
    last = knot[-1] + (SCORE_MAX - centre[-1]) * slope[-1] / 2
    scores = np.arange(SCORE_MIN, SCORE_MAX + 1)
    curve: Floats = np.interp(scores, [SCORE_MIN, *centre, SCORE_MAX], [first, *knot, last])
    return curve


if __name__ == "__main__":
    main()
