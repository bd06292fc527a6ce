"""How sure: pools of accounts, and the central 95 % ranges that are computed from them."""

from analytics.results.ranges.outcome import (
    IncrementRanges,
    Range,
    Ranges,
    RangeTriple,
    Sums,
    UnderResponse,
    increment_ranges_by_threshold,
    load_increment_ranges,
    load_ranges,
    ranges_at,
    sums_at,
)
from analytics.results.ranges.pools import (
    BaselinePools,
    Pools,
    RaisedPools,
    baseline_pools_statement,
    load_baseline_pools,
    load_pools,
    load_raised_pools,
    pools_of,
    raised_pools_statement,
)

__all__ = [
    "BaselinePools",
    "IncrementRanges",
    "Pools",
    "RaisedPools",
    "Range",
    "RangeTriple",
    "Ranges",
    "Sums",
    "UnderResponse",
    "baseline_pools_statement",
    "increment_ranges_by_threshold",
    "load_baseline_pools",
    "load_increment_ranges",
    "load_pools",
    "load_raised_pools",
    "load_ranges",
    "pools_of",
    "raised_pools_statement",
    "ranges_at",
    "sums_at",
]
