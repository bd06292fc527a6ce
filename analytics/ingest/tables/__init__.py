"""Portfolios that stay in the database that holds them.

Nothing is copied and nothing is written: the portfolio's relation is a subquery that reads the
table's own columns as the product's, exactly, and leaves out the rows that break the contract.
It is looked over once, at opening; what that finds stands in the load report.
"""

from analytics.ingest.tables.load import load_warehouse

__all__ = ["load_warehouse"]
